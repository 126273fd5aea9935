package assess

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

const (
	pack25   = "self-diagnosis-25"
	pledge6  = "security-action-articles-6"
	pledge5  = "security-action-articles-5"
	here     = "/orgs/mihon/frameworks/" + pack25
	question = here + "/items/"
)

// stage is the room behind a server. A cookie's value is the account it logs in.
type stage struct {
	*Room
	t       testing.TB
	now     time.Time
	handler http.Handler
	files   map[string][]byte
	log     bytes.Buffer      // of the last request
	groups  map[string]string // industry by organisation
	mayNot  string            // prefix of organisations of which it is not known who speaks for them
}

var roles = map[string]web.Role{"owner": web.Owner, "hana": web.Member, "taro": web.Manager, "mori": web.Viewer}

func schemas() []db.Schema { return []db.Schema{journal.Schema(), count.Schema(), Schema()} }

func newStage(t testing.TB, d *db.DB) *stage {
	t.Helper()
	lib, err := LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, now: time.Date(2026, 10, 14, 2, 42, 0, 0, time.UTC), files: map[string][]byte{}, groups: map[string]string{}}
	clock := func() time.Time { return st.now }
	st.Room = New(Config{
		DB: d, Now: clock, Packs: lib,
		Organisation: func(_ context.Context, org string) (Profile, error) {
			industry := st.groups[org]
			if industry == "" {
				industry = "E"
			}
			return Profile{Name: "株式会社" + org, Number: "4999900001234", Industry: industry, SizeClass: "small", Prefecture: "27"}, nil
		},
		People: func(_ context.Context, ids []string) (map[string]string, error) {
			all := map[string]string{}
			for _, id := range ids {
				all[id] = "人:" + id
			}
			return all, nil
		},
		Count: count.New(func(purpose, id string) string { return "key" + purpose + id }, clock),
		MayCount: func(_ context.Context, orgs []string) (map[string]bool, error) {
			may := map[string]bool{}
			for _, o := range orgs {
				may[o] = st.mayNot == "" || !strings.HasPrefix(o, st.mayNot)
			}
			return may, nil
		},
		Colleagues: func(_ context.Context, org string) ([]Colleague, error) {
			return []Colleague{{"hana", "人:hana"}, {"taro", "人:taro"}}, nil
		},
		KeepFile: st.keepFile, OpenFile: st.openFile,
		DropFile: func(_ context.Context, _, blob string) error {
			delete(st.files, blob)
			return nil
		},
	})
	_, st.handler = web.New(web.Config{
		DB: d, Texts: texts, Log: slog.New(slog.NewJSONHandler(&st.log, nil)), Now: clock,
		Session: func(ctx context.Context, token string) (web.Caller, error) {
			return web.Caller{Account: token, Session: "s-" + token, SteppedUp: st.now}, nil
		},
		Member: func(_ context.Context, account, org string) (web.Role, error) {
			if account == "stranger" {
				return web.Nobody, nil
			}
			return roles[account], nil
		},
		Problem: func(p *problem.Problem, _ string) templ.Component { return ui.Plain(p.Code) },
	}, st.Routes(), nil)
	return st
}

func (st *stage) keepFile(_ context.Context, org string, u web.Upload) (string, string, error) {
	r, err := u.Open()
	if err != nil {
		return "", "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if strings.HasPrefix(string(b), "MZ") {
		return "", "", problem.New(http.StatusTooManyRequests, "too-many") // any problem that names no field
	}
	id := org + "/" + db.NewID()
	st.files[id] = b
	return id, "sha", err
}

func (st *stage) openFile(_ context.Context, org, blob string) (web.File, error) {
	if !strings.HasPrefix(blob, org+"/") {
		return web.File{}, problem.NotFound()
	}
	return web.File{Type: "application/octet-stream", Write: func(w io.Writer) error {
		_, err := w.Write(st.files[blob])
		return err
	}}, nil
}

// answer is what came back, and how many statements it took.
type answer struct {
	*httptest.ResponseRecorder
	queries int
}

func (a answer) body() string { return a.Body.String() }

func (st *stage) do(as, lang string, r *http.Request) answer {
	r.Host = "localhost"
	r.RemoteAddr = "127.0.0.1:5000"
	r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: as})
	r.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: lang})
	w := httptest.NewRecorder()
	st.log.Reset()
	st.handler.ServeHTTP(w, r)
	var line struct{ Queries int }
	_ = json.NewDecoder(&st.log).Decode(&line) // a problem is logged in a line of its own before
	return answer{w, line.Queries}
}

func (st *stage) get(as, path string) answer {
	return st.do(as, "ja", httptest.NewRequest("GET", path, nil))
}

func (st *stage) post(as, path string, form ...string) answer {
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return st.do(as, "ja", r)
}

func (st *stage) upload(as, path, name string, data []byte, form ...string) answer {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(form); i += 2 {
		_ = w.WriteField(form[i], form[i+1])
	}
	f, _ := w.CreateFormFile("evidence", name)
	_, _ = f.Write(data)
	_ = w.Close()
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return st.do(as, "ja", r)
}

func (st *stage) want(a answer, status int) answer {
	st.t.Helper()
	if a.Code != status {
		st.t.Fatalf("status %d, want %d: %.300s", a.Code, status, a.body())
	}
	return a
}

// fill answers all items of the 25 for a company, the choice for item i being
// choices[i % len(choices)].
func (st *stage) fill(org, as string, choices ...string) {
	st.t.Helper()
	for i, x := range st.Packs.ByID(pack25).Items {
		a := st.post(as, "/orgs/"+org+"/frameworks/"+pack25+"/items/"+x.ID, "answer", choices[i%len(choices)], "revision", fmt.Sprint(st.revision(org, x.ID)))
		st.want(a, http.StatusSeeOther)
	}
}

func (st *stage) revision(org, item string) (n int) {
	st.t.Helper()
	err := st.DB.Read(context.Background(), func(ctx context.Context) error {
		all, err := answersOf(ctx, org, pack25)
		n = all[item].Revision
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return n
}

func each(t *testing.T, f func(t *testing.T, st *stage)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}
