package board_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/board"
)

// golden is the method written out: profiles with index, group and the level that is
// proposed, and scores with their deviation value in a group of companies. It was
// worked out by hand.
type golden struct {
	Profiles []struct {
		Profile board.Profile
		Index   int
		Group   board.Group
		Wanted  int
	}
	Groups []struct {
		Name         string
		Scores       []float64
		Mean, Spread float64
		Values       map[string]struct {
			Score, Deviation float64
			None             bool
		}
	}
}

func TestBenchmarkGolden(t *testing.T) {
	b, err := os.ReadFile("testdata/benchmark.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Profiles) < 6 || len(g.Groups) < 3 {
		t.Fatal("the golden file is short")
	}
	for _, c := range g.Profiles {
		if i := c.Profile.Index(); i != c.Index || c.Profile.Group() != c.Group || c.Profile.Group().Wanted() != c.Wanted {
			t.Errorf("%+v: index %d, group %q, wanted %d", c.Profile, i, c.Profile.Group(), c.Profile.Group().Wanted())
		}
	}
	for _, c := range g.Groups {
		mean, spread := board.Spread(c.Scores)
		if math.Abs(mean-c.Mean) > 0.001 || math.Abs(spread-c.Spread) > 0.001 {
			t.Errorf("%s: mean %.4f, spread %.4f", c.Name, mean, spread)
		}
		for name, v := range c.Values {
			got, ok := board.Deviation(v.Score, mean, spread)
			if ok == v.None || ok && math.Abs(got-v.Deviation) > 0.01 {
				t.Errorf("%s, %s: %.3f %v", c.Name, name, got, ok)
			}
		}
	}
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		levels   board.Levels
		known    int
		complete bool
		average  float64
		any      bool
		text     string
	}{
		{board.Levels{3, 2, 1}, 3, true, 2, true, "3,2,1"},
		{board.Levels{3, 0, 2}, 2, false, 2.5, true, "3,0,2"}, // unknown lowers nothing
		{board.Levels{1, 2, 2}, 3, true, 1.7, true, "1,2,2"},
		{board.Levels{0, 0, 0}, 0, false, 0, false, "0,0,0"},
		{nil, 0, false, 0, false, ""},
	} {
		average, any := c.levels.Average()
		if c.levels.Known() != c.known || c.levels.Complete() != c.complete || average != c.average || any != c.any {
			t.Errorf("%v: %d %v %v %v", c.levels, c.levels.Known(), c.levels.Complete(), average, any)
		}
		if d := cmp.Diff(c.text, c.levels.String()); d != "" {
			t.Error(d)
		}
	}
}
