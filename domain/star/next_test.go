package star

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
)

func same(s string) i18n.Text { return i18n.Text{JA: s, Easy: s, EN: s} }

// criterion is an item of the fixture: what it asks for, how much harm it prevents.
func criterion(id, requirement, need string, priority, minutes int, cost string) assess.Item {
	x := assess.Item{
		ID: id, Requirement: requirement, Part: "1", Title: same("題" + id), UnknownHint: same("調べ方" + id), Evidence: same("裏付け" + id),
		Action: assess.Action{Title: same("すること" + id), Why: same("わけ" + id), Steps: []i18n.Text{same("手順" + id)}, Minutes: minutes, Priority: priority, Helper: "it_vendor", Cost: assess.Cost{Class: cost}},
	}
	if need != "" {
		x.Needs = []string{need}
	}
	return x
}

func fixturePack() *assess.Pack {
	questions := make([]i18n.Text, 5)
	for i := range questions {
		questions[i] = same(fmt.Sprintf("質問%d", i+1))
	}
	p := &assess.Pack{
		ID: "fixture", Family: familyStar3, Kind: assess.Criteria, Parts: []assess.Part{{ID: "1", Title: same("部")}},
		Requirements: []assess.Requirement{
			{ID: "A", Part: "1", Title: same("要求A"), VendorQuestions: questions}, {ID: "B", Part: "1", Title: same("要求B")},
		},
		Items: []assess.Item{
			criterion("A-1", "A", assess.FormSetting, 2, 60, "none"),
			criterion("A-2", "A", assess.FormSetting, 1, 30, "low"),
			criterion("A-3", "A", assess.FormRule, 1, 120, "none"),
			criterion("B-1", "B", assess.FormRule, 3, 40, "some"),
			criterion("B-2", "B", assess.FormRule, 3, 40, "none"),
			criterion("B-3", "B", "", 5, 20, "none"),
		},
	}
	for i := range p.Items {
		p.Items[i].Number = i + 1
	}
	return p
}

// stood puts the items of a pack into states.
func stood(p *assess.Pack, states map[string]assess.State) assess.Standing {
	now := time.Date(2027, 1, 20, 3, 0, 0, 0, time.UTC)
	answers, evidence := map[string]assess.Answer{}, map[string][]assess.Evidence{}
	choice := map[assess.State]string{
		assess.Shown: assess.Met, assess.Word: assess.Met, assess.Expired: assess.Met, assess.PartlyMet: assess.Partly,
		assess.NotMet: assess.NotMetChoice, assess.NotKnown: assess.Unknown, assess.Inapplicable: assess.NotApplicable,
	}
	for id, s := range states {
		if s == assess.Open {
			continue
		}
		answers[id] = assess.Answer{Item: id, Choice: choice[s], Revision: 1}
		if s == assess.Shown || s == assess.Expired {
			e := assess.Evidence{Item: id, Kind: assess.KindFile, At: now.AddDate(0, -2, 0)}
			if needs := p.Item(id).Needs; len(needs) > 0 {
				e.Form = needs[0]
			}
			if s == assess.Expired {
				e.ValidUntil = now.AddDate(0, -1, 0)
			}
			evidence[id] = []assess.Evidence{e}
		}
	}
	return assess.Stand(p, answers, evidence, now)
}

// written is an action in one line, for golden comparison.
func written(all []Action) (lines []string) {
	for _, a := range all {
		var ids []string
		for _, x := range a.Items {
			ids = append(ids, x.ID)
		}
		lines = append(lines, fmt.Sprintf("%s %s %dmin %s %s", a.Deed, strings.Join(ids, "+"), a.Minutes, a.Cost, a.Helper))
	}
	return lines
}

