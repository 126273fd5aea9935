package account_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/problem"
)

// atOnce runs f several times at the same moment and counts who got through.
// The others have to meet the problem.
func atOnce(t *testing.T, code string, f func(i int) error) (passed int) {
	t.Helper()
	errs := make([]error, 6)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range errs {
		done.Go(func() { start.Wait(); errs[i] = f(i) })
	}
	start.Done()
	done.Wait()
	for _, err := range errs {
		switch {
		case err == nil:
			passed++
		case !problem.Is(err, code):
			t.Errorf("%v, want %s", err, code)
		}
	}
	return passed
}

func TestOneTimeSecretsWorkOnceUnderARace(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		id := s.person(email)
		setup := codeOf(s.setupLink())
		link, err := s.keep.RecoveryLink(ctx, "", email)
		must(t, err)
		ticket, err := s.keep.Ticket("i1")
		must(t, err)
		codes, err := s.keep.NewRecoveryCodes(ctx, id)
		must(t, err)
		totp := s.code()
		for _, c := range []struct {
			name, problem string
			try           func(i int) error
		}{
			{"set-up link", "link-over", func(i int) error {
				_, err := s.keep.Setup(ctx, setup, auth.Person{Name: "見本", Email: "s" + strconv.Itoa(i) + "@mihon.example"})
				return err
			}},
			{"recovery link", "link-over", func(int) error { _, err := s.keep.Recover(ctx, codeOf(link), false); return err }},
			{"ticket", "link-over", func(i int) error {
				_, err := s.keep.OpenAccount(ctx, ticket, "", auth.Person{Name: "見本", Email: "o" + strconv.Itoa(i) + "@mihon.example"})
				return err
			}},
			{"code of the app", "login-wrong", func(int) error {
				_, err := s.keep.Login(ctx, auth.Proof{Email: email, Password: password, Code: totp}, false)
				return err
			}},
		} {
			if n := atOnce(t, c.problem, c.try); n != 1 {
				t.Errorf("%s: worked %d times", c.name, n)
			}
		}
		s.now = s.now.Add(auth.LinkFor) // the limit of tries has recovered
		if n := atOnce(t, "login-wrong", func(int) error {
			_, err := s.keep.Login(ctx, auth.Proof{Email: email, Password: password, Code: codes[0]}, false)
			return err
		}); n != 1 {
			t.Errorf("recovery code: worked %d times", n)
		}
	})
}

// Whether an address has an account shows where a person types one; asking for
// thousands must not be possible.
func TestAddressesAreNotAskedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		b := s.browser()
		b.login(email).want(t, 303)
		ask := func(f func(i int) answer) (answered int) {
			for i := range 20 {
				if a := f(i); a.status == 422 && strings.Contains(a.body, "f-email-e") {
					answered++
				}
			}
			return answered
		}
		s.person("other@mihon.example")
		n := ask(func(int) answer { return b.post("/account/email", "email", "other@mihon.example") })
		if n != 8 {
			t.Errorf("%d addresses could be asked by a change of one's own, want 8", n)
		}
		// Each look at an invitation gives a fresh ticket.
		n = ask(func(int) answer {
			ticket, err := s.keep.Ticket("/invitations/i1")
			must(t, err)
			return s.browser().post("/account/new", "code", ticket, "name", "見本", "email", "other@mihon.example")
		})
		if n != 8 {
			t.Errorf("%d addresses could be asked by one invitation, want 8", n)
		}
	})
}
