package desk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// stage is the room over real organisations, behind a server. A cookie's value is
// the account that it logs in.
type stage struct {
	*Room
	t        *testing.T
	clock    time.Time
	handler  http.Handler
	progress map[string]assess.Progress
	emptied  []string
	mails    []string
	letters  []string // what binding was told
	log      strings.Builder

	chamber, other org.ID // two operating organisations
	north, south   string // circles of the chamber
	far            string // a circle of the other
}

func onStage(t *testing.T, f func(t *testing.T, s *stage)) {
	dbtest.Each(t, []db.Schema{journal.Schema(), org.Schema(), Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func newStage(t *testing.T, d *db.DB) *stage {
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, clock: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), progress: map[string]assess.Progress{}}
	now := func() time.Time { return s.clock }
	mac := func(purpose, text string) []byte {
		m := hmac.New(sha256.New, []byte("key of the test "+purpose))
		m.Write([]byte(text))
		return m.Sum(nil)
	}
	derive := func(purpose, id string) string { return hex.EncodeToString(mac(purpose, id)) }
	orgs := org.New(org.Config{
		DB: d, Now: now, Derive: derive, QueueInvitation: func(context.Context, string) error { return nil },
		Accounts: func(context.Context, []string) (map[string]org.Person, error) { return nil, nil },
	})
	s.Room = New(Config{
		DB: d, Now: now, Org: orgs, Texts: texts, PublicURL: "https://minamori.example", Derive: derive,
		Hash:          func(secret string) []byte { return mac("hash", secret) },
		NewAccountURL: func(next string) (string, error) { return "/account/new?next=" + url.QueryEscape(next), nil },
		People: func(_ context.Context, ids []string) (map[string]string, error) {
			all := map[string]string{}
			for _, id := range ids {
				all[id] = "人:" + id
			}
			return all, nil
		},
		Progress: func(_ context.Context, ids []string) (map[string]assess.Progress, error) {
			all := map[string]assess.Progress{}
			for _, id := range ids {
				p := s.progress[id]
				p.Pack, p.Total = "ipa", 25
				all[id] = p
			}
			return all, nil
		},
		StartEmpty: func(_ context.Context, id string) error { s.emptied = append(s.emptied, id); return nil },
		ByLetter: func(_ context.Context, company, body string, _ time.Time) error {
			s.letters = append(s.letters, company+"/"+body)
			return nil
		},
		QueueReminder: func(_ context.Context, id string) error { s.mails = append(s.mails, id); return nil },
	})
	s.web(d, texts)
	s.orgs()
	return s
}

func (s *stage) web(d *db.DB, texts *i18n.Catalogue) {
	_, s.handler = web.New(web.Config{
		DB: d, Texts: texts, Log: slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: s.Now,
		Session: func(_ context.Context, token string) (web.Caller, error) {
			return web.Caller{Account: token, Name: "人:" + token, Session: "s", SteppedUp: s.clock}, nil
		},
		Member:    s.Org.Member,
		LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, _ string) templ.Component { return ui.Plain("problem " + p.Code) },
	}, s.Routes(), nil)
}

// orgs makes a chamber with two circles and staff, and another desk.
func (s *stage) orgs() {
	ctx := context.Background()
	make := func(owner, name string) org.ID {
		o, err := s.Org.Create(ctx, owner, org.Profile{Kind: org.KindOther, Name: name})
		s.must(err)
		return o.ID
	}
	s.chamber, s.other = make("chief", "見本商工会議所（架空）"), make("stranger", "遠方商工会（架空）")
	s.must(s.Org.AddMember(ctx, s.chamber, "clerk", web.Member))
	s.must(s.Org.AddMember(ctx, s.chamber, "reader", web.Viewer))
	circle := func(id org.ID, name string) string {
		c, err := s.Org.CreateCircle(ctx, id, org.CircleRegion, name)
		s.must(err)
		return c.ID
	}
	s.north, s.south, s.far = circle(s.chamber, "北グループ"), circle(s.chamber, "南グループ"), circle(s.other, "遠いグループ")
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) desk() DeskIn { return DeskIn{s.chamber, s.north} }

// case adds a case to the northern circle.
func (s *stage) add(d CaseData) CaseIn {
	s.t.Helper()
	c, err := s.AddCase(context.Background(), s.chamber, s.north, d)
	s.must(err)
	return c.in()
}

// letter makes a letter and returns its number and code, as printed.
func (s *stage) letter(in CaseIn) (number, code string) {
	s.t.Helper()
	l, err := s.MakeLetter(context.Background(), in)
	s.must(err)
	return l.Number, s.code(l.ID)
}

// claimed claims a case for an account and returns its company.
func (s *stage) claimed(in CaseIn, account string, form url.Values) org.ID {
	s.t.Helper()
	number, code := s.letter(in)
	if form == nil {
		form = url.Values{}
	}
	form.Set("number", number)
	form.Set("code", code)
	w := s.post("/claim", account, form)
	if w.Code != http.StatusSeeOther {
		s.t.Fatalf("claim: %d %s", w.Code, w.Body)
	}
	return s.stored(in).Company
}

func (s *stage) stored(in CaseIn) (c Case) {
	s.t.Helper()
	s.must(s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		c, err = s.caseOf(ctx, in.Org, in.Circle, in.Case)
		return err
	}))
	return c
}

func (s *stage) do(method, path, account, kind, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	req := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	req.RemoteAddr = "127.0.0.1:1"
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if account != "" {
		req.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: account})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	return w
}

func (s *stage) get(path, account string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.do(http.MethodGet, path, account, "", "")
}

func (s *stage) post(path, account string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.do(http.MethodPost, path, account, "application/x-www-form-urlencoded", form.Encode())
}

func (s *stage) want(w *httptest.ResponseRecorder, code int, has ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	if w.Code != code {
		s.t.Fatalf("answers %d, want %d: %.600s", w.Code, code, w.Body)
	}
	for _, h := range has {
		if !strings.Contains(w.Body.String(), h) {
			s.t.Errorf("%q is missing in %.3000s", h, w.Body)
		}
	}
	return w
}
