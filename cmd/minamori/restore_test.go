package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/backup"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// mustCall runs a command that must work, and reads what it prints as JSON.
func mustCall(t *testing.T, into any, args ...string) {
	t.Helper()
	code, out, errs := call(append(args, "--format", "json")...)
	if code != 0 {
		t.Fatalf("%s: exit %d\n%s", strings.Join(args, " "), code, errs)
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// flags name the store of a house to a command.
func (s Store) flags() []string {
	all := []string{"--data", s.Data}
	if s.DatabaseURL != "" {
		all = append(all, "--database-url", s.DatabaseURL)
	}
	return all
}

// sealing makes a key pair: the flag for the backup and the one for the restore.
func sealing(t *testing.T) (to, with []string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "identity.txt")
	if err := os.WriteFile(file, []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--recipient", id.Recipient().String()}, []string{"--identity", file}
}

// rights are what a test takes away after the backup.
type rights struct {
	session, token, link string
	tokenID              string
}

func (s *stage) giveRights() rights {
	s.t.Helper()
	owner := s.login(s.cast["owner"])
	made := s.send(owner, "/orgs/"+s.a+"/tokens", map[string]any{"label": "持ち出し", "role": "member", "days": 30})
	r := rights{session: s.login(s.cast["member"]), token: made["token"].(string)}
	r.tokenID = s.value("SELECT id FROM auth_token WHERE label = ?", "持ち出し")
	link, err := s.Accounts.RecoveryLink(context.Background(), "http://localhost:8080", "owner001@example.jp")
	if err != nil {
		s.t.Fatal(err)
	}
	_, r.link, _ = strings.Cut(link, "code=")
	return r
}

// takeRights takes away what a copy must not bring back.
func (s *stage) takeRights(r rights) {
	s.t.Helper()
	ctx, id := context.Background(), org.ID(s.a)
	err := errors.Join(
		s.Accounts.RevokeToken(ctx, s.a, r.tokenID),
		s.Org.ChangeRole(ctx, id, web.Owner, s.cast["manager"], web.Viewer),
		s.Org.Remove(ctx, id, web.Owner, s.cast["member"]),
		s.Org.RevokeInvitation(ctx, id, web.Owner, s.ids["{invitation}"]),
		s.DB.Write(ctx, func(ctx context.Context) error {
			_, err := journal.Erase(ctx, s.a, s.cast["owner"], "system", "on request", *s.clock)
			return err
		}),
	)
	if err != nil {
		s.t.Fatal(err)
	}
}

// open builds the house of a store that was restored.
func openHouse(t *testing.T, store Store) *House {
	t.Helper()
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	c := &console{ctx: context.Background(), out: io.Discard, err: io.Discard, texts: texts, now: time.Now}
	h, err := build(c, store, Web{MailFrom: "minamori@localhost"}, "http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	return h
}

// target is an empty store on a database.
func target(t *testing.T, dialect db.Dialect, ledger string) Store {
	t.Helper()
	s := Store{Data: filepath.Join(t.TempDir(), "restored"), Ledger: ledger}
	if dialect == db.Postgres {
		s.DatabaseURL = dbtest.PostgresURL(t)
	}
	return s
}

// T12: backup, revoke, erase, restore: nothing is revived, into either database.
func TestNothingRevokedComesBack(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		to, with := sealing(t)
		r, folder := s.giveRights(), t.TempDir()
		var made struct{ ID string }
		mustCall(t, &made, join([]string{"backup", folder}, to, s.store.flags())...)
		s.takeRights(r)
		for _, into := range []db.Dialect{db.SQLite, db.Postgres} {
			t.Run("into "+string(into), func(t *testing.T) {
				place := target(t, into, s.store.ledger())
				var did restored
				mustCall(t, &did, join([]string{"restore", folder, "--ledger", place.Ledger}, with, place.flags())...)
				if did.Backup != made.ID || did.Paused || len(did.Damaged)+len(did.Unknown) > 0 || did.Replayed < 5 || len(did.Newer) == 0 {
					t.Errorf("restored: %+v", did)
				}
				h := openHouse(t, place)
				gone(t, h, s, r)
				check := map[string]string{
					"SELECT CAST(COUNT(*) AS TEXT) FROM org_pause":                                                                                             "0",
					"SELECT role FROM org_member WHERE account_id = '" + s.cast["manager"] + "'":                                                               "viewer",
					"SELECT CAST(COUNT(*) AS TEXT) FROM journal_entry WHERE verb = 'house.restored'":                                                           "1",
					"SELECT CAST(COUNT(*) AS TEXT) FROM org_organisation":                                                                                      "14", // 12 of the region and 2 that desks opened for their owners
					"SELECT CAST(COUNT(*) AS TEXT) FROM auth_password WHERE account = '" + s.ownB + "'":                                                        "0",
					"SELECT CAST(COUNT(*) AS TEXT) FROM assess_evidence WHERE kind = 'file' AND org_id = '" + s.a + "'":                                        "1",
					"SELECT CAST(COUNT(*) AS TEXT) FROM journal_entry WHERE LENGTH(body) > 0 AND org_id = '" + s.a + "' AND actor = '" + s.cast["owner"] + "'": "0",
				}
				restoredStage := &stage{House: h, t: t}
				for query, want := range check {
					if got := restoredStage.value(query); got != want {
						t.Errorf("%s: %s, want %s", query, got, want)
					}
				}
			})
		}
	})
}

// gone asks the restored house for everything that was taken away.
func gone(t *testing.T, h *House, s *stage, r rights) {
	t.Helper()
	err := h.DB.Read(context.Background(), func(ctx context.Context) error {
		session, err := h.Accounts.Session(ctx, r.session)
		token, errToken := h.Accounts.Token(ctx, r.token)
		if session.Account != "" || token.Account != "" {
			t.Errorf("session of %q and token of %q live", session.Account, token.Account)
		}
		role, errRole := h.Org.Member(ctx, s.a, s.cast["member"])
		if role != web.Nobody {
			t.Errorf("the removed member is %s", role)
		}
		if _, err := h.Accounts.RecoveryUntil(ctx, r.link); err == nil {
			t.Error("the one-time link lives")
		}
		open, errOpen := db.Value[int](ctx, "SELECT COUNT(*) FROM org_invitation WHERE used_at IS NULL AND revoked_at IS NULL")
		if open > 0 {
			t.Errorf("%d invitations are open", open)
		}
		return errors.Join(err, errToken, errRole, errOpen)
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := journal.Verify(context.Background(), h.DB, nil, nil)
	if err != nil || !report.OK() {
		t.Errorf("journal: %+v, %v", report, err)
	}
}

func join(all ...[]string) (out []string) {
	for _, a := range all {
		out = append(out, a...)
	}
	return out
}

// Without the ledger, or with a damaged one, nobody knows what was taken away: all
// sharing pauses.
func TestWithoutTheLedgerAllSharingPauses(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		folder := t.TempDir()
		var made any
		mustCall(t, &made, join([]string{"backup", folder, "--plain"}, s.store.flags())...)
		s.takeRights(s.giveRights())
		damaged := damagedLedger(t, s.store.ledger())
		for name, flags := range map[string][]string{"none": {"--without-ledger"}, "damaged": {"--ledger", damaged}} {
			t.Run(name, func(t *testing.T) {
				place := target(t, s.DB.Dialect, damaged)
				var did restored
				mustCall(t, &did, join([]string{"restore", folder}, flags, place.flags())...)
				if !did.Paused {
					t.Errorf("restored: %+v", did)
				}
				h := openHouse(t, place)
				n := (&stage{House: h, t: t}).value("SELECT CAST(COUNT(*) AS TEXT) FROM org_pause WHERE why = 'restore'")
				if n != "14" { // 12 of the region and 2 that desks opened for their owners
					t.Errorf("%s of 14 companies are paused", n)
				}
			})
		}
	})
}

func damagedLedger(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	files, err := os.ReadDir(from)
	if err != nil || len(files) < 2 {
		t.Fatalf("ledger with %d files, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		b = []byte(strings.Replace(string(b), `"subject":"`, `"subject":"x`, 1))
		if err := os.WriteFile(filepath.Join(to, f.Name()), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// What is there is never overwritten unasked, and with --force it lies aside.
func TestRestoreDoesNotOverwrite(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		folder := t.TempDir()
		var made any
		mustCall(t, &made, join([]string{"backup", folder, "--plain"}, s.store.flags())...)
		place := target(t, s.DB.Dialect, s.store.ledger())
		restore := join([]string{"restore", folder, "--ledger", place.Ledger}, place.flags())
		var did restored
		mustCall(t, &did, restore...)
		if code, out, errs := call(restore...); code != 2 || out != "" || !strings.Contains(errs, "--force") {
			t.Errorf("a second restore: exit %d\n%s%s", code, out, errs)
		}
		mustCall(t, &did, append(restore, "--force")...)
		if _, err := os.Stat(filepath.Join(did.Aside, keyFile)); err != nil {
			t.Errorf("what was there is not aside: %v", err)
		}
		if did.Backup == "" || openHouse(t, place).DB == nil {
			t.Error("nothing was restored")
		}
	})
}

func TestRestoreRefuses(t *testing.T) {
	s := newStage(t, Store{})
	to, with := sealing(t)
	_, stranger := sealing(t)
	folder, ledger := t.TempDir(), s.store.ledger()
	var made struct{ ID string }
	mustCall(t, &made, join([]string{"backup", folder}, to, s.store.flags())...)
	place := target(t, db.SQLite, ledger)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no identity":              {[]string{"restore", folder, "--ledger", ledger}, "--identity"},
		"another's identity":       {join([]string{"restore", folder, "--ledger", ledger}, stranger), "--identity"},
		"no ledger":                {join([]string{"restore", folder, "--ledger", t.TempDir()}, with), "--without-ledger"},
		"not a backup":             {join([]string{"restore", t.TempDir(), "--ledger", ledger}, with), "manifest.json"},
		"neither sealed nor plain": {[]string{"backup", folder}, "--recipient"},
		"both":                     {join([]string{"backup", folder, "--plain"}, to), "--recipient"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := call(join(c.args, place.flags())...)
			if code != 2 || out != "" || !strings.Contains(errs, "error: ") || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d, want 2 and %s\n%s%s", code, c.says, out, errs)
			}
			for _, left := range []string{"minamori.db", keyFile, besideFolder, switchMark} {
				if _, err := os.Stat(filepath.Join(place.Data, left)); err == nil {
					t.Errorf("%s was left", left)
				}
			}
		})
	}
}

