package recovery

import (
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/limit"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// stage is the room behind a server. A cookie's value is the account that it logs
// in; accounts that begin with op are operators.
type stage struct {
	*world
	handler http.Handler
	log     strings.Builder
	speaks  map[string][]string
}

// onStage is a company of ann, with max as its manager and vic who sees.
func onStage(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{journal.Schema(), org.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		texts, err := i18n.Load(content.Texts())
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, at: time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC)}
		s := &stage{world: w, speaks: map[string][]string{}}
		now := func() time.Time { return w.at }
		rooms := org.New(org.Config{DB: d, Now: now, Accounts: func(context.Context, []string) (map[string]org.Person, error) { return nil, nil }})
		w.Room = New(Config{
			DB: d, Now: now, Org: rooms, Random: rand.Text, Texts: texts, PublicURL: "https://minamori.example", Limits: limit.InProcess(now),
			Tell:          func(_ context.Context, _ org.ID, _ string, accounts []string) error { w.told = accounts; return nil },
			NewAccountURL: func(next string) (string, error) { return "/account/new?next=" + url.QueryEscape(next), nil },
			People: func(_ context.Context, ids []string) (map[string]string, error) {
				all := map[string]string{}
				for _, id := range ids {
					all[id] = "人:" + id
				}
				return all, nil
			},
			SpeaksFor: func(_ context.Context, account string) ([]string, error) { return s.speaks[account], nil },
		})
		o, err := rooms.Create(context.Background(), "ann", org.Profile{Kind: org.KindCompany, Name: "見本工業（架空）", CorporateNumber: org.Fictional(1)})
		w.ok(err)
		w.id = o.ID
		w.ok(rooms.AddMember(context.Background(), o.ID, "max", web.Manager))
		_, s.handler = web.New(web.Config{
			DB: d, Texts: texts, Log: slog.New(slog.NewTextHandler(&s.log, nil)), Now: now,
			Session: func(_ context.Context, token string) (web.Caller, error) {
				return web.Caller{Account: token, Name: "人:" + token, Session: "s", SteppedUp: w.at, Operator: strings.HasPrefix(token, "op")}, nil
			},
			Member: rooms.Member, LoginPath: "/login", StepUpPath: "/step-up",
			Problem: func(p *problem.Problem, _ string) templ.Component { return ui.Plain("problem " + p.Code) },
		}, s.Routes(), nil)
		f(t, s)
	})
}

func (s *stage) do(method, path, account string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(form.Encode()))
	r.RemoteAddr = "127.0.0.1:1"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if account != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: account})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// want does a request and holds its status; it returns the page, or where it leads.
func (s *stage) want(code int, method, path, account string, pairs ...string) string {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	w := s.do(method, path, account, form)
	if w.Code != code {
		s.t.Fatalf("%s %s as %q: %d, want %d\n%s\n%s", method, path, account, w.Code, code, w.Body, s.log.String())
	}
	if to := w.Header().Get("Location"); to != "" {
		return to
	}
	return w.Body.String()
}

func (s *stage) says(page, text string) {
	s.t.Helper()
	if !strings.Contains(page, text) {
		s.t.Errorf("the page does not say %q:\n%s", text, page)
	}
}

var shownCode = regexp.MustCompile(`<code id="sealed-code">([A-Z2-7-]+)</code>`)

// The way of a sealed code through the pages: made, printed, and used by somebody
// who has no account yet.
func TestSealedCodeThroughThePages(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		home := "/orgs/" + string(s.id) + "/recovery"
		s.want(403, "POST", home+"/code", "max")
		made := shownCode.FindStringSubmatch(s.want(200, "POST", home+"/code", "ann"))
		if made == nil {
			t.Fatal("no code is shown")
		}
		if page := s.want(200, "GET", home, "ann"); strings.Contains(page, made[1]) {
			t.Error("the code is shown twice")
		}
		if sheet := s.want(200, "POST", home+"/sheet", "ann", "code", made[1]); !strings.HasPrefix(sheet, "%PDF-") {
			t.Error("no sheet to print")
		}
		s.want(404, "POST", home+"/sheet", "ann", "code", "AAAA-AAAA-AAAA-AAAA-AAAA")
		s.want(422, "POST", "/recovery/sealed", "", "code", "AAAA")
		door := html.UnescapeString(s.want(200, "POST", "/recovery/sealed", "", "code", made[1]))
		if strings.Contains(door, made[1]) {
			t.Error("the code goes through addresses")
		}
		back := regexp.MustCompile(`/account/new\?next=([^"]+)`).FindStringSubmatch(door)
		if back == nil {
			t.Fatalf("no way to an account: %s", door)
		}
		take, err := url.QueryUnescape(back[1])
		s.ok(err)
		s.says(s.want(200, "GET", take, "eve"), "見本工業（架空）")
		slip := strings.TrimPrefix(take, "/recovery/take?slip=")
		s.want(404, "POST", "/recovery/take", "eve", "slip", "AAAA")
		if to := s.want(303, "POST", "/recovery/take", "eve", "slip", slip); to != "/orgs/"+string(s.id) || s.role("eve") != web.Owner {
			t.Errorf("led to %s as %s", to, s.role("eve"))
		}
		s.want(404, "POST", "/recovery/take", "bob", "slip", slip)
		s.undoneByHerWhoWasThere()
	})
}

