package count

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
)

var table = Table{Name: "test.points E/small", Dimensions: []Dimension{{"points", 4}, {"area", 2}}}

func counter(key string, now *time.Time) *Counter {
	return New(func(purpose, id string) string {
		m := hmac.New(sha256.New, []byte(key))
		m.Write([]byte(purpose + id))
		return hex.EncodeToString(m.Sum(nil))
	}, func() time.Time { return *now })
}

func parts(n int, bins ...int) (all []Part) {
	for i := range n {
		all = append(all, Part{fmt.Sprintf("org%03d", i), bins})
	}
	return all
}

func write(t testing.TB, d *db.DB, f func(ctx context.Context) error) {
	t.Helper()
	if err := d.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func publish(t testing.TB, d *db.DB, c *Counter, all []Part) (made bool) {
	t.Helper()
	write(t, d, func(ctx context.Context) (err error) {
		made, err = c.Publish(ctx, table, all)
		return err
	})
	return made
}

func released(t testing.TB, d *db.DB) (r Release, ok bool) {
	t.Helper()
	err := d.Read(context.Background(), func(ctx context.Context) error {
		all, err := Read(ctx, table.Name, "another table")
		r, ok = all[table.Name]
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, ok
}

func each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	dbtest.Each(t, []db.Schema{Schema()}, f)
}

func TestReleasesAreRoundedAndHideTheFew(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		c := counter("k", &now)
		all := append(parts(60, 1, 0), Part{"one", []int{3, 1}})
		if publish(t, d, c, parts(Group-1, 1, 0)) {
			t.Error("a group that is too small has a release")
		}
		if !publish(t, d, c, all) {
			t.Fatal("no release of 61 companies")
		}
		r, ok := released(t, d)
		if !ok || r.Total%Step != 0 || r.Total < 61-Blur-Step || r.Total > 61+Blur+Step {
			t.Errorf("total %d", r.Total)
		}
		for dimension, cells := range r.Cells {
			for bin, n := range cells {
				if n != Hidden && n%Step != 0 {
					t.Errorf("%s %d: %d is not rounded", dimension, bin, n)
				}
				if n > 0 && n < Least {
					t.Errorf("%s %d: %d stands for too few", dimension, bin, n)
				}
			}
		}
		if cells := r.Cells["area"]; cells[0] != Hidden && cells[1] != Hidden && cells[1] < Least {
			t.Errorf("the one of area 1 shows: %v", cells)
		}
	})
}

func TestReleasesWaitForAWeekAndForChanges(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		c := counter("k", &now)
		publish(t, d, c, parts(40, 1, 0))
		first, _ := released(t, d)
		many := append(parts(40, 1, 0), parts(80, 2, 1)[40:]...)
		now = now.Add(Every - time.Second)
		if publish(t, d, c, many) {
			t.Error("a new release within a week")
		}
		now = now.Add(time.Second)
		few := append(parts(40, 1, 0), parts(44, 2, 1)[40:]...) // four came
		if publish(t, d, c, few) {
			t.Error("four changes made a release")
		}
		if again, _ := released(t, d); again.Made != first.Made || again.Total != first.Total {
			t.Error("the old release has changed")
		}
		if !publish(t, d, c, many) {
			t.Error("forty changes make no release")
		}
		now = now.Add(Every)
		if !publish(t, d, c, parts(3, 1, 0)) {
			t.Error("many left, and the old numbers stay")
		}
		if r, ok := released(t, d); ok {
			t.Errorf("three companies have a release: %+v", r)
		}
	})
}

// The same companies give the same numbers: asking again cannot average the blur away.
func TestBlurIsOfTheSet(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		c := counter("k", &now)
		publish(t, d, c, parts(40, 1, 0))
		first, _ := released(t, d)
		write(t, d, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "DELETE FROM count_cell")
			if err == nil {
				_, err = db.Exec(ctx, "DELETE FROM count_release")
			}
			return err
		})
		reversed := parts(40, 1, 0)
		for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
			reversed[i], reversed[j] = reversed[j], reversed[i]
		}
		publish(t, d, c, reversed)
		if again, _ := released(t, d); fmt.Sprint(again.Cells) != fmt.Sprint(first.Cells) {
			t.Errorf("the same set gives %v and %v", first.Cells, again.Cells)
		}
	})
}