// A server does not start where a restore died while it changed places.
func TestServerWaitsForAnUnfinishedRestore(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, switchMark), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := call("serve", "--data", data, "--listen", "localhost:0")
	if code != 2 || !strings.Contains(errs, "minamori restore") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

func TestDrill(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		var did drilled
		mustCall(t, &did, join([]string{"backup", "drill"}, s.store.flags())...)
		if !did.Made || did.Page != 200 || did.Rows == 0 || did.Files < 2 || did.Paused || did.Entries == 0 {
			t.Errorf("drill: %+v", did)
		}
		to, with := sealing(t)
		folder := t.TempDir()
		var made any
		mustCall(t, &made, join([]string{"backup", folder, "--without-key"}, to, s.store.flags())...)
		did = drilled{}
		mustCall(t, &did, join([]string{"backup", "drill", folder, "--key", filepath.Join(s.store.Data, keyFile)}, with, s.store.flags())...)
		if did.Made || did.NewKey || did.Page != 200 {
			t.Errorf("drill of a backup without key: %+v", did)
		}
		if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "minamori-drill-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// Whatever notes a revocation can be taken away again: a room with Revokes has its
// line, and what the restore does not know pauses all sharing.
func TestEveryRoomThatRevokesIsReplayed(t *testing.T) {
	h, program := newStage(t, Store{}).House, wholeProgram(t)
	for _, shelf := range []string{"../../domain", "../../internal"} {
		files, err := filepath.Glob(filepath.Join(shelf, "*", "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			room := filepath.Base(filepath.Dir(name))
			if strings.HasSuffix(name, "_test.go") || !strings.Contains(string(b), "Revokes: ") || !strings.Contains(program, "/"+room+"\"") {
				continue
			}
			if h.revoking()[room] == nil {
				t.Errorf("%s notes revocations, and revoke.go has no line for %s", name, room)
			}
		}
	}
}

// wholeProgram is the source of this package.
func wholeProgram(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

// Somebody who can write into the folder puts a backup there in which he altered
// the journal, with digests that fit: its own chains do not hold.
func TestForgedCopyIsRefused(t *testing.T) {
	s := newStage(t, Store{})
	folder := t.TempDir()
	var made backup.Manifest
	mustCall(t, &made, join([]string{"backup", folder, "--plain"}, s.store.flags())...)
	rows := filepath.Join(folder, made.ID, "rows.jsonl.zst")
	forge(t, rows, `"org.created"`, `"org.altered"`)
	b, err := os.ReadFile(rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range made.Parts {
		if p.Name == filepath.Base(rows) {
			sum := sha256.Sum256(b)
			made.Parts[i].Size, made.Parts[i].SHA256 = int64(len(b)), hex.EncodeToString(sum[:])
		}
	}
	manifest, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, made.ID, "manifest.json"), manifest, 0o600); err != nil {
		t.Fatal(err)
	}
	place := target(t, db.SQLite, s.store.ledger())
	code, out, errs := call(join([]string{"restore", folder, "--ledger", place.Ledger}, place.flags())...)
	if code != 2 || out != "" || !strings.Contains(errs, "hash") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if _, err := os.Stat(filepath.Join(place.Data, "minamori.db")); err == nil {
		t.Error("it was put into its place")
	}
}

func forge(t *testing.T, path, from, to string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	plain, err := in.DecodeAll(b, nil)
	if err != nil || !bytes.Contains(plain, []byte(from)) {
		t.Fatalf("nothing to forge: %v", err)
	}
	out, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.EncodeAll(bytes.ReplaceAll(plain, []byte(from), []byte(to)), nil), 0o600); err != nil {
		t.Fatal(err)
	}
}