func (s *stage) undoneByHerWhoWasThere() {
	s.t.Helper()
	s.ok(s.Org.Remove(context.Background(), s.id, web.Owner, "ann"))
	one := s.caseOf("eve")
	s.want(404, "GET", one, "bob")
	s.want(404, "POST", one+"/undo", "max")
	s.says(s.want(200, "GET", one, "ann"), "取り消す")
	s.want(303, "POST", one+"/undo", "ann")
	if s.role("eve") != web.Nobody || s.role("ann") != web.Owner {
		s.t.Errorf("eve %s, ann %s", s.role("eve"), s.role("ann"))
	}
}

// A slip works for an hour.
func TestSlipEnds(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		code, err := s.MakeCode(context.Background(), s.id, "ann")
		s.ok(err)
		take := s.want(303, "POST", "/recovery/sealed", "eve", "code", code)
		s.at = s.at.Add(slipFor + time.Minute)
		s.want(404, "GET", take, "eve")
		s.want(404, "POST", "/recovery/take", "eve", "slip", strings.TrimPrefix(take, "/recovery/take?slip="))
	})
}

func (s *stage) caseOf(account string) string {
	s.t.Helper()
	var id string
	s.ok(s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		id, err = db.Value[string](ctx, "SELECT MAX(id) FROM recovery_case WHERE account = ?", account)
		return err
	}))
	return casePath(id)
}

var unlike = regexp.MustCompile(`(?s)\d{13}|[0-9A-Za-z]{20,}|\d{4}年`)

// A stranger gets the same pages for a number that is here and for one that is not.
func TestStrangerLearnsNothingOfANumber(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		var pages []string
		for _, number := range []string{string(org.Fictional(1)), string(org.Fictional(999))} {
			door := s.want(200, "POST", "/recovery/ask", "", "number", number)
			one := s.want(303, "POST", "/recovery/ask", "eve", "number", number)
			pages = append(pages, unlike.ReplaceAllString(door+s.want(200, "GET", one, "eve")+s.want(422, "POST", one+"/prove", "eve", "code", "AAAA"), ""))
		}
		if pages[0] != pages[1] {
			t.Errorf("the pages differ:\n%s\n%s", pages[0], pages[1])
		}
		for range 20 {
			s.do("POST", "/recovery/ask", "", url.Values{"number": {"1"}})
		}
		s.want(429, "POST", "/recovery/ask", "", "number", "1")
	})
}

// The way of a letter: asked, printed by an operator, proved, and stopped by the
// owner who was there all the time; sharing is paused meanwhile (threats T22).
func TestTakeoverByLetterIsStoppedOnOnePage(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.want(303, "POST", "/recovery/ask", "eve", "number", "９９９９")
		one := s.want(303, "POST", "/recovery/ask", "eve", "number", " "+string(org.Fictional(1))[:4]+"-"+string(org.Fictional(1))[4:]+" ")
		s.want(404, "GET", one, "ann") // nothing has happened yet
		code := s.printed(one)
		s.want(422, "POST", one+"/prove", "eve", "code", "AAAA")
		s.want(303, "POST", one+"/prove", "eve", "code", code)
		if !s.paused() || fmt.Sprint(s.told) != "[ann max]" {
			t.Errorf("paused %v, told %v", s.paused(), s.told)
		}
		s.says(s.want(200, "GET", one, "max"), "すぐに伝えてください")
		s.want(404, "GET", one, "bob")
		for _, other := range []string{"max", "bob", "eve"} {
			s.want(404, "POST", one+"/stop", other)
		}
		s.says(s.want(200, "GET", "/orgs/"+string(s.id)+"/recovery", "ann"), one+"/stop")
		s.want(303, "POST", one+"/stop", "ann")
		s.days(30)
		if s.role("eve") != web.Nobody || s.paused() {
			t.Errorf("eve %s, paused %v", s.role("eve"), s.paused())
		}
	})
}

