package account_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/minamori-project/minamori/domain/account"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/journal"
)

func (s *stage) setupLink() string {
	s.t.Helper()
	link, err := s.keep.SetupLink(context.Background(), "http://localhost:8080")
	must(s.t, err)
	return strings.TrimPrefix(link, "http://localhost:8080")
}

func codeOf(link string) string {
	u, _ := url.Parse(link)
	return u.Query().Get("code")
}

var secretText = regexp.MustCompile(`<code id="app-secret">([A-Z2-7 ]+)</code>`)
var recoveryText = regexp.MustCompile(`<code>([0-9a-z]{4}(?:-[0-9a-z]{4}){3})</code>`)

// setPassword goes through the form with the app's code, as a person would.
func (b *browser) setPassword(next string) answer {
	b.s.t.Helper()
	form := b.get("/account/password?next="+url.QueryEscape(next)).want(b.s.t, 200)
	found := secretText.FindStringSubmatch(form.body)
	if found == nil {
		b.s.t.Fatal("the form shows no secret as text")
	}
	code, err := totp.GenerateCode(strings.ReplaceAll(found[1], " ", ""), b.s.now)
	must(b.s.t, err)
	return b.post("/account/password", "password", password, "code", code, "slip", form.hidden("slip"), "next", form.hidden("next"))
}

func TestSetupWithoutJavaScript(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		b, link := s.browser(), s.setupLink()
		// A mail scanner follows the link before the operator does.
		for range 2 {
			s.browser().send("HEAD", link, "", "").want(t, 200)
			b.get(link).want(t, 200, "はじめまして", "あと30分")
		}
		b.post("/setup", "code", codeOf(link), "name", "", "email", "x").want(t, 422, "f-name-e", "f-email-e")
		b.post("/setup", "code", codeOf(link), "name", "見本 さくら", "email", email).want(t, 303, "/account/ways?next=%2Forgs%2Fnew")
		s.browser().post("/setup", "code", codeOf(link), "name", "悪い 人", "email", "evil@example.jp").want(t, 410)
		b.get("/account/ways?next=%2Forgs%2Fnew").want(t, 200, "data-passkey", "/account/password?next=%2Forgs%2Fnew")
		b.setPassword("/orgs/new").want(t, 303, "/account/codes?next=%2Forgs%2Fnew")
		codes := b.post("/account/codes", "next", "/orgs/new").want(t, 200, `href="/orgs/new"`)
		if n := len(recoveryText.FindAllString(codes.body, -1)); n != 10 {
			t.Errorf("%d recovery codes", n)
		}
		if link, err := s.keep.SetupLink(context.Background(), ""); link != "" || err != nil {
			t.Errorf("a second set-up link: %q, %v", link, err)
		}
		a, err := s.keep.ListAccounts(context.Background())
		must(t, err)
		if len(a) != 1 || !a[0].Operator {
			t.Errorf("accounts %+v", a)
		}
		report, err := journal.Verify(context.Background(), s.db, nil, nil)
		must(t, err)
		if !report.OK() || report.Entries < 5 {
			t.Errorf("journal %+v", report)
		}
	})
}

func TestSetupLinkEnds(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		old := s.setupLink()
		link := s.setupLink()
		s.browser().get(old).want(t, 410)
		s.browser().get("/setup?code=x").want(t, 410)
		s.now = s.now.Add(auth.LinkFor)
		s.browser().get(link).want(t, 410)
		s.browser().post("/setup", "code", codeOf(link), "name", "見本", "email", email).want(t, 410)
		if n := s.count("SELECT COUNT(*) FROM auth_account"); n != 0 {
			t.Errorf("%d accounts", n)
		}
	})
}

// Who breaks the set-up off before there is a way to log in gets another link,
// and the same address goes on with the same account.
func TestSetupCanBeTakenUpAgain(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for range 2 {
			s.browser().post("/setup", "code", codeOf(s.setupLink()), "name", "見本", "email", email).want(t, 303)
		}
		if n := s.count("SELECT COUNT(*) FROM auth_account"); n != 1 {
			t.Errorf("%d accounts", n)
		}
	})
}

func TestAccountOnlyWithTicket(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.browser().get("/account/new").want(t, 410)
		s.browser().post("/account/new", "code", "x", "name", "悪い 人", "email", "evil@example.jp").want(t, 410)
		ticket, err := s.keep.Ticket("i1")
		must(t, err)
		s.person(email)
		b := s.browser()
		b.get(account.NewAccountURL(ticket, "/invitations/x")).want(t, 200, "/invitations/x")
		b.post("/account/new", "code", ticket, "next", "/invitations/x", "name", "見本", "email", "SAKURA@mihon.example").want(t, 422, "f-email-e")
		b.post("/account/new", "code", ticket, "next", "https://evil.example", "name", "見本 次郎", "email", "jiro@mihon.example").want(t, 303, "/account/ways?next=%2Forgs")
		s.browser().post("/account/new", "code", ticket, "name", "悪い 人", "email", "evil@example.jp").want(t, 410)
		late, err := s.keep.Ticket("i2")
		must(t, err)
		s.now = s.now.Add(auth.TicketFor)
		s.browser().get(account.NewAccountURL(late, "")).want(t, 410)
	})
}

func TestRecoveryLink(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		b := s.browser()
		b.login(email).want(t, 303)
		link, err := s.keep.RecoveryLink(context.Background(), "", email)
		must(t, err)
		fresh := s.browser()
		fresh.get(link).want(t, 200)
		fresh.get(link).want(t, 200)
		fresh.post("/recover", "code", codeOf(link)).want(t, 303, "/account/ways")
		if b.signedIn() {
			t.Error("a session outlived the recovery")
		}
		fresh.setPassword("/account").want(t, 303)
		s.browser().post("/recover", "code", codeOf(link)).want(t, 410)
		if !fresh.signedIn() {
			t.Error("the recovered session does not live")
		}
		s.now = s.now.Add(auth.OpeningFor - time.Minute)
		if fresh.signedIn() {
			t.Error("a recovered session has no idle limit")
		}
	})
}
