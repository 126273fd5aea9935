package journal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
)

var now = time.Date(2026, 10, 14, 9, 12, 0, 0, time.UTC)

func each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	dbtest.Each(t, []db.Schema{journal.Schema()}, f)
}

func note(t testing.TB, d *db.DB, org, verb string, words any) {
	t.Helper()
	err := d.Write(context.Background(), func(ctx context.Context) error {
		return journal.Note(ctx, journal.Entry{Org: org, At: now, Actor: "a1", Verb: verb, Subject: "s1"}, words)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func exec(t testing.TB, d *db.DB, query string, args ...any) {
	t.Helper()
	err := d.Write(context.Background(), func(ctx context.Context) error { _, err := db.Exec(ctx, query, args...); return err })
	if err != nil {
		t.Fatal(err)
	}
}

func verify(t testing.TB, d *db.DB, saved ...journal.Head) journal.Report {
	t.Helper()
	r, err := journal.Verify(context.Background(), d, saved, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func head(t testing.TB, d *db.DB, org string) (h journal.Head) {
	t.Helper()
	err := d.Read(context.Background(), func(ctx context.Context) (err error) { h, err = journal.HeadOf(ctx, org); return err })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestChainHoldsUnderConcurrentWriters(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for i := range 120 {
			wg.Go(func() { note(t, d, fmt.Sprint("o", i%3), "test.done", map[string]int{"i": i}) })
		}
		wg.Wait()
		if r := verify(t, d); !r.OK() || r.Entries != 120 || r.Organisations != 3 {
			t.Errorf("report %+v", r)
		}
	})
}

// What the keeper of the database could do, and what finds it.
func TestVerifyFindsWhatWasChanged(t *testing.T) {
	spoil := map[string]struct{ query, why string }{
		"changed actor":  {"UPDATE journal_entry SET actor = 'a2' WHERE seq = 2", "hash"},
		"changed text":   {"UPDATE journal_entry SET body = '{}' WHERE seq = 2", "text"},
		"removed entry":  {"DELETE FROM journal_entry WHERE seq = 2", "gap"},
		"cut tail":       {"DELETE FROM journal_entry WHERE seq = 3", "head"},
		"forgotten head": {"DELETE FROM journal_head", "head"},
	}
	each(t, func(t *testing.T, d *db.DB) {
		for range 3 {
			note(t, d, "o1", "test.done", map[string]string{"name": "𠮷野"})
		}
		for name, s := range spoil {
			t.Run(name, func(t *testing.T) {
				undo := errors.New("undo")
				// The damage is looked at inside its own transaction, which is then undone.
				err := d.Write(context.Background(), func(ctx context.Context) error {
					if _, err := db.Exec(ctx, s.query); err != nil {
						return err
					}
					if r, err := journal.Verify(ctx, d, nil, nil); err != nil || r.OK() || !has(r, s.why) {
						t.Errorf("report %+v, %v; want a fault %q", r, err, s.why)
					}
					return undo
				})
				if !errors.Is(err, undo) {
					t.Fatal(err)
				}
			})
		}
		if r := verify(t, d); !r.OK() {
			t.Errorf("after undoing: %+v", r)
		}
	})
}

func has(r journal.Report, why string) bool {
	for _, f := range r.Faults {
		if f.Why == why {
			return true
		}
	}
	return false
}

// A keeper who rebuilds the whole chain is found by a head saved elsewhere only.
func TestSavedHeadFindsRecomputedAndCutChains(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		for range 3 {
			note(t, d, "o1", "test.done", nil)
		}
		saved := head(t, d, "o1")
		if r := verify(t, d, saved); !r.OK() || r.Heads != 1 {
			t.Fatalf("before: %+v", r)
		}
		exec(t, d, "DELETE FROM journal_entry")
		exec(t, d, "DELETE FROM journal_head")
		if r := verify(t, d, saved); !has(r, "cut") {
			t.Errorf("emptied chain passes: %+v", r)
		}
		for range 2 {
			note(t, d, "o1", "test.done", nil)
		}
		if r := verify(t, d); !r.OK() {
			t.Errorf("the rebuilt chain holds by itself: %+v", r)
		}
		if r := verify(t, d, saved); !has(r, "cut") {
			t.Errorf("shorter rebuilt chain passes: %+v", r)
		}
		note(t, d, "o1", "test.done", nil)
		if r := verify(t, d, saved); !has(r, "rewritten") {
			t.Errorf("rebuilt chain passes: %+v", r)
		}
	})
}

func TestErasedTextIsGoneAndTheChainHolds(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		note(t, d, "o1", "test.done", map[string]string{"name": "架空 花子"})
		err := d.Write(context.Background(), func(ctx context.Context) error {
			n, err := journal.Erase(ctx, "o1", "s1", "a9", "on request", now)
			if n != 1 {
				t.Errorf("erased %d entries, want 1", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := verify(t, d); !r.OK() || r.Erased != 1 {
			t.Errorf("report %+v", r)
		}
		var all bytes.Buffer
		err = d.Read(context.Background(), func(ctx context.Context) error {
			return journal.Export(ctx, "o1", func(e journal.Entry) error { return json.NewEncoder(&all).Encode(e) })
		})
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(all.Bytes(), []byte("花子")) || !bytes.Contains(all.Bytes(), []byte(`"erased":true`)) {
			t.Errorf("export after erasing: %s", all.String())
		}
	})
}

func TestFollowerSeesEachEntryOnceInOrder(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var seen []int64
		failing := true
		f := journal.Follower{Name: "test", Verbs: []string{"test."}, React: func(ctx context.Context, entries []journal.Entry) error {
			if failing {
				failing = false
				return errors.New("not yet")
			}
			for _, e := range entries {
				seen = append(seen, e.Pos)
			}
			return nil
		}}
		for i := range 450 {
			verb := "test.done"
			if i%3 == 0 {
				verb = "other.done"
			}
			note(t, d, "o1", verb, nil)
		}
		if err := journal.CatchUp(context.Background(), d, f); err == nil {
			t.Error("the reaction's error was swallowed")
		}
		for range 2 {
			if err := journal.CatchUp(context.Background(), d, f); err != nil {
				t.Fatal(err)
			}
		}
		if len(seen) != 300 {
			t.Fatalf("saw %d entries, want 300", len(seen))
		}
		for i := 1; i < len(seen); i++ {
			if seen[i] <= seen[i-1] {
				t.Fatalf("place %d after %d", seen[i], seen[i-1])
			}
		}
	})
}

func FuzzReadHeads(f *testing.F) {
	f.Add([]byte(`{"org":"o","seq":1,"hash":"00"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		heads, err := journal.ReadHeads(bytes.NewReader(b))
		if err == nil {
			for _, h := range heads {
				if h.Seq < 1 || len(h.Hash) != 32 {
					t.Errorf("accepted %+v", h)
				}
			}
		}
	})
}
