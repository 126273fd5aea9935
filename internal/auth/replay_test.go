package auth

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
)

// each verb is one act: what makes the row, what takes it away, and a question
// whose answer is 0 once it is gone.
var takings = []struct {
	verb, gone string
	make, take func(ctx context.Context, k *Keeper, account string) error
}{
	{
		sessionEnded, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_session", startSession,
		func(ctx context.Context, k *Keeper, account string) error {
			return k.EndSession(ctx, account, "s1")
		},
	},
	{
		sessionsEnded, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_session", startSession,
		func(ctx context.Context, k *Keeper, _ string) error { return k.EndSessions(ctx, "hanako@example.jp") },
	},
	{
		tokenRevoked, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_token WHERE revoked IS NULL", makeToken,
		func(ctx context.Context, k *Keeper, _ string) error {
			return k.RevokeToken(ctx, "o1", "t1")
		},
	},
	{
		passkeyRemoved, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_passkey", makePasskey,
		func(ctx context.Context, k *Keeper, _ string) error { return k.ForgetOtherHosts(ctx) },
	},
	{
		passwordRemoved, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_password", makePassword,
		func(ctx context.Context, k *Keeper, account string) error {
			return k.takeAway(ctx, account, passwordRemoved, "", "DELETE FROM auth_password WHERE account = ?", account)
		},
	},
	{
		passwordSet, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_password", makePassword,
		func(ctx context.Context, k *Keeper, account string) error {
			return k.AddPassword(ctx, account, "another long one", "OTHERSECRET")
		},
	},
	{
		operatorUnmade, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_account WHERE operator",
		func(ctx context.Context, k *Keeper, _ string) error {
			return k.MakeOperator(ctx, "hanako@example.jp", true)
		},
		func(ctx context.Context, k *Keeper, _ string) error {
			return k.MakeOperator(ctx, "hanako@example.jp", false)
		},
	},
	{
		codesMade, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_recovery WHERE used IS NULL", makeCodes,
		makeCodes,
	},
	{
		codeUsed, "SELECT CAST(COUNT(*) AS TEXT) FROM auth_recovery WHERE used IS NULL", makeOneCode,
		func(ctx context.Context, k *Keeper, account string) error {
			return k.db.Write(ctx, func(ctx context.Context) error {
				_, err := k.useRecovery(ctx, account, "abcd-efgh")
				return err
			})
		},
	},
}

func startSession(ctx context.Context, k *Keeper, account string) error {
	return run(ctx, k, `INSERT INTO auth_session (hash, id, account, label, created, last_seen, expires, stepped_up, remembered, opening)
		VALUES (?, 's1', ?, '', ?, ?, ?, ?, TRUE, FALSE)`, []byte("h"), account, k.Now(), k.Now(), k.Now().AddDate(0, 1, 0), k.Now())
}

func makeToken(ctx context.Context, k *Keeper, account string) error {
	return run(ctx, k, `INSERT INTO auth_token (hash, id, org_id, account, role, may_write, label, created, expires)
		VALUES (?, 't1', 'o1', ?, 'viewer', FALSE, '', ?, ?)`, []byte("h"), account, k.Now(), k.Now().AddDate(1, 0, 0))
}

func makePasskey(ctx context.Context, k *Keeper, account string) error {
	return run(ctx, k, `INSERT INTO auth_passkey (id, account, rp_id, credential_id, record, name, created)
		VALUES ('p1', ?, 'elsewhere', ?, ?, 'n', ?)`, account, []byte("c"), []byte("{}"), k.Now())
}

func makePassword(ctx context.Context, k *Keeper, account string) error {
	return k.AddPassword(ctx, account, "a long password", "SECRET")
}

func makeCodes(ctx context.Context, k *Keeper, account string) error {
	_, err := k.NewRecoveryCodes(ctx, account)
	return err
}

func makeOneCode(ctx context.Context, k *Keeper, account string) error {
	return run(ctx, k, "INSERT INTO auth_recovery (hash, account, created) VALUES (?, ?, ?)", k.recoveryHash(account, "abcd-efgh"), account, k.Now())
}

func run(ctx context.Context, k *Keeper, query string, args ...any) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, query, args...)
		return err
	})
}

func valueOf(ctx context.Context, k *Keeper, query string) (s string) {
	_ = k.db.Read(ctx, func(ctx context.Context) (err error) {
		s, err = db.Value[string](ctx, query)
		return err
	})
	return s
}

// A copy is made, something is taken away, the copy comes back: after the ledger
// was done again, it is gone.
func TestReplayTakesAwayAgain(t *testing.T) {
	for _, c := range takings {
		t.Run(c.verb, func(t *testing.T) {
			dbtest.Each(t, []db.Schema{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
				var lines [][]byte
				d.KeepBeside(func(more [][]byte) error { lines = append(lines, more...); return nil })
				ctx, k := context.Background(), newKeeper(t, d)
				now := day
				k.now = func() time.Time { return now }
				a, err := k.CreateAccount(ctx, Person{Name: "架空 花子", Email: "hanako@example.jp"}, false)
				check(t, err, c.make(ctx, k, a.ID))
				lines, now = nil, now.Add(time.Minute)
				check(t, c.take(ctx, k, a.ID))
				taken := lines
				if len(taken) == 0 {
					t.Fatal("nothing was written to the ledger")
				}
				now = day
				check(t, emptied(ctx, k), c.make(ctx, k, a.ID)) // the older copy
				for range 2 {
					check(t, replay(ctx, k, taken))
				}
				if n := valueOf(ctx, k, c.gone); n != "0" {
					t.Errorf("%s came back", n)
				}
			})
		})
	}
}

func emptied(ctx context.Context, k *Keeper) error {
	for _, table := range []string{"auth_session", "auth_token", "auth_passkey", "auth_password", "auth_recovery"} {
		if err := run(ctx, k, "DELETE FROM "+table); err != nil {
			return err
		}
	}
	return nil
}

func replay(ctx context.Context, k *Keeper, lines [][]byte) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		for _, line := range lines {
			if strings.Contains(string(line), "花子") || strings.Contains(string(line), "@") {
				panic("the ledger holds a name: " + string(line))
			}
			e, err := journal.ReadRevocation(line)
			if err != nil {
				return err
			}
			if err := k.Replay(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func check(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestVoidEndsSessionsAndLinks(t *testing.T) {
	dbtest.Each(t, []db.Schema{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		ctx, k := context.Background(), newKeeper(t, d)
		a, err := k.CreateAccount(ctx, Person{Name: "架空 花子", Email: "hanako@example.jp"}, false)
		check(t, err)
		g, err := k.StartSession(ctx, a.ID, true)
		check(t, err)
		link, err := k.RecoveryLink(ctx, "", "hanako@example.jp")
		check(t, err, k.Void(ctx))
		check(t, k.db.Read(ctx, func(ctx context.Context) error {
			if c, err := k.Session(ctx, g.Token); err != nil || c.Account != "" {
				t.Errorf("the session lives: %+v, %v", c, err)
			}
			_, code, _ := strings.Cut(link, "code=")
			if _, err := k.RecoveryUntil(ctx, code); err == nil {
				t.Error("the link lives")
			}
			return nil
		}))
	})
}
