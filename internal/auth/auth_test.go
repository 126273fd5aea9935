package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

var day = time.Date(2026, 10, 14, 0, 12, 0, 0, time.UTC)

func newKeeper(t testing.TB, d *db.DB) *Keeper {
	t.Helper()
	keys, err := NewKeys(make([]byte, keySize))
	if err != nil {
		t.Fatal(err)
	}
	k, err := New(d, Config{Keys: keys, Now: func() time.Time { return day }, Host: "localhost", Origin: "http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "installation.key")
	one, err := LoadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	two, err := LoadKeys(path)
	if err != nil || one != two {
		t.Fatalf("a second start reads another key, or fails: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if s := fmt.Sprintf("%v %+v %#v %s", one, one, &one, one); strings.Contains(s, "0x") || s != "keys keys keys keys" {
		t.Errorf("the key shows itself: %s", s)
	}
	if runtime.GOOS == "windows" {
		t.Skip("file modes not tested: Windows has none")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeys(path); !problem.Is(err, "key-file") {
		t.Errorf("a key that others can read: %v", err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(path, 0o600)
	if _, err := LoadKeys(path); err == nil {
		t.Error("half a key is taken")
	}
	if _, err := LoadKeys(filepath.Join(path, "x", "y")); err == nil || errors.Is(err, fs.ErrExist) {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

func TestDerivedSecretsDiffer(t *testing.T) {
	k, other := newKeeper(t, nil).keys, Keys{}
	other.root[0] = 1
	all := map[string]bool{}
	for _, s := range []string{k.Derive("a", "bc"), k.Derive("ab", "c"), k.Derive("a", "bd"), other.Derive("a", "bc"), string(k.Hash("bc"))} {
		all[s] = true
	}
	if len(all) != 5 {
		t.Errorf("%d different secrets", len(all))
	}
	if s := k.Derive("a", "bc"); len(s) != 43 || s != k.Derive("a", "bc") {
		t.Errorf("%q", s)
	}
}

func TestSlipOpensForItsPurposeAndOwner(t *testing.T) {
	k := newKeeper(t, nil)
	text, err := k.newSlip("a", "me", time.Minute, "hello")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		purpose, owner, text string
		ok                   bool
	}{
		"right":           {"a", "me", text, true},
		"another purpose": {"b", "me", text, false},
		"another owner":   {"a", "you", text, false},
		"altered":         {"a", "me", "A" + text[1:] + "A", false},
		"nothing":         {"a", "me", "", false},
	} {
		var got string
		_, err := k.openSlip(c.purpose, c.owner, c.text, &got)
		if ok := err == nil && got == "hello"; ok != c.ok || !c.ok && !problem.Is(err, "link-over") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestPasswordHash(t *testing.T) {
	h, ctx := newHashing(), context.Background()
	stored, err := h.hash(ctx, "ｓakura no ki 7")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"sakura no ki 7": true, "ｓakura no ki ７": true, "Sakura no ki 7": false, "": false} {
		if got, err := h.matches(ctx, password, stored); got != want || err != nil {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
	if got, err := h.matches(ctx, "", ""); got || err != nil {
		t.Errorf("no password matches: %v, %v", got, err)
	}
	if _, err := h.matches(ctx, "x", "$2b$12$abc"); err == nil {
		t.Error("an unknown form is taken")
	}
	full, cancel := context.WithCancel(ctx)
	cancel()
	h.gate <- struct{}{}
	h.gate <- struct{}{}
	if _, err := h.hash(full, "x"); err == nil {
		t.Error("a third at once")
	}
}

func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]string{
		"さくらの木の下で待つ7":                 "",
		"short":                       "password-short",
		"aaaaaaaaaaaa":                "password-easy",
		"1234567890123":               "password-easy",
		"sakura-no-ki":                "password-easy",
		"my password 1":               "password-easy",
		strings.Repeat("abcdef", 200): "password-long",
		// Length counts, not kinds of characters; 64 and more are taken.
		"correct horse battery staple": "",
		strings.Repeat("さくらの木の下", 10):  "",
		"わたしの パスワードは ここに ありません":        "",
		// What is tried first: common ones, our words, the person's and the company's.
		"1q2w3e4r5t":          "password-easy",
		"Qwertyuiop":          "password-easy",
		"ＱＷＥＲＴＹＵＩＯＰ":          "password-easy",
		"basketball":          "password-easy",
		"minamori2026!":       "password-easy",
		"みなもりみなもり26":          "password-easy",
		"皆守皆守皆守2026":          "password-easy",
		"Mihon-2026-a":        "password-easy",
		"minamori-password-1": "password-easy",
		"sakura!sakura!":      "password-easy",
		"株式会社パスワード":           "password-short",
	} {
		var v problem.Invalid
		checkPassword(&v, password, "sakura@mihon.example")
		if got := problem.As(v.Or()).FieldCode("password"); got != want {
			t.Errorf("%.20q: %q instead of %q", password, got, want)
		}
	}
}

// A login that fails is in the log, with whose it was and nothing that was typed.
func TestRefusedLoginsAreNoted(t *testing.T) {
	dbtest.Each(t, []db.Schema{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		k, ctx := newKeeper(t, d), context.Background()
		var log bytes.Buffer
		k.log = slog.New(slog.NewJSONHandler(&log, nil))
		a, err := k.CreateAccount(ctx, Person{Name: "さくら", Email: "sakura@mihon.example"}, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.AddPassword(ctx, a.ID, "さくらの木の下で待つ7", "JBSWY3DPEHPK3PXP"); err != nil {
			t.Fatal(err)
		}
		for email, whose := range map[string]string{"sakura@mihon.example": a.ID, "nobody@mihon.example": ""} {
			log.Reset()
			if _, err := k.Login(ctx, Proof{Email: email, Password: "wrong-canary", Code: "123123"}, false); !problem.Is(err, "login-wrong") {
				t.Fatal(err)
			}
			line := log.String()
			if !strings.Contains(line, `"msg":"login refused"`) || !strings.Contains(line, `"whose":"`+whose+`"`) {
				t.Errorf("%s: %s", email, line)
			}
			for _, typed := range []string{email, "canary", "123123"} {
				if strings.Contains(line, typed) {
					t.Errorf("the log holds %s: %s", typed, line)
				}
			}
		}
	})
}

func TestNamesAndAddresses(t *testing.T) {
	for _, c := range []struct{ name, email, want string }{
		{"𠮷野 髙﨑 葛󠄀", "a@b.example", ""},
		{"", "a@b.example", "account-name"},
		{"あ\u202eい", "a@b.example", "account-name-signs"},
		{"あ\u200bい", "a@b.example", "account-name-signs"},
		{"\u2800", "a@b.example", "account-name-signs"},
		{"\u3164", "a@b.example", "account-name-signs"},
		{"あ\u2028い", "a@b.example", "account-name-signs"}, // would make every letter of his fail
		{"あ\u034fい", "a@b.example", "account-name-signs"},
		{strings.Repeat("あ", 81), "a@b.example", "account-name-long"},
		{"さくら", "Sakura <a@b.example>", "account-email"},
		{"さくら", "a@b.example\r\nBcc: x@y.example", "account-email"},
		{"さくら", "", "account-email"},
	} {
		_, err := Person{Name: c.name, Email: c.email}.clean()
		p, got := problem.As(err), ""
		if p != nil {
			got = p.Fields[0].Code
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%.20q %q: %s", c.name, c.email, diff)
		}
	}
}

// The one query of every request must find the session by its index.
func TestSessionIsOneQuery(t *testing.T) {
	dbtest.Each(t, []db.Schema{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		k, ctx := newKeeper(t, d), context.Background()
		a, err := k.CreateAccount(ctx, Person{Name: "さくら", Email: "a@b.example"}, true)
		if err != nil {
			t.Fatal(err)
		}
		g, err := k.StartSession(ctx, a.ID, false)
		if err != nil {
			t.Fatal(err)
		}
		ctx, counted := db.Counted(ctx)
		err = d.Read(ctx, func(ctx context.Context) error {
			c, err := k.Session(ctx, g.Token)
			if c.Account != a.ID || !c.Operator || c.Session == "" {
				t.Errorf("caller %+v", c)
			}
			return err
		})
		if err != nil || counted.N() != 1 {
			t.Errorf("%d queries, %v", counted.N(), err)
		}
	})
}

func TestLastUseIsWrittenSeldom(t *testing.T) {
	dbtest.Each(t, []db.Schema{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		k, ctx, now := newKeeper(t, d), context.Background(), day
		k.now = func() time.Time { return now }
		a, err := k.CreateAccount(ctx, Person{Name: "さくら", Email: "a@b.example"}, false)
		if err != nil {
			t.Fatal(err)
		}
		g, err := k.StartSession(ctx, a.ID, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, minutes := range []time.Duration{0, 1, 4, 5, 6, 9} {
			now = day.Add(minutes * time.Minute)
			err := d.Read(ctx, func(in context.Context) error {
				c, err := k.Session(in, g.Token)
				k.Seen(ctx, c)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err = d.Read(ctx, func(ctx context.Context) error {
			last, err := db.Value[string](ctx, "SELECT last_seen FROM auth_session")
			if want := db.Text(day.Add(5 * time.Minute)); last != want {
				t.Errorf("last seen %s instead of %s", last, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkSession(b *testing.B) {
	d := dbtest.SQLite(b, []db.Schema{journal.Schema(), Schema()})
	k, ctx := newKeeper(b, d), context.Background()
	a, err := k.CreateAccount(ctx, Person{Name: "さくら", Email: "a@b.example"}, false)
	if err != nil {
		b.Fatal(err)
	}
	var g Grant
	for range 1000 {
		if g, err = k.StartSession(ctx, a.ID, false); err != nil {
			b.Fatal(err)
		}
	}
	err = d.Read(ctx, func(ctx context.Context) error {
		for b.Loop() {
			if c, err := k.Session(ctx, g.Token); err != nil || c.Account == "" {
				b.Fatal(c, err)
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
