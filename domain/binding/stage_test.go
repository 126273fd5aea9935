package binding_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
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
	"github.com/minamori-project/minamori/domain/binding"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// stage is the rooms behind the real web layer. A session cookie is the id of
// its account; with a trailing ! its last proof of identity is long ago.
// Accounts that begin with op- are operators.
type stage struct {
	*binding.Room
	t        *testing.T
	d        *db.DB
	org      *org.Room
	now      time.Time
	dns      map[string][]string
	silent   bool
	queued   []string
	told     []string
	files    map[string]string
	handler  http.Handler
	provider string
}

func derive(purpose, id string) string {
	m := hmac.New(sha256.New, []byte("key of a test"))
	m.Write([]byte(purpose + "\x00" + id))
	return hex.EncodeToString(m.Sum(nil))
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{journal.Schema(), org.Schema(), binding.Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func newStage(t *testing.T, d *db.DB) *stage {
	t.Helper()
	s := &stage{t: t, d: d, now: time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC), dns: map[string][]string{}, files: map[string]string{}}
	clock := func() time.Time { return s.now }
	s.org = org.New(org.Config{DB: d, Now: clock, Derive: derive,
		QueueInvitation: func(context.Context, string) error { return nil },
		Accounts:        func(context.Context, []string) (map[string]org.Person, error) { return nil, nil },
	})
	s.Room = binding.New(binding.Config{
		DB: d, Now: clock, Derive: derive,
		Organisation: func(ctx context.Context, id string) (org.Organisation, error) { return s.org.ByID(ctx, org.ID(id)) },
		TXT: func(_ context.Context, name string) ([]string, error) {
			if s.silent {
				return nil, errors.New("no answer")
			}
			return s.dns[name], nil
		},
		QueueCheck:         func(_ context.Context, proof string) error { s.queued = append(s.queued, proof); return nil },
		Notify:             func(_ context.Context, org string) error { s.told = append(s.told, org); return nil },
		SpeaksForCompanies: func(issuer string) bool { return issuer != "" && issuer == s.provider },
		KeepFile: func(_ context.Context, org string, u web.Upload) (string, error) {
			r, err := u.Open()
			if err != nil {
				return "", err
			}
			defer r.Close()
			b, err := io.ReadAll(r)
			s.files[org+"/"+u.Name] = string(b)
			return u.Name, err
		},
		OpenFile: func(_ context.Context, org, blob string) (web.File, error) {
			text, ok := s.files[org+"/"+blob]
			if !ok {
				return web.File{}, problem.NotFound()
			}
			return web.File{Name: blob, Type: "application/pdf", Write: func(w io.Writer) error { _, err := io.WriteString(w, text); return err }}, nil
		},
	})
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	session := func(_ context.Context, token string) (web.Caller, error) {
		token, err := url.QueryUnescape(token) // cookies are ASCII
		if err != nil {
			return web.Caller{}, err
		}
		account, stale := strings.CutSuffix(token, "!")
		c := web.Caller{Account: account, Session: token, SteppedUp: s.now, Operator: strings.HasPrefix(account, "op-")}
		if stale {
			c.SteppedUp = s.now.Add(-time.Hour)
		}
		return c, nil
	}
	_, s.handler = web.New(web.Config{
		DB: d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: clock, Session: session, Member: s.org.Member,
		LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, id string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.T("problem."+p.Code+".title", p.Args...), Hint: ui.T("problem."+p.Code+".hint", p.Args...), RequestID: id})
		},
	}, s.Routes(), nil)
	return s
}

// company registers a company with owner "<name>-owner" and one person per role.
func (s *stage) company(name string, number org.CorporateNumber) string {
	s.t.Helper()
	p := org.Profile{Kind: org.KindCompany, Name: "株式会社" + name, CorporateNumber: number}
	if number == "" {
		p.Kind, p.TradeName = org.KindSoleProprietor, name+"商店"
	}
	o, err := s.org.Create(context.Background(), name+"-owner", p)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range []web.Role{web.Viewer, web.Member, web.Manager} {
		if err := s.org.AddMember(context.Background(), o.ID, name+"-"+r.String(), r); err != nil {
			s.t.Fatal(err)
		}
	}
	s.now = s.now.Add(time.Second)
	return string(o.ID)
}

type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (s *stage) send(r *http.Request, as string) answer {
	s.t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: url.QueryEscape(as)})
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

// upload posts a form with a file.
func (s *stage) upload(path, as, words string) answer {
	s.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_ = form.WriteField("words", words)
	part, err := form.CreateFormFile("paper", "touki.pdf")
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = io.WriteString(part, "%PDF-1.4")
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return s.send(r, as)
}

func (a answer) want(status int, parts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Errorf("status %d, want %d: %.400s", a.Code, status, a.Body.String())
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

func (s *stage) bound(id string, want bool) {
	s.t.Helper()
	var got bool
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		got, err = s.Bound(ctx, id)
		return err
	})
	if err != nil || got != want {
		s.t.Errorf("bound: %v, %v, want %v", got, err, want)
	}
}

func (s *stage) value(query string, args ...any) (v string) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		v, err = db.Value[string](ctx, query, args...)
		return err
	})
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return v
}

// checks runs what is queued.
func (s *stage) checks() {
	s.t.Helper()
	all := s.queued
	s.queued = nil
	for _, id := range all {
		if err := s.CheckDomain(context.Background(), id); err != nil {
			s.t.Fatal(err)
		}
	}
}

// byDomain binds a company by a domain, over HTTP, and returns the proof.
func (s *stage) byDomain(id, name, domain string) string {
	s.t.Helper()
	s.post("/orgs/"+id+"/binding/domains", name+"-manager", "domain", domain).want(303)
	proof := s.value("SELECT id FROM binding_proof WHERE org_id = ? AND domain = ? AND ended_at IS NULL", id, domain)
	page := s.get("/orgs/"+id+"/binding", name+"-manager").want(200, "_minamori."+domain).Body.String()
	at := strings.Index(page, "minamori=")
	if at < 0 {
		s.t.Fatal("the page shows no record")
	}
	s.dns["_minamori."+domain] = []string{"v=spf1 -all", page[at : at+len("minamori=")+32]}
	s.checks()
	s.now = s.now.Add(time.Second)
	return proof
}

// body makes a company one that vouches.
func (s *stage) body(name string) string {
	s.t.Helper()
	id := s.company(name, org.Fictional(900))
	page := s.post("/orgs/"+id+"/vouching/body-code", name+"-owner").want(303)
	_ = page
	code := s.codeOn("/orgs/"+id+"/vouching", name+"-owner")
	s.post("/operator/bodies", "op-a", "code", strings.ToLower(code)).want(303)
	return id
}

// codeOn reads the code that a page shows.
func (s *stage) codeOn(path, as string) string {
	s.t.Helper()
	_, rest, ok := strings.Cut(s.get(path, as).want(200).Body.String(), `<code translate="no">`)
	if !ok {
		s.t.Fatalf("no code on %s", path)
	}
	code, _, _ := strings.Cut(rest, "<")
	return code
}

// vouch has a body vouch for a company.
func (s *stage) vouch(body, bodyName, id, name string) {
	s.t.Helper()
	s.post("/orgs/"+id+"/binding/voucher-code", name+"-manager").want(303)
	code := s.codeOn("/orgs/"+id+"/binding", name+"-manager")
	s.post("/orgs/"+body+"/vouching/look", bodyName+"-manager", "code", code).want(200, "株式会社"+name)
	s.post("/orgs/"+body+"/vouching", bodyName+"-manager", "code", code, "reason", "会員名簿と照らした").want(303)
}
