package assess

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func diagnosis(t testing.TB) *Pack { return library(t).ByID("self-diagnosis-25") }

func all(p *Pack, code string) map[string]string {
	answers := map[string]string{}
	for _, item := range p.Items {
		answers[item.ID] = code
	}
	return answers
}

func with(answers map[string]string, changes ...string) map[string]string {
	for i := 0; i+1 < len(changes); i += 2 {
		answers[changes[i]] = changes[i+1]
	}
	return answers
}

func TestScoreTotals(t *testing.T) {
	p := diagnosis(t)
	type totals struct {
		Points, Answered, Unknown int
		Complete                  bool
		Band                      string
	}
	tests := []struct {
		name    string
		answers map[string]string
		want    totals
	}{
		{"nothing answered", nil, totals{}},
		{"all done", all(p, Done), totals{100, 25, 0, true, "full"}},
		{"all partly", all(p, Partly), totals{50, 25, 0, true, "half"}},
		{"all not done", all(p, NotDone), totals{0, 25, 0, true, "start"}},
		{"all unknown", all(p, Unknown), totals{-25, 25, 25, true, "start"}},
		{"one partly", with(all(p, Done), "1", Partly), totals{98, 25, 0, true, "most"}},
		{"70 is most", with(all(p, Partly), "1", Done, "2", Done, "3", Done, "4", Done, "5", Done,
			"6", Done, "7", Done, "8", Done, "9", Done, "10", Done), totals{70, 25, 0, true, "most"}},
		{"69 is half", with(all(p, Partly), "1", Done, "2", Done, "3", Done, "4", Done, "5", Done, "6", Done,
			"7", Done, "8", Done, "9", Done, "10", Done, "11", Done, "12", Unknown), totals{69, 25, 1, true, "half"}},
		{"49 is start", with(all(p, Partly), "1", Done, "2", Unknown), totals{49, 25, 1, true, "start"}},
		{"one missing has no band", with(all(p, Done), "25", ""), totals{96, 24, 0, false, ""}},
		{"unknown item and unknown code are passed over", map[string]string{"99": Done, "1": "perhaps", "2": Done}, totals{4, 1, 0, false, ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Score(p, tt.answers)
			got := totals{r.Points, r.Answered, r.Unknown, r.Complete, ""}
			if r.Band != nil {
				got.Band = r.Band.Code
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if r.Max != 100 || r.Items != 25 {
				t.Errorf("max %d of %d items, want 100 of 25", r.Max, r.Items)
			}
		})
	}
}

func TestScoreGroups(t *testing.T) {
	p := diagnosis(t)
	r := Score(p, with(all(p, Done),
		"3", NotDone, // passwords 4 of 8
		"6", NotDone, // mail 8 of 12
		"5", Unknown, "19", Unknown, "20", Partly, "21", Partly, // people 2 of 16
		"22", Unknown, "23", Unknown, // partners -2 of 8
		"24", NotDone, "25", "")) // emergency 0, one of two answered
	wantAreas := []Group{
		{ID: "devices", Points: 8, Max: 8, Items: 2, Answered: 2, Percent: 100},
		{ID: "passwords", Points: 4, Max: 8, Items: 2, Answered: 2, Percent: 50},
		{ID: "mail", Points: 8, Max: 12, Items: 3, Answered: 3, Percent: 67},
		{ID: "network", Points: 12, Max: 12, Items: 3, Answered: 3, Percent: 100},
		{ID: "paper", Points: 28, Max: 28, Items: 7, Answered: 7, Percent: 100},
		{ID: "people", Points: 2, Max: 16, Items: 4, Answered: 4, Percent: 13},
		{ID: "partners", Points: -2, Max: 8, Items: 2, Answered: 2, Percent: 0},
		{ID: "emergency", Points: 0, Max: 8, Items: 2, Answered: 1, Percent: 0},
	}
	if diff := cmp.Diff(wantAreas, r.Areas); diff != "" {
		t.Error("areas:", diff)
	}
	wantParts := []Group{
		{ID: "p1", Points: 11, Max: 20, Items: 5, Answered: 5, Percent: 55},
		{ID: "p2", Points: 48, Max: 52, Items: 13, Answered: 13, Percent: 92},
		{ID: "p3", Points: 1, Max: 28, Items: 7, Answered: 6, Percent: 4},
	}
	if diff := cmp.Diff(wantParts, r.Parts); diff != "" {
		t.Error("parts:", diff)
	}
	// emergency is lower still, but has an item without an answer.
	if diff := cmp.Diff([]Group{wantAreas[6], wantAreas[5]}, r.Weak); diff != "" {
		t.Error("weak:", diff)
	}
}

func TestNextThings(t *testing.T) {
	p := diagnosis(t)
	type next struct {
		ID      string
		Gain    int
		FindOut bool
	}
	tests := []struct {
		name    string
		answers map[string]string
		n       int
		want    []next
	}{
		{"nothing answered", nil, 3, nil},
		{"all done", all(p, Done), 3, nil},
		// Harm first (1, 3 and 11), then the shorter work, then the number.
		{"all not done", all(p, NotDone), 3, []next{{"1", 4, false}, {"3", 4, false}, {"11", 4, false}}},
		{"all unknown", all(p, Unknown), 1, []next{{"1", 5, true}}},
		{"unanswered is not no", map[string]string{"8": NotDone}, 3, []next{{"8", 4, false}}},
		{"partly comes after, however grave", map[string]string{"1": Partly, "8": NotDone}, 3, []next{{"8", 4, false}, {"1", 2, false}}},
		{"unknown is no graver than not done", map[string]string{"8": Unknown, "24": NotDone}, 3, []next{{"24", 4, false}, {"8", 5, true}}},
		{"less work first at equal harm", map[string]string{"24": NotDone, "6": NotDone}, 3, []next{{"6", 4, false}, {"24", 4, false}}},
		{"none wanted", all(p, NotDone), 0, nil},
		{"less than none", all(p, NotDone), -1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []next
			for _, x := range NextThings(p, tt.answers, tt.n) {
				got = append(got, next{x.ID, x.Gain, x.FindOut})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPledgeHasNoPoints(t *testing.T) {
	p := library(t).ByID("security-action-articles-6")
	r := Score(p, with(all(p, NotDone), "1", Done))
	if r.Points != 0 || r.Max != 0 || r.Band != nil || r.Weak != nil || !r.Complete {
		t.Errorf("a pledge is complete without points or band, got %+v", r)
	}
	if got := NextThings(p, all(p, NotDone), 1); len(got) != 1 || got[0].Gain != 0 {
		t.Errorf("got %v", got)
	}
}

// TestScoreAddsUp holds for any answers: parts and areas split the total, the
// band holds the points, and doing a next thing never lowers the score.
func TestScoreAddsUp(t *testing.T) {
	p := diagnosis(t)
	rapid.Check(t, func(t *rapid.T) {
		answers := map[string]string{}
		for _, item := range p.Items {
			answers[item.ID] = rapid.SampledFrom([]string{Done, Partly, NotDone, Unknown, ""}).Draw(t, "answer "+item.ID)
		}
		r := Score(p, answers)
		sums := map[string]int{}
		for _, a := range r.Areas {
			sums["areas"] += a.Points
		}
		for _, x := range r.Parts {
			sums["parts"] += x.Points
		}
		if sums["areas"] != r.Points || sums["parts"] != r.Points {
			t.Fatalf("points %d, but %v", r.Points, sums)
		}
		if (r.Band != nil) != r.Complete || r.Complete && (r.Points < r.Band.Min || r.Points > r.Band.Max) {
			t.Fatalf("points %d in band %+v", r.Points, r.Band)
		}
		for _, x := range NextThings(p, answers, 3) {
			answers[x.ID] = Done
			after := Score(p, answers)
			if after.Points != r.Points+x.Gain {
				t.Fatalf("item %s: from %d to %d, gain said %d", x.ID, r.Points, after.Points, x.Gain)
			}
			r = after
		}
	})
}

func ExampleScore() {
	p := &Pack{
		Choices: []Choice{{Code: Done, Points: 4}, {Code: Unknown, Points: -1}},
		Items:   []Item{{ID: "1"}, {ID: "2"}},
	}
	r := Score(p, map[string]string{"1": Done})
	fmt.Println(r.Points, "of", r.Max, "complete:", r.Complete)
	// Output: 4 of 8 complete: false
}
