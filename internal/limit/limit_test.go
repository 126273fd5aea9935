package limit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
)

var noon = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

var three = Rule{Name: "three", Burst: 3, Every: time.Minute}

func hash(s string) []byte { sum := sha256.Sum256([]byte(s)); return sum[:] }

// clock is a time that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// both runs a test on both databases and on a Keeper without one.
func both(t *testing.T, f func(t *testing.T, k *Keeper, c *clock)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{Schema()}, func(t *testing.T, d *db.DB) {
		c := &clock{noon}
		f(t, New(d, c.now, hash), c)
	})
	t.Run("in process", func(t *testing.T) {
		c := &clock{noon}
		f(t, InProcess(c.now), c)
	})
}

func try(t *testing.T, k *Keeper, key string) bool {
	t.Helper()
	ok, err := k.Try(context.Background(), three, key)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// tries counts how many of n are allowed.
func tries(t *testing.T, k *Keeper, n int) (allowed int) {
	t.Helper()
	for range n {
		if try(t, k, "somebody") {
			allowed++
		}
	}
	return allowed
}

func TestBurstThenOnePerInterval(t *testing.T) {
	both(t, func(t *testing.T, k *Keeper, c *clock) {
		got := []int{tries(t, k, 5)}
		for _, wait := range []time.Duration{59 * time.Second, time.Second, time.Minute, 150 * time.Second, 24 * time.Hour} {
			c.at = c.at.Add(wait)
			got = append(got, tries(t, k, 5))
		}
		// After 150 s two and a half have run out: two may come.
		if diff := cmp.Diff([]int{3, 0, 1, 1, 2, 3}, got); diff != "" {
			t.Errorf("allowed (-want +got):\n%s", diff)
		}
		if !try(t, k, "somebody else") {
			t.Error("one key's tries count for another")
		}
	})
}

// What weighs two takes two places, or none.
func TestWeight(t *testing.T) {
	both(t, func(t *testing.T, k *Keeper, _ *clock) {
		var got []bool
		for _, n := range []int{4, 2, 2, 1, 1} {
			ok, err := k.TryN(context.Background(), three, "somebody", n)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ok)
		}
		if diff := cmp.Diff([]bool{false, true, false, true, false}, got); diff != "" {
			t.Errorf("weights 4, 2, 2, 1, 1 (-want +got):\n%s", diff)
		}
	})
}

// The clock is put back by a day: nobody is locked out for it, and whoever had
// used up his tries is not given new ones.
func TestClockBackADay(t *testing.T) {
	both(t, func(t *testing.T, k *Keeper, c *clock) {
		tries(t, k, 5)
		try(t, k, "an owner")
		c.at = c.at.Add(-24 * time.Hour)
		if n := tries(t, k, 5); n != 0 {
			t.Errorf("after the clock was put back an attacker has %d tries more", n)
		}
		c.at = c.at.Add(59 * time.Second)
		if n := tries(t, k, 5); n != 0 {
			t.Errorf("an attacker has %d tries within the interval", n)
		}
		try(t, k, "an owner") // finds the bucket of a time to come
		c.at = c.at.Add(2 * time.Second)
		if n := tries(t, k, 5); n != 1 {
			t.Errorf("an attacker has %d tries after the interval, want one as everybody", n)
		}
		c.at = c.at.Add(time.Minute)
		if !try(t, k, "an owner") {
			t.Error("an owner is locked out a minute after the clock was put back")
		}
	})
}

// Nodes whose clocks differ by a minute give no more tries together than the one
// that runs ahead gives alone.
func TestClocksThatDiffer(t *testing.T) {
	dbtest.Each(t, []db.Schema{Schema()}, func(t *testing.T, d *db.DB) {
		behind, ahead := &clock{noon}, &clock{noon.Add(time.Minute)}
		a, b := New(d, behind.now, hash), New(d, ahead.now, hash)
		allowed := 0
		for range 20 {
			allowed += tries(t, b, 1) + tries(t, a, 1)
		}
		if allowed != 3 {
			t.Errorf("%d tries, want 3", allowed)
		}
	})
}

