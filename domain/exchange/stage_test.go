package exchange_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

const (
	star3   = "scs-star3-2026"
	pack25  = "self-diagnosis-25"
	company = "mihon"
	other   = "yoso"
	here    = "/orgs/" + company + "/exchange"
)

// stage is the rooms behind the real web layer. A session cookie is the id of its
// account, which is the name of its role.
type stage struct {
	*exchange.Room
	t       testing.TB
	d       *db.DB
	now     time.Time
	assess  *assess.Room
	jobs    *job.Queue
	handler http.Handler
	texts   *i18n.Catalogue
}

func schemas() []db.Schema {
	return []db.Schema{journal.Schema(), blob.Schema(), job.Schema(), assess.Schema(), exchange.Schema()}
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func newStage(t testing.TB, d *db.DB) *stage {
	t.Helper()
	packs, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, d: d, now: time.Date(2026, 10, 14, 2, 42, 0, 0, time.UTC)}
	if s.texts, err = i18n.Load(content.Texts()); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return s.now }
	files, err := blob.New(d, filepath.Join(t.TempDir(), "files"), clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Migrate(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	if s.jobs, err = job.New(d, slog.New(slog.DiscardHandler), job.Options{Poll: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	people := func(_ context.Context, ids []string) (map[string]string, error) {
		all := map[string]string{}
		for _, id := range ids {
			all[id] = "人:" + id
		}
		return all, nil
	}
	s.assess = assess.New(assess.Config{
		DB: d, Now: clock, Packs: packs, People: people,
		Organisation: func(_ context.Context, org string) (assess.Profile, error) {
			return assess.Profile{Name: "株式会社" + org}, nil
		},
	})
	s.Room = exchange.New(exchange.Config{
		DB: d, Now: clock, Assess: s.assess, Texts: s.texts, Files: files, Jobs: s.jobs, People: people,
		Company: func(_ context.Context, org string) (exchange.Company, error) {
			return exchange.Company{ID: org, Name: "株式会社" + org, Number: "4999900001234"}, nil
		},
		Mine: func(_ context.Context, account string) ([]exchange.Company, error) {
			if account == "stranger" {
				return nil, nil
			}
			return []exchange.Company{{ID: company, Name: "株式会社" + company, Number: "4999900001234"}}, nil
		},
	})
	if err := job.Handle(s.jobs, job.Spec{}, s.MakeTakeout); err != nil {
		t.Fatal(err)
	}
	s.handler = s.front(clock)
	return s
}

func (s *stage) front(clock func() time.Time) http.Handler {
	_, h := web.New(web.Config{
		DB: s.d, Texts: s.texts, Log: slog.New(slog.DiscardHandler), Now: clock,
		Session: func(_ context.Context, token string) (web.Caller, error) {
			return web.Caller{Account: token, Session: "s-" + token, SteppedUp: s.now, Operator: token == "operator"}, nil
		},
		Member: func(_ context.Context, account, org string) (web.Role, error) {
			if org == other {
				if account == "foreign" {
					return web.Owner, nil
				}
				return web.Nobody, nil
			}
			switch account {
			case "owner", "manager", "member", "viewer":
				return web.RoleNamed(account), nil
			}
			return web.Nobody, nil
		},
		LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, _ string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.T("problem."+p.Code+".title", p.Args...), Hint: ui.T("problem."+p.Code+".hint", p.Args...)})
		},
	}, s.Routes(), nil)
	return h
}

type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

func (s *stage) send(r *http.Request, as string) answer {
	s.t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: as})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if body := w.Body.String(); strings.Contains(body, "⟦") {
		s.t.Errorf("%s %s lacks a text: %.80s", r.Method, r.URL.Path, body[strings.Index(body, "⟦"):])
	}
	return answer{w, s.t}
}

func (s *stage) get(path, as string) answer {
	s.t.Helper()
	return s.send(httptest.NewRequest(http.MethodGet, path, nil), as)
}

func (s *stage) post(path, as string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r, as)
}

// upload sends a file in the field, and pairs of names and values.
func (s *stage) upload(path, as, field, name string, data []byte, pairs ...string) answer {
	s.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1])
	}
	f, _ := w.CreateFormFile(field, name)
	_, _ = f.Write(data)
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.send(r, as)
}

func (a answer) want(status int, parts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("status %d, want %d: %.600s", a.Code, status, a.Body.String())
	}
	for _, p := range parts {
		if !strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the answer does not say %q: %.3000s", p, a.Body.String())
		}
	}
	return a
}

// to is where the browser is sent.
func (a answer) to() string {
	a.t.Helper()
	a.want(http.StatusSeeOther)
	return a.Header().Get("Location")
}

func (s *stage) answers(org, pack string) (all map[string]assess.Answer) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = s.assess.Answers(ctx, org, pack)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// say answers an item as somebody.
func (s *stage) say(org, pack, as, item, choice, memo string) {
	s.t.Helper()
	s.now = s.now.Add(time.Minute)
	in := assess.AnswerInput{Org: org, Pack: pack, Item: item, Choice: choice, Memo: memo, Actor: as, Revision: s.answers(org, pack)[item].Revision}
	if choice == assess.NotApplicable {
		in.Reason = "機械がない"
	}
	if _, err := s.assess.Answer(context.Background(), in); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) file(f web.File, err error) []byte {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

// edit changes a spreadsheet.
func edit(t testing.TB, data []byte, f func(f *excelize.File)) []byte {
	t.Helper()
	x, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	f(x)
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func uploaded(name string, data []byte) web.Upload {
	return web.Upload{Name: name, Size: int64(len(data)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

func (s *stage) verbs(org string) string {
	s.t.Helper()
	var all []string
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = db.Rows(ctx, func(v *string) []any { return []any{v} }, "SELECT verb FROM journal_entry WHERE org_id = ? ORDER BY seq", org)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// in gives a context with Japanese texts, inside a snapshot.
func (s *stage) in(f func(ctx context.Context)) {
	s.t.Helper()
	ctx := i18n.Into(context.Background(), s.texts.In(i18n.JA))
	if err := s.d.Read(ctx, func(ctx context.Context) error { f(ctx); return nil }); err != nil {
		s.t.Fatal(err)
	}
}
