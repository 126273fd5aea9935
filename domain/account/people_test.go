package account_test

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

const info = "info@mihon.example"

// sharer is somebody at the shared address with a password and an app of his own.
func (s *stage) sharer(name, password, secret string) string {
	s.t.Helper()
	ctx := context.Background()
	a, err := s.keep.CreateAccount(ctx, auth.Person{Name: name, Email: info}, false)
	must(s.t, err)
	must(s.t, s.keep.AddPassword(ctx, a.ID, password, secret))
	return a.ID
}

func (s *stage) codeOf(secret string) string {
	c, err := totp.GenerateCode(secret, s.now)
	must(s.t, err)
	return c
}

const secret2 = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"

func TestOneAddressForSeveral(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.sharer("見本 一郎", "いちろうの合言葉8", secret)
		s.sharer("見本 二郎", "じろうの合言葉99", secret2)
		codes, err := s.keep.NewRecoveryCodes(context.Background(), s.sharer("見本 三郎", "さぶろうの合言葉7", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"))
		must(t, err)
		for name, c := range map[string]struct{ password, code, who string }{
			"first":                 {"いちろうの合言葉8", s.codeOf(secret), "見本 一郎"},
			"second":                {"じろうの合言葉99", s.codeOf(secret2), "見本 二郎"},
			"third by paper":        {"さぶろうの合言葉7", codes[0], "見本 三郎"},
			"one's password":        {"いちろうの合言葉8", s.codeOf(secret2), ""},
			"the other's":           {"じろうの合言葉99", s.codeOf(secret), ""},
			"no code":               {"いちろうの合言葉8", "", ""},
			"paper, wrong password": {"いちろうの合言葉8", codes[1], ""},
		} {
			b := s.browser()
			b.addr = "127.0.1." + strconv.Itoa(len(name)) + ":5000" // nobody is slowed down here
			a := b.post("/login", "email", info, "password", c.password, "code", c.code)
			if c.who == "" {
				a.want(t, 422, "ログインできませんでした")
				continue
			}
			a.want(t, 303)
			b.get("/account").want(t, 200, c.who)
		}
	})
}

// Who shares an address with others gets no more guesses at a code.
func TestSharingGivesNoMoreGuesses(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.sharer("見本 一郎", "いちろうの合言葉8", secret)
		s.sharer("見本 二郎", "じろうの合言葉99", secret2)
		for i := range 60 { // from many networks
			b := s.browser()
			b.addr = "127.1." + strconv.Itoa(i) + ".1:5000"
			b.post("/login", "email", info, "password", "いちろうの合言葉8", "code", "000000").want(t, 422)
		}
		s.browser().post("/login", "email", info, "password", "いちろうの合言葉8", "code", s.codeOf(secret)).want(t, 422)
		s.browser().post("/login", "email", info, "password", "じろうの合言葉99", "code", s.codeOf(secret2)).want(t, 303)
	})
}

func TestSharedAddressIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.sharer("見本 一郎", "いちろうの合言葉8", secret)
		open := func(name string, more ...string) answer {
			ticket, err := s.keep.Ticket("i-" + name)
			must(t, err)
			return s.browser().post("/account/new", append([]string{"code", ticket, "name", name, "email", "Info@MIHON.example"}, more...)...)
		}
		open("二郎").want(t, 422, "すでに登録されています", `name="shared"`)
		for i := range auth.MaxAtAddress - 1 {
			open("人"+strconv.Itoa(i), "shared", "on").want(t, 303)
		}
		open("多い", "shared", "on").want(t, 422, "すでに10人")
		_, err := s.keep.RecoveryLink(context.Background(), "http://localhost", info)
		if !problem.Is(err, "shared-address") || !strings.Contains(err.Error(), "") {
			t.Errorf("the command line took one of ten: %v", err)
		}
		all, err := s.keep.ListAccounts(context.Background())
		must(t, err)
		if _, err = s.keep.RecoveryLink(context.Background(), "http://localhost", all[3].ID); err != nil {
			t.Error(err)
		}
	})
}