// The attack of the stated model: the attacker knows all companies of the group
// but one, owns four of them, and looks at a release before and after. Over all
// keys that there could be, what he sees is nearly as likely whatever the one
// answered, and whether or not it is there.
func TestOneCompanyCannotBeTold(t *testing.T) {
	const keys = 20000
	others := parts(20, 1, 0)
	worlds := map[string][]Part{
		"answers low":  append(parts(20, 1, 0), Part{"target", []int{0, 0}}),
		"answers high": append(parts(20, 1, 0), Part{"target", []int{3, 1}}),
		"is not there": others,
	}
	puppets := func(world []Part, bin int) []Part {
		all := append([]Part{}, world...)
		for i := range 4 {
			all = append(all, Part{fmt.Sprint("puppet", i), []int{bin, 1}})
		}
		return all
	}
	seen := map[string]map[string]float64{}
	for name, world := range worlds {
		seen[name] = map[string]float64{}
		for key := range keys {
			now := time.Time{}
			c := counter(fmt.Sprint(key), &now)
			outcome := ""
			for _, bin := range []int{0, 3} { // his four move between the two looks
				all := puppets(world, bin)
				digests := make([][]byte, len(all))
				for i, p := range all {
					digests[i] = c.digest(table, p)
				}
				b := c.blurOf(table, digests)
				outcome += fmt.Sprint(b.dimension(table.Dimensions[0], 0, all)[bin], " ")
			}
			seen[name][outcome] += 1.0 / keys
		}
	}
	for a := range seen {
		for b := range seen {
			if d := distance(seen[a], seen[b]); d > 0.25 {
				t.Errorf("%q and %q are told apart with an advantage of %.2f", a, b, d)
			}
		}
	}
	// The test can fail: without a blur the two worlds are told apart for certain.
	if d := distance(map[string]float64{"4": 1}, map[string]float64{"5": 1}); d != 1 {
		t.Errorf("the measure does not measure: %v", d)
	}
}

// distance is the total variation: how much better than by chance somebody
// guesses who knows both distributions.
func distance(a, b map[string]float64) (sum float64) {
	for k := range a {
		sum += math.Abs(a[k] - b[k])
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			sum += b[k]
		}
	}
	return sum / 2
}

// Whatever companies do: between two releases lies a week and Least changes, and
// nothing is shown that stands for fewer than Least.
func TestRulesHoldWhateverHappens(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			write(t, d, func(ctx context.Context) error {
				for _, table := range []string{"count_cell", "count_part", "count_release"} {
					if _, err := db.Exec(ctx, "DELETE FROM "+table); err != nil {
						return err
					}
				}
				return nil
			})
			now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
			c := counter("k", &now)
			companies, last := map[string]int{}, map[string]int{}
			var made time.Time
			for range rapid.IntRange(1, 12).Draw(rt, "weeks") {
				for range rapid.IntRange(0, 12).Draw(rt, "moves") {
					org := fmt.Sprint("org", rapid.IntRange(0, 40).Draw(rt, "org"))
					if rapid.Bool().Draw(rt, "leaves") {
						delete(companies, org)
					} else {
						companies[org] = rapid.IntRange(0, 3).Draw(rt, "bin")
					}
				}
				now = now.Add(time.Duration(rapid.IntRange(1, 9).Draw(rt, "days")) * 24 * time.Hour)
				var all []Part
				for org, bin := range companies {
					all = append(all, Part{org, []int{bin, bin % 2}})
				}
				if !publish(t, d, c, all) {
					continue
				}
				if !made.IsZero() && (now.Sub(made) < Every || changes(last, companies) < Least) {
					rt.Fatalf("a release after %v and %d changes", now.Sub(made), changes(last, companies))
				}
				r, ok := released(t, d)
				if ok && len(companies) < Group {
					rt.Fatalf("%d companies have a release", len(companies))
				}
				for _, cells := range r.Cells {
					for _, n := range cells {
						if n != Hidden && (n < Least || n%Step != 0) {
							rt.Fatalf("shown: %v", cells)
						}
					}
				}
				made = now
				last = map[string]int{}
				for org, bin := range companies {
					last[org] = bin
				}
				if !ok {
					made, last = time.Time{}, map[string]int{}
				}
			}
		})
	})
}

func changes(a, b map[string]int) (n int) {
	for org, bin := range a {
		if other, ok := b[org]; !ok || other != bin {
			n++
		}
	}
	for org := range b {
		if _, ok := a[org]; !ok {
			n++
		}
	}
	return n
}

func TestReading(t *testing.T) {
	r := Release{Cells: map[string][]int{"points": {10, Hidden, 20, 5}}}
	if bin, ok := r.Median("points"); !ok || bin != 2 {
		t.Errorf("median %d", bin)
	}
	if n := r.Above("points", 1); n != 25 {
		t.Errorf("above: %d", n)
	}
	if m, ok := r.Mean("points", []float64{0, 1, 2, 4}); !ok || math.Abs(m-60.0/35) > 1e-9 {
		t.Errorf("mean %v", m)
	}
	if _, ok := r.Median("nothing"); ok {
		t.Error("a median of nothing")
	}
}

func TestForget(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		publish(t, d, counter("k", &now), parts(40, 1, 0))
		write(t, d, func(ctx context.Context) error { return Forget(ctx, "org001") })
		err := d.Read(context.Background(), func(ctx context.Context) error {
			n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM count_part WHERE org_id = ?", "org001")
			if n != 0 {
				t.Error("its digest is still there")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestRounded(t *testing.T) {
	for _, c := range []struct {
		n, of, want int
		ok          bool
	}{{4, 4, 0, false}, {7, 12, 5, true}, {8, 12, 10, true}, {0, 5, 0, true}} {
		if got, ok := Rounded(c.n, c.of); got != c.want || ok != c.ok {
			t.Errorf("%d of %d: %d, %v", c.n, c.of, got, ok)
		}
	}
}