// printed has an operator print the letter; the code is made anew for the test,
// since it stands in the PDF alone.
func (s *stage) printed(one string) string {
	s.t.Helper()
	id := strings.TrimPrefix(one, "/recovery/cases/")
	at := "/operator/recoveries/" + id
	s.want(404, "GET", at, "eve")
	s.want(422, "POST", at+"/letter", "op1", "addressee", "", "address", "")
	letter := s.want(200, "POST", at+"/letter", "op1", "addressee", "見本工業（架空）", "address", "〒100-0000\n架空県見本市1-2-3　とても長い名前の建物の十二階　その奥の奥の部屋")
	if !strings.HasPrefix(letter, "%PDF-") {
		s.t.Fatal("no letter")
	}
	code, err := s.Letter(context.Background(), id, "op1")
	s.ok(err)
	s.want(303, "POST", at+"/sent", "op1")
	s.says(s.want(200, "GET", one, "eve"), "手紙を出した日")
	if page := s.want(200, "GET", at, "op1") + s.want(200, "GET", "/operator/recoveries", "op1"); strings.Contains(page, "見本工業") {
		s.t.Error("operators are shown the company")
	}
	return code
}

// gBizID stands in for the letter; the days and the operators stay.
func TestIdentityStandsInForTheLetter(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		number := string(org.Fictional(1))
		s.want(404, "POST", "/recovery/identity", "new", "number", number)
		s.speaks["new"] = []string{number}
		s.says(s.want(200, "GET", "/recovery", "new"), "GビズID")
		one := s.want(303, "POST", "/recovery/identity", "new", "number", number)
		if !s.paused() || len(s.told) != 2 {
			t.Errorf("paused %v, told %v", s.paused(), s.told)
		}
		id := strings.TrimPrefix(one, "/recovery/cases/")
		s.want(303, "POST", "/operator/recoveries/"+id+"/approve", "op1")
		s.want(303, "POST", "/operator/recoveries/"+id+"/approve", "op1")
		s.days(20)
		if s.role("new") != web.Nobody {
			t.Fatal("one operator was enough")
		}
		s.want(303, "POST", "/operator/recoveries/"+id+"/approve", "op2")
		s.ok(s.Tick(context.Background()))
		if s.role("new") != web.Owner || s.paused() {
			t.Errorf("new %s, paused %v", s.role("new"), s.paused())
		}
		s.speaks["op3"] = []string{string(org.Fictional(2))}
		lost := s.want(303, "POST", "/recovery/identity", "op3", "number", string(org.Fictional(2)))
		s.says(s.want(200, "GET", lost, "op3"), "手紙の番号")
		s.want(404, "POST", "/operator/recoveries/"+strings.TrimPrefix(lost, "/recovery/cases/")+"/letter", "op3", "addressee", "甲", "address", "乙")
	})
}

// The home asks for a second owner or a sealed code until there is one.
func TestHomeAsksUntilPrepared(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		if n := s.prompts("ann"); n != 1 {
			t.Errorf("the only owner reads %d notices", n)
		}
		if n := s.prompts("max"); n != 0 {
			t.Errorf("a manager reads %d notices", n)
		}
		_, err := s.MakeCode(context.Background(), s.id, "ann")
		s.ok(err)
		if s.prompts("ann") != 0 {
			t.Error("still asked with a code")
		}
		s.proved("eve")
		if s.prompts("ann") != 1 || s.prompts("max") != 1 {
			t.Error("the home does not say that somebody asks to become the owner")
		}
	})
}

// prompts is how many notices the home shows to somebody.
func (s *stage) prompts(account string) (n int) {
	s.t.Helper()
	_, handler := web.New(web.Config{
		DB: s.DB, Log: slog.New(slog.DiscardHandler), Now: s.Now, Member: s.Org.Member,
		Session: func(context.Context, string) (web.Caller, error) {
			return web.Caller{Account: account, Session: "s"}, nil
		},
	}, []web.Route{web.Get("/orgs/{org}/home", web.Viewer, "Count the notices.", func(ctx context.Context, in OrgIn) (OrgIn, error) {
		all, err := s.Notices(ctx, in.Org)
		n = len(all)
		return in, err
	}, func(OrgIn) templ.Component { return ui.Plain("") })}, nil)
	r := httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/orgs/"+string(s.id)+"/home", nil)
	r.RemoteAddr = "127.0.0.1:1"
	r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: account})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return n
}
