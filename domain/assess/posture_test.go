package assess

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// criteria is a small pack: two requirements of a part, of which the first asks
// for a rule and for a setting.
func criteria() *Pack {
	return &Pack{
		ID: "tiny", Kind: Criteria, Parts: []Part{{ID: "4"}},
		Requirements: []Requirement{{ID: "4-1-5", Part: "4"}, {ID: "4-4-4", Part: "4"}},
		Items: []Item{
			{ID: "4-1-5-1", Part: "4", Requirement: "4-1-5", Needs: []string{FormRule}},
			{ID: "4-4-4-1", Part: "4", Requirement: "4-4-4", Needs: []string{FormSetting, FormRecord}},
			{ID: "4-4-4-2", Part: "4", Requirement: "4-4-4"},
		},
	}
}

var noon = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

func days(n int) time.Time { return noon.AddDate(0, 0, n) }

func TestStandAtAnItem(t *testing.T) {
	setting := Evidence{Kind: KindFile, Form: FormSetting, At: days(-10), ValidUntil: days(100)}
	rule := Evidence{Kind: KindPaper, Form: FormRule, At: days(-40), ValidUntil: days(20)}
	old := Evidence{Kind: KindPaper, Form: FormRule, At: days(-400), ValidUntil: days(-35)}
	forever := Evidence{Kind: KindPaper, Form: FormRule, At: days(-90)}
	against := Evidence{Kind: KindCheck, Form: FormSetting, At: days(-1), Against: true}
	stale := against
	stale.ValidUntil = days(-1)
	seen := Evidence{Kind: KindConfirmation, At: days(-3)}
	met := func(proofs ...Evidence) ItemStand { return ItemStand{Answer: Answer{Choice: Met}, Proofs: proofs} }
	for name, c := range map[string]struct {
		in   ItemStand
		want ItemStand
	}{
		"no answer":                      {ItemStand{Proofs: []Evidence{rule}}, ItemStand{State: Open, At: days(-40), Until: days(20)}},
		"a word":                         {met(), ItemStand{State: Word}},
		"a rule":                         {met(rule), ItemStand{State: Shown, At: days(-40), Until: days(20)}},
		"a setting supports a rule only": {met(setting), ItemStand{State: Word, Supported: true}},
		"both":                           {met(setting, rule), ItemStand{State: Shown, At: days(-40), Until: days(20)}},
		"ended":                          {met(old), ItemStand{State: Expired}},
		"ended and a setting":            {met(old, setting), ItemStand{State: Expired, Supported: true}},
		"ended and a new one":            {met(old, rule), ItemStand{State: Shown, At: days(-40), Until: days(20)}},
		"one that does not end":          {met(rule, forever), ItemStand{State: Shown, At: days(-40)}},
		"a check says no":                {met(rule, against), ItemStand{State: NotMet, Contradicted: true, At: days(-40), Until: days(20)}},
		"a check said no once":           {met(rule, stale), ItemStand{State: Shown, At: days(-40), Until: days(20)}},
		"partly stays partly":            {ItemStand{Answer: Answer{Choice: Partly}, Proofs: []Evidence{rule}}, ItemStand{State: PartlyMet, At: days(-40), Until: days(20)}},
		"not met stays not met":          {ItemStand{Answer: Answer{Choice: NotMetChoice}, Proofs: []Evidence{rule}}, ItemStand{State: NotMet, At: days(-40), Until: days(20)}},
		"unknown is never no":            {ItemStand{Answer: Answer{Choice: Unknown}}, ItemStand{State: NotKnown}},
		"a choice of another edition":    {ItemStand{Answer: Answer{Choice: "great"}}, ItemStand{State: NotKnown}},
		"not applicable":                 {ItemStand{Answer: Answer{Choice: NotApplicable}}, ItemStand{State: Inapplicable}},
		"somebody confirmed a word":      {met(seen), ItemStand{State: Word, Examined: &seen}},
	} {
		t.Run(name, func(t *testing.T) {
			x := criteria().Items[0]
			got := standAt(&x, c.in.Answer, c.in.Proofs, noon)
			got.Item, got.Answer, got.Proofs = nil, Answer{}, nil
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStandAddsUpWithoutBlending(t *testing.T) {
	answers := map[string]Answer{"4-1-5-1": {Choice: Met}, "4-4-4-1": {Choice: Met}, "elsewhere": {Choice: Met}}
	proofs := map[string][]Evidence{"4-4-4-1": {{Form: FormSetting, At: days(-200)}, {Form: FormRecord, At: days(-5)}}}
	s := Stand(criteria(), answers, proofs, noon)
	if diff := cmp.Diff(Tally{Shown: 1, Word: 1, Open: 1}, s.Tally); diff != "" {
		t.Error(diff)
	}
	want := []GroupStand{{ID: "4-1-5", Tally: Tally{Word: 1}}, {ID: "4-4-4", Tally: Tally{Shown: 1, Open: 1}, Oldest: days(-5)}}
	if diff := cmp.Diff(want, s.Requirements); diff != "" {
		t.Error(diff)
	}
	if got := s.Tally; got.Items() != 3 || got.Answered() != 2 || got.Met() != 2 || got.Blocking() != 2 {
		t.Errorf("%+v: items %d, answered %d, met %d, blocking %d", got, got.Items(), got.Answered(), got.Met(), got.Blocking())
	}
	if !s.Oldest.Equal(days(-5)) || !s.Parts[0].Oldest.Equal(days(-5)) {
		t.Errorf("oldest %v and %v, want the newest evidence of the oldest item", s.Oldest, s.Parts[0].Oldest)
	}
}

// TestTimeAloneMovesPosture: nobody has to do anything for evidence to end.
func TestTimeAloneMovesPosture(t *testing.T) {
	answers := map[string]Answer{"4-1-5-1": {Choice: Met}}
	proofs := map[string][]Evidence{"4-1-5-1": {{Form: FormRule, At: days(-300), ValidUntil: days(1)}}}
	for day, want := range map[int]State{0: Shown, 2: Expired} {
		if got := Stand(criteria(), answers, proofs, days(day)).Items[0].State; got != want {
			t.Errorf("day %d: %s, want %s", day, got, want)
		}
	}
}

func TestTallyCountsEachStateOnce(t *testing.T) {
	for _, s := range States() {
		var one Tally
		*one.of(s)++
		if one.Items() != 1 || one.Of(s) != 1 {
			t.Errorf("%s: %+v", s, one)
		}
	}
}