// Accounts of the version before keep working, and may be shared from then on.
func TestOldAccountsAfterTheMigration(t *testing.T) {
	first, err := os.ReadFile("../../internal/auth/schema/0001_auth.sql")
	must(t, err)
	before := db.Schema{Room: "auth", Files: fstest.MapFS{"0001_auth.sql": {Data: first}}}
	dbtest.Each(t, []db.Schema{journal.Schema(), before}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		must(t, d.Write(ctx, func(ctx context.Context) error {
			_, err := db.Exec(ctx, `
				INSERT INTO auth_account (id, name, email, email_key, language, operator, created)
				VALUES ('old', '見本 一郎', 'Info@mihon.example', 'info@mihon.example', 'ja', ?, ?)`, false, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			if err == nil {
				_, err = db.Exec(ctx, `INSERT INTO auth_passkey (id, account, rp_id, credential_id, record, name, created) VALUES ('k', 'old', 'h', ?, ?, 'n', 'c')`, []byte{1}, []byte{1})
			}
			return err
		}))
		_, err := d.Migrate(ctx, []db.Schema{auth.Schema()})
		must(t, err)
		s := newStage(t, d)
		must(t, s.keep.AddPassword(ctx, "old", password, secret))
		s.sharer("見本 二郎", "じろうの合言葉99", secret2)
		s.browser().login(info).want(t, 303)
		a, err := s.keep.Account(ctx, "old")
		if err != nil || a.MailTo() != "Info@mihon.example" || s.count("SELECT COUNT(*) FROM auth_passkey WHERE account = 'old'") != 1 {
			t.Errorf("%+v %v", a, err)
		}
	})
}

func TestPeopleAtOneComputer(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.sharer("見本 一郎", "いちろうの合言葉8", secret)
		two := s.sharer("見本 二郎", "じろうの合言葉99", secret2)
		b := s.browser()
		b.get("/people-here").want(t, 200)
		b.post("/login", "email", info, "password", "じろうの合言葉99", "code", s.codeOf(secret2), "remember", "on").want(t, 303)
		if page := b.get("/people-here"); strings.Contains(page.body, `value="`+two) {
			t.Error("a name was kept unasked")
		}
		b.post("/people-here/keep").want(t, 303)
		if strings.Contains(b.cookies["here"], two) || len(b.cookies["here"]) < 100 {
			t.Errorf("the cookie lies open: %q", b.cookies["here"])
		}
		jiro := b.cookies["session"]
		left := b.post("/logout").want(t, 303, "/people-here")
		if left.header.Get("Clear-Site-Data") != `"cache"` {
			t.Errorf("pages stay behind the back button: %v", left.header)
		}
		b.get("/people-here").want(t, 200, "見本 二郎さんに代わる")
		// The remembered name is no proof, and no address is shown.
		page := b.post("/people-here/change", "who", two).want(t, 303, "/login?who="+two)
		page = b.get(page.to).want(t, 200, "見本 二郎さんとして")
		if strings.Contains(page.body, info) || b.signedIn() {
			t.Error("the address is shown, or nobody was asked for a proof")
		}
		b.post("/login", "who", two, "password", "いちろうの合言葉8", "code", s.codeOf(secret)).want(t, 422)
		s.now = s.now.Add(time.Minute)
		b.post("/login", "who", two, "password", "じろうの合言葉99", "code", s.codeOf(secret2)).want(t, 303)
		// A name that this device does not remember cannot be named.
		stranger := s.browser()
		stranger.addr = "127.0.0.8:1000"
		s.now = s.now.Add(time.Minute)
		stranger.post("/login", "who", two, "password", "じろうの合言葉99", "code", s.codeOf(secret2)).want(t, 422)
		if page := stranger.get("/login?who=" + two); strings.Contains(page.body, "二郎") {
			t.Error("a stranger is told a name")
		}
		b.post("/people-here/forget", "who", two).want(t, 303)
		if b.cookies["here"] != "" {
			t.Error("the device remembers on")
		}
		former := s.browser()
		former.cookies["session"] = jiro
		if former.signedIn() {
			t.Error("the former session lives")
		}
	})
}

