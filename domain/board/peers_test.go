package board

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/count"
)

func TestScoreBinsCoverTheRange(t *testing.T) {
	at := map[int]int{}
	for score := 10; score <= 50; score++ {
		bin := scoreBin(score, 10)
		if bin < 0 || bin >= fifths {
			t.Fatalf("score %d in bin %d", score, bin)
		}
		at[bin]++
	}
	if d := cmp.Diff(map[int]int{0: 9, 1: 8, 2: 8, 3: 8, 4: 8}, at); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]float64{14, 22, 30, 38, 46}, scoreValues(10)); d != "" {
		t.Error(d)
	}
}

// Mean and deviation come from the bins of a release, hidden cells left out.
func TestPeersOfARelease(t *testing.T) {
	p := &assess.Pack{ID: "x", Items: make([]assess.Item, 10)}
	for i := range p.Items {
		p.Items[i].ID = string(rune('a' + i))
	}
	release := count.Release{Total: 20, Cells: map[string][]int{
		overall: {5, count.Hidden, 10, count.Hidden, 5},
		"a":     {count.Hidden, 5, 15, count.Hidden, count.Hidden},
		"b":     {count.Hidden, count.Hidden, count.Hidden, count.Hidden, count.Hidden},
	}}
	got := peersOf(p, release, true)
	if d := cmp.Diff(map[string]float64{"a": 3}, got.Levels); d != "" { // 2.75, in halves
		t.Error(d)
	}
	// Five at 14, ten at 30, five at 46: mean 30, variance (5·256 + 5·256) / 20 = 128.
	if got.mean != 30 || got.spread < 11.31 || got.spread > 11.32 {
		t.Errorf("mean %v, spread %v", got.mean, got.spread)
	}
	for score, want := range map[int]int{30: 50, 42: 60, 50: 70, 10: 30} {
		if d, ok := got.Deviation(score); !ok || d != want {
			t.Errorf("score %d: %d %v, want %d", score, d, ok, want)
		}
	}
	if _, ok := (*Peers)(nil).Deviation(30); ok {
		t.Error("a deviation among nobody")
	}
}

// Where something is not known the drawing has a gap, on both sides of it.
func TestRadarHasGaps(t *testing.T) {
	levels := []int{3, 3, 0, 2, 1}
	got := segments(5, func(i int) bool { return levels[i] > 0 })
	if d := cmp.Diff([][2]int{{0, 1}, {3, 4}, {4, 0}}, got); d != "" {
		t.Error(d)
	}
	r := radar{own: levels, goal: []int{3, 3, 3, 3, 3}, peers: make([]float64, 5), names: []string{"あ", "い", "う", "え", "お"}}
	if r.whole() || r.hasPeers() {
		t.Error("it is whole, or has peers")
	}
	values := []string{}
	for i := range levels {
		values = append(values, r.label(i).value)
	}
	if d := cmp.Diff([]string{"3", "3", "?", "▼ 2", "▼ 1"}, values); d != "" {
		t.Error(d)
	}
}