func TestNext(t *testing.T) {
	type states = map[string]assess.State
	everything := func(s assess.State) states {
		return states{"A-1": s, "A-2": s, "A-3": s, "B-1": s, "B-2": s, "B-3": s}
	}
	for name, c := range map[string]struct {
		states states
		n      int
		want   []string
	}{
		"nothing to do":       {everything(assess.Shown), 6, nil},
		"what does not apply": {everything(assess.Inapplicable), 6, nil},
		"no answers: one thing": {everything(assess.Open), 6, []string{
			"answer A-2+A-3+A-1+B-1+B-2+B-3 12min none self",
		}},
		// A further item of the same kind takes half: 60 + 30/2. The dearest sets the class.
		"not met, by requirement and kind": {everything(assess.NotMet), 6, []string{
			"do A-2+A-1 75min low it_vendor", "do A-3 120min none it_vendor", "do B-3 20min none it_vendor", "do B-1+B-2 60min some it_vendor",
		}},
		"three are three": {everything(assess.NotMet), 3, []string{
			"do A-2+A-1 75min low it_vendor", "do A-3 120min none it_vendor", "do B-3 20min none it_vendor",
		}},
		"by word: a picture for all of a kind": {everything(assess.Word), 6, []string{
			"show A-2+A-1 15min none self", "show A-3 10min none self", "show B-1+B-2 15min none self", "show B-3 10min none self",
		}},
		"old evidence before a word": {states{"A-1": assess.Expired, "A-2": assess.Word, "A-3": assess.Shown, "B-1": assess.Shown, "B-2": assess.Shown, "B-3": assess.Shown}, 6, []string{
			"show A-2 10min none self", "renew A-1 10min none self",
		}},
		"unknown is to find out, not to do": {states{"A-1": assess.Shown, "A-2": assess.NotKnown, "A-3": assess.Shown, "B-1": assess.NotKnown, "B-2": assess.PartlyMet, "B-3": assess.Shown}, 6, []string{
			"find A-2 15min none it_vendor", "find B-1 15min none it_vendor", "finish B-2 20min none it_vendor",
		}},
	} {
		if d := cmp.Diff(c.want, written(Next(stood(fixturePack(), c.states), c.n))); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// For a star all criteria count alike: what moves most of them for its time is first.
func TestFastest(t *testing.T) {
	states := map[string]assess.State{"A-1": assess.Word, "A-2": assess.Word, "A-3": assess.NotMet, "B-1": assess.Expired, "B-2": assess.NotKnown, "B-3": assess.Open}
	want := []string{
		"show A-2+A-1 15min none self", "answer B-3 2min none self", "renew B-1 10min none self", "find B-2 15min none it_vendor", "do A-3 120min none it_vendor",
	}
	if d := cmp.Diff(want, written(Fastest(stood(fixturePack(), states), 6))); d != "" {
		t.Error(d)
	}
	risk := []string{"show A-2+A-1 15min none self", "find B-2 15min none it_vendor"}
	if d := cmp.Diff(risk, written(Next(stood(fixturePack(), states), 2))); d != "" {
		t.Error(d)
	}
}

func TestNextIsNeverMoreThanSix(t *testing.T) {
	p := fixturePack()
	p.Items = nil
	states := map[string]assess.State{}
	for i := range 20 {
		x := criterion(fmt.Sprintf("C-%d", i), "", assess.FormRule, 1+i%5, 10+i, "none")
		x.Number = i + 1
		p.Items = append(p.Items, x)
		states[x.ID] = assess.NotMet
	}
	for n, want := range map[int]int{-1: 0, 0: 0, 1: 1, 3: 3, 6: 6, 7: 6, 1000: 6} {
		if got := len(Next(stood(p, states), n)); got != want {
			t.Errorf("%d asked, %d given, want %d", n, got, want)
		}
	}
}

// Packs of which nothing is known how to do it name nothing to do.
func TestNextByKindOfPack(t *testing.T) {
	states := map[string]assess.State{"A-1": assess.NotMet, "A-2": assess.Word, "A-3": assess.NotKnown, "B-1": assess.Open, "B-2": assess.Open, "B-3": assess.PartlyMet}
	for name, c := range map[string]struct {
		change func(*assess.Pack)
		want   []string
	}{
		"a preview":   {func(p *assess.Pack) { p.Preview = true }, nil},
		"a pledge":    {func(p *assess.Pack) { p.Kind = assess.Pledge }, nil},
		"a maturity":  {func(p *assess.Pack) { p.Kind = assess.Maturity }, nil},
		"titles only": {func(p *assess.Pack) { p.TitlesOnly = true }, []string{"show A-2 10min none self", "answer B-1+B-2 4min none self"}},
	} {
		p := fixturePack()
		c.change(p)
		if d := cmp.Diff(c.want, written(Next(stood(p, states), 6))); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// What an action says: title, why, steps, effect, whether there is a letter.
func TestNextInWords(t *testing.T) {
	states := map[string]assess.State{"A-1": assess.Word, "A-2": assess.Word, "A-3": assess.NotKnown, "B-1": assess.NotMet, "B-2": assess.NotMet, "B-3": assess.Open}
	var b strings.Builder
	for _, l := range i18n.Langs {
		ctx := i18n.Into(context.Background(), texts(t).In(l))
		for _, v := range nextViews(ctx, "mihon", Next(stood(fixturePack(), states), 6)) {
			fmt.Fprintf(&b, "[%s] %s\n  %s\n  %s\n  %s %s\n", l, v.Title, v.Why, strings.Join(v.Steps, " / "), v.Effect, v.Letter)
		}
	}
	golden(t, "next.txt", b.String())
}

func TestLetter(t *testing.T) {
	p := fixturePack()
	ja := texts(t).In(i18n.JA)
	golden(t, "letter.txt", Letter(ja, "株式会社みほん精機", &p.Requirements[0])+"----\n"+Letter(ja, "", &p.Requirements[0]))
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}