// Whoever comes next sees nothing of the one before, and his session is over.
func TestNextPersonSeesNothingOfTheFormer(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.sharer("見本 一郎", "いちろうの合言葉8", secret)
		s.sharer("見本 二郎", "じろうの合言葉99", secret2)
		b := s.browser()
		b.post("/login", "email", info, "password", "いちろうの合言葉8", "code", s.codeOf(secret), "remember", "on").want(t, 303)
		page := b.get("/account").want(t, 200, "見本 一郎")
		if page.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the page may be kept: %v", page.header)
		}
		ichiro := b.cookies["session"]
		to := b.post("/people-here/change").want(t, 303, "/login")
		if to.header.Get("Clear-Site-Data") != `"cache"` || b.cookies["session"] != "" {
			t.Error("something stays behind")
		}
		b.post("/login", "email", info, "password", "じろうの合言葉99", "code", s.codeOf(secret2)).want(t, 303)
		for _, path := range []string{"/account", "/people-here", "/login"} {
			if page := b.get(path).want(t, 200); strings.Contains(page.body, "一郎") {
				t.Errorf("%s shows the former person", path)
			}
		}
		former := s.browser()
		former.cookies["session"] = ichiro
		if former.signedIn() {
			t.Error("the former session lives")
		}
		// A login on top of another ends that one, too.
		jiro := b.cookies["session"]
		s.now = s.now.Add(time.Minute)
		over := b.post("/login", "email", info, "password", "いちろうの合言葉8", "code", s.codeOf(secret)).want(t, 303)
		former.cookies["session"] = jiro
		if former.signedIn() || over.header.Get("Clear-Site-Data") == "" {
			t.Error("the session below lives, or its pages stay")
		}
	})
}

// letters are what would be sent now, by kind and address.
func (s *stage) letters() (all []string) {
	s.t.Helper()
	for _, id := range s.told {
		n, err := s.keep.Notice(context.Background(), id)
		must(s.t, err)
		if n.To != "" {
			all = append(all, string(n.Kind)+" "+n.To)
		}
	}
	return all
}

func (s *stage) lastLink() string {
	s.t.Helper()
	n, err := s.keep.Notice(context.Background(), s.told[len(s.told)-1])
	must(s.t, err)
	return n.Path
}

func TestAddressIsConfirmed(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		me := s.person(email)
		b := s.browser()
		b.login(email).want(t, 303)
		b.post("/account/email", "email", "new@mihon.example").want(t, 303)
		if got := strings.Join(s.letters(), ", "); got != "email-changed "+email+", confirm new@mihon.example" {
			t.Errorf("letters %q", got)
		}
		link := s.lastLink()
		code := codeOf("http://localhost" + link)
		if s.stored(t, code) || strings.Contains(strings.Join(s.told, " "), code) || strings.Contains(s.log.String(), code) {
			t.Error("the secret of the link was kept")
		}
		b.get("/account").want(t, 200, "まだ確かめていません")
		b.post("/account/password/remove").want(t, 409) // nothing else goes there meanwhile
		b.setPassword("/account").want(t, 303)
		if got := strings.Join(s.letters(), ", "); strings.Contains(got, "password") {
			t.Errorf("an unconfirmed address gets %q", got)
		}
		// A scanner looks twice, the person once more.
		scanner := s.browser()
		scanner.get(link).want(t, 200)
		scanner.send("HEAD", link, "", "")
		if a, _ := s.keep.Account(context.Background(), me); a.MailTo() != "" {
			t.Error("GET confirms")
		}
		again := s.browser()
		b.post("/account/email/ask").want(t, 303)
		again.post("/account/confirm", "code", code).want(t, 410) // a newer one was sent
		link = s.lastLink()
		s.now = s.now.Add(23 * time.Hour)
		again.post("/account/confirm", "code", codeOf("http://localhost"+link)).want(t, 200, "確かめました")
		again.post("/account/confirm", "code", codeOf("http://localhost"+link)).want(t, 410)
		a, err := s.keep.Account(context.Background(), me)
		if err != nil || a.MailTo() != "new@mihon.example" || again.signedIn() {
			t.Errorf("%+v %v", a, err)
		}
		must(t, s.keep.NoticeDone(context.Background(), s.told[0]))
		if n, err := s.keep.Notice(context.Background(), s.told[0]); err != nil || n.To != "" {
			t.Errorf("sent twice: %+v %v", n, err)
		}
	})
}

