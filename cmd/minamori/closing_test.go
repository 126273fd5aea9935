package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/domain/closing"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/journal"
)

// mayStay are the tables that keep the id of a company that was closed.
var mayStay = map[string]bool{"closing_case": true, "journal_entry": true, "journal_head": true}

// After the closing no table and no file holds the company, but for what
// docs/security.md allows; and the chain is whole.
func TestClosingLeavesNothing(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx, owner := context.Background(), s.login(s.cast["owner"])
		name := named[0].Name
		s.send(owner, "/orgs/"+s.a+"/closing", map[string]any{})
		id := s.value("SELECT id FROM closing_case WHERE org_id = ?", s.a)
		*s.clock = s.clock.Add(100 * 24 * time.Hour) // a clock that jumped is no notice
		s.tick(t)
		if err := s.Closing.Close(ctx, id); err == nil {
			t.Fatal("closed on the first day")
		}
		*s.clock = s.clock.Add(-50 * 24 * time.Hour)
		for range 20 {
			*s.clock = s.clock.Add(24 * time.Hour)
			s.tick(t)
		}
		broken := errors.New("the machine died")
		s.interrupted(t, id, broken)
		if err := s.Closing.Close(ctx, id); err != nil {
			t.Fatal(err)
		}
		for _, table := range s.tables() {
			rows := s.dump(table)
			if strings.Contains(rows, s.a) && !mayStay[table] {
				t.Errorf("%s keeps rows of the company", table)
			}
			if strings.Contains(rows, name) || strings.Contains(rows, "倉庫（架空）") || strings.Contains(rows, "invited@example.jp") {
				t.Errorf("%s keeps words of the company", table)
			}
		}
		s.chainHolds(t)
		s.exportHolds(t, id, "company/company.json", "company/journal.ndjson", "answers/answers.csv", "files/files/", name)
		old := time.Now().Add(-48 * time.Hour)
		_ = filepath.WalkDir(filepath.Join(s.store.Data, "files"), func(path string, d fs.DirEntry, _ error) error { return os.Chtimes(path, old, old) })
		if _, err := s.Files.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		_ = filepath.WalkDir(filepath.Join(s.store.Data, "files"), func(path string, d fs.DirEntry, _ error) error {
			if !d.IsDir() && s.value("SELECT CAST(COUNT(*) AS TEXT) FROM blob_file WHERE key = ?", d.Name()) == "0" {
				t.Errorf("a file stays: %s", path)
			}
			return nil
		})
	})
}

func (s *stage) tick(t *testing.T) {
	t.Helper()
	if err := s.Closing.Tick(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// interrupted breaks the closing off in each of its steps, one after the other.
func (s *stage) interrupted(t *testing.T, id string, broken error) {
	t.Helper()
	for i := range s.Closing.Closers {
		cfg := s.Closing.Config
		cfg.Closers = append([]closing.Closer{}, cfg.Closers...)
		cfg.Closers[i].Close = func(context.Context, string) error { return broken }
		if err := closing.New(cfg).Close(context.Background(), id); !errors.Is(err, broken) {
			t.Fatalf("step %d: %v", i, err)
		}
	}
}

func (s *stage) chainHolds(t *testing.T) {
	t.Helper()
	r, err := journal.Verify(context.Background(), s.DB, nil, nil)
	if err != nil || !r.OK() {
		t.Errorf("the chain: %+v, %v", r.Faults, err)
	}
}

func (s *stage) exportHolds(t *testing.T, id string, parts ...string) {
	t.Helper()
	path := filepath.Join(s.store.Data, "exports", id+".zip")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(whole)
	w := s.do(asked{session: s.login(s.cast["owner"]), method: "GET", path: "/api/v1/closings"})
	if !strings.Contains(w.Body.String(), hex.EncodeToString(sum[:])) {
		t.Errorf("the digest is not shown: %s", w.Body)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var all strings.Builder
	for _, f := range z.File {
		all.WriteString(f.Name + "\n")
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := readAll(r); err == nil {
			all.Write(b)
		}
	}
	for _, p := range parts {
		if !strings.Contains(all.String(), p) {
			t.Errorf("the export lacks %s", p)
		}
	}
}

// Called off, the company is as before.
func TestClosingIsCalledOff(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		owner := s.login(s.cast["owner"])
		s.send(owner, "/orgs/"+s.a+"/closing", map[string]any{})
		if w := s.do(asked{session: owner, method: "GET", path: "/orgs/" + s.a}); !strings.Contains(w.Body.String(), "解約まで、あと14日") {
			t.Error("the home does not say it")
		}
		s.send(owner, "/orgs/"+s.a+"/closing/call-off", map[string]any{})
		for range 20 {
			*s.clock = s.clock.Add(24 * time.Hour)
			s.tick(t)
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM org_organisation WHERE id = ?", s.a); n != "1" {
			t.Error("the company has gone")
		}
		if paused, err := s.Org.Paused(readCtx(t, s), org.ID(s.a)); err != nil || paused {
			t.Errorf("still paused: %v", err)
		}
	})
}

// A person who asks to be forgotten is nowhere; what he answered stays.
func TestErasedPersonIsNowhere(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		member := s.cast["member"]
		his := s.login(member)
		item := "/orgs/" + s.a + "/frameworks/" + pack25 + "/items/12"
		s.do(asked{session: his, method: "POST", path: item, kind: "application/x-www-form-urlencoded", body: "answer=partly&revision=1"})
		answered := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM assess_answer WHERE org_id = ?", s.a)
		if w := s.do(asked{session: s.login(s.cast["owner"]), method: "POST", path: "/account/erase", kind: "application/x-www-form-urlencoded"}); w.Code != http.StatusConflict {
			t.Errorf("the only owner: %d", w.Code)
		}
		s.send(his, "/account/erase", map[string]any{})
		for _, table := range s.tables() {
			if rows := s.dump(table); strings.Contains(rows, "taro@example.jp") || strings.Contains(rows, "現場 たろう") {
				for line := range strings.SplitSeq(rows, "\n") {
					if strings.Contains(line, "taro@example.jp") || strings.Contains(line, "現場 たろう") {
						t.Errorf("%s names the person: %.400s", table, line)
					}
				}
			}
		}
		s.chainHolds(t)
		if !strings.Contains(s.dump("journal_entry"), "erased on request") {
			t.Error("no entry says that it was erased on request")
		}
		if now := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM assess_answer WHERE org_id = ?", s.a); now != answered {
			t.Errorf("%s answers, were %s", now, answered)
		}
		if w := s.do(asked{session: his, method: "GET", path: "/orgs"}); w.Code == http.StatusOK {
			t.Error("his session lives")
		}
	})
}

func readAll(r io.ReadCloser) ([]byte, error) {
	defer r.Close()
	return io.ReadAll(r)
}
