package mapping

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// stage is the room behind a server, beside the room of the answers, with the
// shipped packs and maps and a few small ones. A cookie's value is the account.
type stage struct {
	*Room
	t       testing.TB
	now     time.Time
	handler http.Handler
}

var roles = map[string]web.Role{"owner": web.Owner, "taro": web.Manager, "hana": web.Member, "mori": web.Viewer}

func newStage(t testing.TB, d *db.DB) *stage {
	t.Helper()
	st := &stage{t: t, now: noon}
	clock := func() time.Time { return st.now }
	p := theProps(t)
	lib, texts := p.lib, p.texts
	rooms := assess.New(assess.Config{
		DB: d, Now: clock, Packs: lib,
		Organisation: func(_ context.Context, org string) (assess.Profile, error) { return assess.Profile{Name: org}, nil },
		KeepFile:     func(context.Context, string, web.Upload) (string, string, error) { return db.NewID(), "sha", nil },
		Count:        count.New(func(purpose, id string) string { return purpose + id }, clock),
	})
	st.Room = New(Config{DB: d, Now: clock, Assess: rooms, Atlas: p.atlas, Collection: func(w io.Writer, p *assess.Pack, maps []*Map, l i18n.Lang) error {
		_, err := fmt.Fprintf(w, "%s %s:", p.ID, l)
		for _, m := range maps {
			_, _ = fmt.Fprintf(w, " %s", m.ID)
		}
		return err
	}})
	_, st.handler = web.New(web.Config{
		DB: d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: clock,
		Session: func(_ context.Context, token string) (web.Caller, error) {
			return web.Caller{Account: token, Session: "s-" + token, SteppedUp: st.now}, nil
		},
		Member: func(_ context.Context, account, org string) (web.Role, error) {
			if org != "mihon" && account != org+"-owner" {
				return web.Nobody, nil
			}
			if account == org+"-owner" {
				return web.Owner, nil
			}
			return roles[account], nil
		},
		Problem: func(p *problem.Problem, _ string) templ.Component { return ui.Plain(p.Code) },
	}, st.Routes(), nil)
	return st
}

// props are what every stage reads and none changes; reading them takes longest.
type props struct {
	lib   *assess.Library
	atlas *Atlas
	texts *i18n.Catalogue
}

var (
	onceProps sync.Once
	allProps  props
)

func theProps(t testing.TB) props {
	t.Helper()
	onceProps.Do(func() {
		lib, err := assess.LoadPacks(beside(t, content.Frameworks(),
			criteria("tri-a", "1", "2:rule", "3"), criteria("tri-b", "1", "2:rule", "3", "4"),
			packFile("tri-old", "tri-ed", "criteria", "2025-01-01", "2025-12-31", "1", "2=Two", "3", "4"),
			packFile("tri-new", "tri-ed", "criteria", "2026-01-01", "", "1", "2=Other", "3", "5")))
		if err != nil {
			t.Fatal(err)
		}
		a, err := Load(content.Mappings(), lib)
		if err != nil {
			t.Fatal(err)
		}
		a = NewAtlas(lib, append(a.Maps(), mapOf("tri-ab", "tri-a", "tri-b", "1 equal-to 1", "2 superset-of 2", "3 subset-of 3"), suggested(mapOf("tri-hint", "tri-a", "tri-b", "1 equal-to 4"))))
		texts, err := i18n.Load(content.Texts())
		if err != nil {
			t.Fatal(err)
		}
		allProps = props{lib, a, texts}
	})
	return allProps
}

// beside adds packs to a folder.
func beside(t testing.TB, folder fs.FS, files ...string) fs.FS {
	t.Helper()
	tree := fstest.MapFS{}
	names, err := fs.Glob(folder, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		tree[name] = &fstest.MapFile{Data: b}
	}
	for _, f := range files {
		id, _, _ := strings.Cut(strings.TrimPrefix(f, "id: "), "\n")
		tree[id+".yaml"] = &fstest.MapFile{Data: []byte(f)}
	}
	return tree
}

func each(t *testing.T, f func(t *testing.T, st *stage)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{journal.Schema(), count.Schema(), assess.Schema(), Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

func (st *stage) send(r *http.Request, as string) answer {
	st.t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: url.QueryEscape(as)})
	w := httptest.NewRecorder()
	st.handler.ServeHTTP(w, r)
	if body := w.Body.String(); strings.Contains(body, "⟦") {
		st.t.Errorf("%s %s lacks a text: %.80s", r.Method, r.URL.Path, body[strings.Index(body, "⟦"):])
	}
	return answer{w, st.t}
}

func (st *stage) get(as, path string) answer {
	st.t.Helper()
	return st.send(httptest.NewRequest(http.MethodGet, path, nil), as)
}

func (st *stage) post(as, path string, pairs ...string) answer {
	st.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return st.send(r, as)
}

func (a answer) want(status int, parts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("status %d, want %d: %.400s", a.Code, status, a.Body.String())
	}
	for _, p := range parts {
		if !strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page does not say %q: %.3000s", p, a.Body.String())
		}
	}
	return a
}

func (a answer) wantNot(parts ...string) answer {
	a.t.Helper()
	for _, p := range parts {
		if strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page says %q", p)
		}
	}
	return a
}

// json reads the JSON face of a page.
func (st *stage) json(as, path string, into any) {
	st.t.Helper()
	a := st.get(as, "/api/v1"+path).want(http.StatusOK)
	if err := json.Unmarshal(a.Body.Bytes(), into); err != nil {
		st.t.Fatal(err)
	}
}

// preview is the lines of a pack, by item.
func (st *stage) preview(as, pack string) map[string]LineView {
	st.t.Helper()
	var v PackView
	st.json(as, "/orgs/mihon/mapped/"+pack, &v)
	all := map[string]LineView{}
	for _, l := range v.Lines {
		all[l.Item] = l
	}
	return all
}

// say answers "tri-a/1=met".
func (st *stage) say(all ...string) {
	st.t.Helper()
	for _, a := range all {
		at, choice, _ := strings.Cut(a, "=")
		pack, item, _ := strings.Cut(at, "/")
		in := assess.AnswerInput{Org: "mihon", Pack: pack, Item: item, Choice: choice, Actor: "hana", Memo: "めも" + item}
		if choice == assess.NotApplicable {
			in.Reason = "ありません"
		}
		in.Revision = st.answer(pack, item).Revision
		if _, err := st.Assess.Answer(context.Background(), in); err != nil {
			st.t.Fatalf("%s: %v", a, err)
		}
	}
}

// prove adds a statement as evidence and returns its id.
func (st *stage) prove(pack, item, form, sensitivity string) string {
	st.t.Helper()
	e, err := st.Assess.AddEvidence(context.Background(), assess.EvidenceInput{
		Org: "mihon", Actor: "hana", At: assess.Place{Pack: pack, Item: item}, Form: form, Note: "裏付け" + item + sensitivity, Sensitivity: sensitivity,
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return e.ID
}

func (st *stage) answer(pack, item string) (a assess.Answer) {
	st.t.Helper()
	return st.standing(pack, item).Answer
}

func (st *stage) standing(pack, item string) (s assess.ItemStand) {
	st.t.Helper()
	err := st.DB.Read(context.Background(), func(ctx context.Context) error {
		all, err := st.Assess.Standing(ctx, "mihon", pack)
		s = byItem(all)[item]
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return s
}

func (st *stage) value(query string, args ...any) (n int) {
	st.t.Helper()
	err := st.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, query, args...)
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return n
}