func TestConfirmationEnds(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		b := s.browser()
		b.login(email)
		b.post("/account/email", "email", "new@mihon.example").want(t, 303)
		code := codeOf("http://localhost" + s.lastLink())
		s.now = s.now.Add(24*time.Hour + time.Second)
		s.browser().post("/account/confirm", "code", code).want(t, 410)
		must(t, s.keep.Sweep(context.Background()))
		if s.count("SELECT COUNT(*) FROM auth_link") != 0 {
			t.Error("the link stays")
		}
		s.now = s.now.Add(7 * 24 * time.Hour)
		must(t, s.keep.Sweep(context.Background()))
		if s.count("SELECT COUNT(*) FROM auth_notice") != 0 {
			t.Error("letters stay")
		}
	})
}

func TestInvitationByMailConfirms(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for path, want := range map[string]string{"mailed to Sakura@mihon.example": email, "mailed to other@mihon.example": "", "": ""} {
			ticket, err := s.keep.Ticket(path)
			must(t, err)
			b := s.browser()
			b.post("/account/new", "code", ticket, "name", "見本"+path, "email", email, "shared", "on").want(t, 303)
			all, err := s.keep.ListAccounts(context.Background())
			must(t, err)
			for _, a := range all {
				if a.Name == "見本"+path && a.MailTo() != want {
					t.Errorf("%q: writes to %q", path, a.MailTo())
				}
			}
		}
	})
}

func TestChangesAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		b := s.browser()
		b.login(email)
		d := newDevice(t)
		o := b.begin("register")
		b.finish("register", o, d.create(o)).want(t, 200)
		b.setPassword("/account").want(t, 303)
		b.post("/account/password/remove").want(t, 303)
		b.setPassword("/account").want(t, 303)
		b.post("/account/passkeys/"+s.text("SELECT id FROM auth_passkey")+"/remove").want(t, 303)
		want := strings.Join([]string{"passkey-added", "password-set", "password-removed", "password-set", "passkey-removed"}, " "+email+", ") + " " + email
		if got := strings.Join(s.letters(), ", "); got != want {
			t.Errorf("letters %q instead of %q", got, want)
		}
	})
}

func (s *stage) text(query string) (text string) {
	s.t.Helper()
	must(s.t, s.db.Read(context.Background(), func(ctx context.Context) (err error) {
		text, err = db.Value[string](ctx, query)
		return err
	}))
	return text
}

func TestRecoveryShowsAndEndsOldWays(t *testing.T) {
	for _, drop := range []bool{false, true} {
		t.Run(strconv.FormatBool(drop), func(t *testing.T) {
			each(t, func(t *testing.T, s *stage) { recoverWith(t, s, drop) })
		})
	}
}

// recoverWith is a person whose device was stolen.
func recoverWith(t *testing.T, s *stage, drop bool) {
	thief, stolen := s.withPasskey(t, 1)
	me := s.text("SELECT id FROM auth_account")
	_, err := s.keep.NewRecoveryCodes(context.Background(), me)
	must(t, err)
	s.now = s.now.Add(time.Hour)
	link, err := s.keep.RecoveryLink(context.Background(), "http://localhost:8080", me)
	must(t, err)
	u, _ := url.Parse(link)
	b := s.browser()
	b.get(u.RequestURI()).want(t, 200, `name="drop"`)
	form := []string{"code", u.Query().Get("code")}
	if drop {
		form = append(form, "drop", "on")
	}
	to := b.post("/recover", form...).want(t, 303, "/account/ways")
	if thief.signedIn() {
		t.Error("the thief's session lives")
	}
	if !drop {
		b.get("/account/old-ways").want(t, 200, "パスキー：Chrome / Windows", "先に、新しい入り方")
		b.post("/account/old-ways/remove").want(t, 409, "last-way")
	}
	s.now = s.now.Add(20 * time.Minute) // slower than any step-up
	b.get(to.to).want(t, 200)
	next := "/account/old-ways"
	b.setPassword(next).want(t, 303, "/account/codes")
	if drop {
		b.get(next).want(t, 303, "/account")
	} else {
		b.get(next).want(t, 200, "パスキー：Chrome / Windows")
		b.post("/account/old-ways/remove").want(t, 303, "/account/codes")
	}
	o := thief.begin("login")
	thief.finish("login", o, stolen.get(o)).want(t, 422)
	if s.count("SELECT COUNT(*) FROM auth_passkey") != 0 || s.count("SELECT COUNT(*) FROM auth_recovery") != 0 || !b.signedIn() {
		t.Error("old ways are left, or the person is out")
	}
}
