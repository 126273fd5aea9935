package account_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/problem"
)

func TestNewPasswordEndsOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		thief, b := s.browser(), s.browser()
		thief.login(email).want(t, 303)
		b.login(email).want(t, 303)
		b.setPassword("/account").want(t, 303)
		if thief.signedIn() || !b.signedIn() {
			t.Error("a session from before the new password lives, or the one that set it does not")
		}
		b.post("/account/password", "password", "short", "code", "000000", "slip", "x").want(t, 422, "f-password-e", "f-code-e", "app-secret")
	})
}

// Somebody who knows the password and asks from a thousand networks still cannot
// try the million codes.
func TestCodesAreNotGuessedFromManyNetworks(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		for i := range 20 {
			b := s.browser()
			b.addr = fmt.Sprintf("127.0.1.%d:4000", i+1)
			b.post("/login", "email", email, "password", password, "code", "000000").want(t, 422)
		}
		s.browser().post("/login", "email", email, "password", password, "code", s.code()).want(t, 422)
		s.now = s.now.Add(3 * time.Minute)
		s.browser().login(email).want(t, 303)
	})
}

func TestOperatorCommands(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		ctx, b := context.Background(), s.browser()
		s.person(email)
		b.login(email).want(t, 303)
		for name, err := range map[string]error{
			"operator": s.keep.MakeOperator(ctx, "nobody@mihon.example", true),
			"logout":   s.keep.EndSessions(ctx, "nobody@mihon.example"),
		} {
			if !problem.Is(err, "no-account") {
				t.Errorf("%s of nobody: %v", name, err)
			}
		}
		must(t, s.keep.MakeOperator(ctx, email, true))
		if yes, err := s.keep.OperatorExists(ctx); !yes || err != nil {
			t.Errorf("operator %v, %v", yes, err)
		}
		must(t, s.keep.MakeOperator(ctx, email, false))
		if yes, err := s.keep.OperatorExists(ctx); yes || err != nil {
			t.Errorf("still an operator: %v, %v", yes, err)
		}
		must(t, s.keep.EndSessions(ctx, email))
		if b.signedIn() {
			t.Error("a session outlived its end")
		}
		s.now = s.now.AddDate(1, 0, 0)
		b.login(email).want(t, 303)
		must(t, s.keep.Sweep(ctx))
		if !b.signedIn() || s.count("SELECT COUNT(*) FROM auth_session") != 1 {
			t.Error("swept what lives")
		}
	})
}

func TestProfileChanges(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		s.person("other@mihon.example")
		b := s.browser()
		s.browser().get("/account").want(t, 303, "/login?next=%2Faccount")
		b.login(email).want(t, 303)
		b.post("/account/name", "name", "").want(t, 422, "f-name-e")
		b.post("/account/name", "name", "髙﨑 葛󠄀").want(t, 303)
		b.post("/account/email", "email", "Other@mihon.example").want(t, 422, "f-email-e")
		b.post("/account/email", "email", "new@mihon.example").want(t, 303)
		b.post("/account/language", "language", "en").want(t, 303)
		b.get("/account").want(t, 200, "髙﨑 葛󠄀", "new@mihon.example", "My settings")
		if n := s.count("SELECT COUNT(*) FROM journal_entry WHERE verb IN ('auth.renamed', 'auth.email_set', 'auth.language_set')"); n != 3 {
			t.Errorf("%d changes in the journal", n)
		}
	})
}