func TestManyAtOnceCountOnce(t *testing.T) {
	dbtest.Each(t, []db.Schema{Schema()}, func(t *testing.T, d *db.DB) {
		k := New(d, func() time.Time { return noon }, hash)
		var mu sync.Mutex
		var wg sync.WaitGroup
		allowed := 0
		for range 40 {
			wg.Go(func() {
				ok, err := k.Try(context.Background(), three, "somebody")
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if ok {
					allowed++
				}
			})
		}
		wg.Wait()
		if allowed != 3 {
			t.Errorf("%d of 40 at once, want 3", allowed)
		}
	})
}

// What is refused changes nothing; what is undone is not counted; a copy of the
// table names nobody; and empty buckets go.
func TestRows(t *testing.T) {
	dbtest.Each(t, []db.Schema{Schema()}, func(t *testing.T, d *db.DB) {
		ctx, c := context.Background(), &clock{noon}
		k := New(d, c.now, hash)
		undone := errors.New("undone")
		if err := d.Write(ctx, func(ctx context.Context) error {
			if ok, err := k.Try(ctx, three, "taro@example.jp"); !ok || err != nil {
				t.Errorf("%v %v", ok, err)
			}
			return undone
		}); err != undone {
			t.Fatal(err)
		}
		if n := keys(t, d); len(n) != 0 {
			t.Errorf("an undone try left %v", n)
		}
		try(t, k, "taro@example.jp")
		for _, key := range keys(t, d) {
			if len(key) != 32 || strings.Contains(key, "taro") {
				t.Errorf("key %q is no digest", key)
			}
		}
		if err := k.Sweep(ctx); err != nil || len(keys(t, d)) != 1 {
			t.Errorf("%v: a bucket that is not empty was swept", err)
		}
		c.at = c.at.Add(61 * time.Second)
		if err := k.Sweep(ctx); err != nil || len(keys(t, d)) != 0 {
			t.Errorf("%v: an empty bucket stays", err)
		}
	})
}

func keys(t *testing.T, d *db.DB) (all []string) {
	t.Helper()
	err := d.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = db.Rows(ctx, func(s *string) []any { return []any{s} }, "SELECT key FROM limit_bucket")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// otherNode makes this test binary be another process on the same PostgreSQL.
const otherNode = "MINAMORI_LIMIT_NODE"

// Two processes on one PostgreSQL share the tries, and so does a third one that
// is started afterwards.
func TestTwoProcesses(t *testing.T) {
	if target := os.Getenv(otherNode); target != "" {
		asOtherNode(t, target)
		return
	}
	target := dbtest.PostgresURL(t)
	d, err := db.Open(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Migrate(context.Background(), []db.Schema{Schema()}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	counts := make([]int, 2)
	for i := range counts {
		wg.Go(func() { counts[i] = another(t, target) })
	}
	wg.Wait()
	if counts[0]+counts[1] != 3 {
		t.Errorf("two processes allowed %v, want 3 together", counts)
	}
	if n := another(t, target); n != 0 {
		t.Errorf("a process that started afterwards allowed %d", n)
	}
}

func another(t *testing.T, target string) int {
	cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$", "-test.v")
	cmd.Env = append(os.Environ(), otherNode+"="+target)
	out, err := cmd.Output()
	_, rest, ok := strings.Cut(string(out), "allowed=")
	if err != nil || !ok {
		t.Errorf("%v: %s", err, out)
		return 0
	}
	number, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Error(err)
	}
	return n
}

func asOtherNode(t *testing.T, target string) {
	d, err := db.Open(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	k := New(d, func() time.Time { return noon }, hash)
	fmt.Printf("allowed=%d\n", tries(t, k, 10))
}
