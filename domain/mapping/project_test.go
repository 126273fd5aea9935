package mapping

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
)

func TestProjection(t *testing.T) {
	tests := []struct {
		name    string
		maps    []*Map
		answers []string
		want    map[string]string
	}{
		{"equal serves both ways", []*Map{mapOf("ab", "a", "b", "1 equal-to 1")}, []string{"b/1=met"},
			map[string]string{"a/1": "full 5: b/1 (full 5 ab*)"}},
		{"equivalent serves both ways", []*Map{mapOf("ab", "a", "b", "1 equivalent-to 1")}, []string{"a/1=met"},
			map[string]string{"b/1": "full 5: a/1 (full 5 ab)"}},
		{"superset serves whole, from source to target alone", []*Map{mapOf("ab", "a", "b", "1 superset-of 1", "2 superset-of 2")}, []string{"a/1=met", "b/2=met"},
			map[string]string{"b/1": "full 5: a/1 (full 5 ab)"}},
		{"subset and overlap serve a part", []*Map{mapOf("ab", "a", "b", "1 subset-of 1", "2 intersects-with 2")}, []string{"a/1=met", "a/2=met"},
			map[string]string{"b/1": "partly 5: a/1 (partly 5 ab)", "b/2": "partly 5: a/2 (partly 5 ab)"}},
		{"nothing in common serves nothing", []*Map{mapOf("ab", "a", "b", "1 no-relationship 1")}, []string{"a/1=met"}, map[string]string{}},
		{"the weakest row of a path decides, and its strength", []*Map{mapOf("ab", "a", "b", "1 equal-to 1 /9"), mapOf("bc", "b", "c", "1 subset-of 1 /3")}, []string{"a/1=met"},
			map[string]string{"b/1": "full 9: a/1 (full 9 ab)", "c/1": "partly 3: a/1 (partly 3 ab bc)"}},
		{"two whole rows stay whole", []*Map{mapOf("ab", "a", "b", "1 superset-of 1 /9"), mapOf("bc", "b", "c", "1 equal-to 1 /8")}, []string{"a/1=met"},
			map[string]string{"b/1": "full 9: a/1 (full 9 ab)", "c/1": "full 8: a/1 (full 8 ab bc)"}},
		{"partly there is partly here at most", []*Map{mapOf("ab", "a", "b", "1 equal-to 1")}, []string{"a/1=partly"},
			map[string]string{"b/1": "partly 5: a/1 (partly 5 ab)"}},
		{"no, unknown and not applicable say nothing here", []*Map{mapOf("ab", "a", "b", "1 equal-to 1", "2 equal-to 2", "3 equal-to 3")},
			[]string{"a/1=not_met", "a/2=unknown", "a/3=not_applicable"}, map[string]string{}},
		{"a path ends after three packs", []*Map{mapOf("ab", "a", "b", "1 equal-to 1"), mapOf("bc", "b", "c", "1 equal-to 1"), mapOf("cd", "c", "d", "1 equal-to 1")}, []string{"a/1=met"},
			map[string]string{"b/1": "full 5: a/1 (full 5 ab)", "c/1": "full 5: a/1 (full 5 ab bc)"}},
		{"a pack in between counts by its origin, never by what it would be", []*Map{mapOf("ab", "a", "b", "1 subset-of 1"), mapOf("bc", "b", "c", "1 equal-to 1")}, []string{"a/1=met", "b/1=not_met"},
			map[string]string{"b/1": "partly 5: a/1 (partly 5 ab)", "c/1": "partly 5: a/1 (partly 5 ab bc)"}},
		{"a circle ends, and no pack answers itself", []*Map{mapOf("ab", "a", "b", "1 equal-to 1"), mapOf("bc", "b", "c", "1 equal-to 1"), mapOf("ca", "c", "a", "1 superset-of 2")}, []string{"a/1=met"},
			map[string]string{"b/1": "full 5: a/1 (full 5 ab)", "c/1": "full 5: a/1 (full 5 ab bc)"}},
		{"several parts are no whole, and all are kept", []*Map{mapOf("ab", "a", "b", "1 subset-of 1 /6", "2 subset-of 1 /7"), mapOf("cb", "c", "b", "1 intersects-with 1 /2")}, []string{"a/1=met", "a/2=met", "c/1=met"},
			map[string]string{"b/1": "partly 7: a/2 (partly 7 ab), a/1 (partly 6 ab), c/1 (partly 2 cb)"}},
		{"one to many: each is met, and one of many is a part of the one", []*Map{mapOf("ab", "a", "b", "1 equal-to 1,2")}, []string{"a/1=met"},
			map[string]string{"b/1": "full 5: a/1 (full 5 ab)", "b/2": "full 5: a/1 (full 5 ab)"}},
		{"many to one: back from one of several equals only a part", []*Map{mapOf("ab", "a", "b", "1 equal-to 1,2")}, []string{"b/1=met", "b/2=met"},
			map[string]string{"a/1": "partly 5: b/1 (partly 5 ab*), b/2 (partly 5 ab*)"}},
		{"many to many", []*Map{mapOf("ab", "a", "b", "1 superset-of 1,2", "2 subset-of 1,2")}, []string{"a/1=met", "a/2=met"},
			map[string]string{"b/1": "full 5: a/1 (full 5 ab), a/2 (partly 5 ab)", "b/2": "full 5: a/1 (full 5 ab), a/2 (partly 5 ab)"}},
		{"what a machine suggested is a hint, on any part of a path", []*Map{suggested(mapOf("ab", "a", "b", "1 equal-to 1 /10")), mapOf("bc", "b", "c", "1 equal-to 1")}, []string{"a/1=met"},
			map[string]string{"b/1": "hint 10: a/1 (hint 10 ab)", "c/1": "hint 5: a/1 (hint 5 ab bc)"}},
		{"a person's weak row goes before a machine's strong one", []*Map{suggested(mapOf("ab", "a", "b", "1 equal-to 1 /10")), mapOf("ab2", "a", "b", "1 intersects-with 1 /1")}, []string{"a/1=met"},
			map[string]string{"b/1": "partly 1: a/1 (partly 1 ab2)"}},
		{"a better way round is taken", []*Map{mapOf("ab", "a", "b", "1 equal-to 1"), mapOf("bc", "b", "c", "1 equal-to 1"), mapOf("ac", "a", "c", "1 subset-of 1 /9")}, []string{"a/1=met"},
			map[string]string{"b/1": "full 5: a/1 (full 5 ab)", "c/1": "full 5: a/1 (full 5 ab bc)"}},
		{"a scale is only spoken of", []*Map{mapOf("as", "a", "scale", "1 equal-to 1")}, []string{"a/1=met"},
			map[string]string{"scale/1": "hint 5: a/1 (hint 5 as)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lib := world(t)
			got := lines(NewAtlas(lib, tt.maps).Project(says(lib, tt.answers...), noon))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestMappedAnswerIsNoOrigin(t *testing.T) {
	lib := world(t)
	a := NewAtlas(lib, []*Map{mapOf("ab", "a", "b", "1 equal-to 1")})
	got := a.Project(stand(lib, map[string]map[string]assess.Answer{"a": {"1": {Item: "1", Choice: assess.Met, Revision: 1, Source: assess.SourceMapped}}}, nil), noon)
	if len(got) != 0 {
		t.Errorf("an applied answer went on: %v", lines(got))
	}
}

func TestEvidenceServesAlongWholePathsInTheRightForm(t *testing.T) {
	lib := library(t, criteria("a", "1", "2:rule", "3"), criteria("b", "1", "2:rule", "3"))
	m := mapOf("ab", "a", "b", "1 superset-of 1", "2 superset-of 1,2", "2 subset-of 3", "3 superset-of 1,2")
	proof := func(id, form string) assess.Evidence {
		return assess.Evidence{ID: id, Kind: assess.KindFile, Form: form}
	}
	old := proof("old", "")
	old.ValidUntil = noon.AddDate(0, 0, -1)
	against := proof("against", "")
	against.Against = true
	seen := proof("seen", "")
	seen.Kind = assess.KindConfirmation
	tests := []struct {
		name    string
		answers []string
		proofs  map[string][]assess.Evidence
		want    map[string][]string
	}{
		{"shows the target", []string{"1=met"}, map[string][]assess.Evidence{"1": {proof("x", "")}}, map[string][]string{"1": {"x"}}},
		{"a rule serves a rule and what asks for nothing", []string{"2=met"}, map[string][]assess.Evidence{"2": {proof("r", assess.FormRule), proof("s", assess.FormSetting)}}, map[string][]string{"1": {"r"}, "2": {"r"}, "3": nil}},
		{"what asks for a rule is not shown by anything else", []string{"3=met"}, map[string][]assess.Evidence{"3": {proof("x", ""), proof("s", assess.FormSetting), proof("r", assess.FormRule)}}, map[string][]string{"1": {"x", "s", "r"}, "2": {"r"}}},
		{"what is partly met shows nothing", []string{"1=partly"}, map[string][]assess.Evidence{"1": {proof("x", "")}}, map[string][]string{"1": nil}},
		{"what has ended and what a specialist said of another item do not serve", []string{"1=met"}, map[string][]assess.Evidence{"1": {proof("x", ""), old, seen}}, map[string][]string{"1": {"x"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answers := map[string]assess.Answer{}
			for _, a := range tt.answers {
				answers[a[:1]] = assess.Answer{Item: a[:1], Choice: a[2:], Revision: 1}
			}
			all := NewAtlas(lib, []*Map{m}).Project(stand(lib, map[string]map[string]assess.Answer{"a": answers}, map[string]map[string][]assess.Evidence{"a": tt.proofs}), noon)
			got := map[string][]string{}
			for at, p := range all {
				var ids []string
				for _, e := range p.Evidence() {
					ids = append(ids, e.ID)
				}
				got[at.Item] = ids
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
	contradicted := stand(lib, map[string]map[string]assess.Answer{"a": {"1": {Item: "1", Choice: assess.Met, Revision: 1}}}, map[string]map[string][]assess.Evidence{"a": {"1": {against}}})
	if got := NewAtlas(lib, []*Map{m}).Project(contradicted, noon); len(got) != 0 {
		t.Errorf("a word that a check contradicts served: %v", lines(got))
	}
}

// drawMaps draws maps over the world; many make circles.
func drawMaps(t *rapid.T, lib *assess.Library) []*Map {
	var maps []*Map
	packs := lib.Packs()
	for i := range rapid.IntRange(0, 6).Draw(t, "maps") {
		s, d := rapid.IntRange(0, len(packs)-1).Draw(t, "source"), rapid.IntRange(1, len(packs)-1).Draw(t, "step")
		source, target := packs[s], packs[(s+d)%len(packs)]
		m := &Map{ID: string(rune('a' + i)), Version: "1.0.0", Source: End{source.ID}, Target: End{target.ID}, Method: Method{Kind: rapid.SampledFrom([]string{"human", "rule", machineSuggested}).Draw(t, "kind")}}
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			m.Rows = append(m.Rows, drawRow(t, source, target))
		}
		maps = append(maps, m)
	}
	return maps
}

func drawRow(t *rapid.T, source, target *assess.Pack) Row {
	item := func(p *assess.Pack) string { return rapid.SampledFrom(p.Items).Draw(t, "item").ID }
	r := Row{From: item(source), Strength: rapid.IntRange(1, 10).Draw(t, "strength")}
	r.Relation = rapid.SampledFrom([]Relation{EqualTo, EquivalentTo, SupersetOf, SubsetOf, IntersectsWith, NoRelationship}).Draw(t, "relation")
	for range rapid.IntRange(1, 2).Draw(t, "many") {
		if to := item(target); !slices.Contains(r.To, to) {
			r.To = append(r.To, to)
		}
	}
	return r
}

func drawAnswers(t *rapid.T, lib *assess.Library) map[string]assess.Standing {
	var all []string
	for _, p := range lib.Packs() {
		for _, x := range p.Items {
			if c := rapid.SampledFrom([]string{"", "met", "partly", "not_met", "unknown"}).Draw(t, "choice"); c != "" {
				all = append(all, p.ID+"/"+x.ID+"="+c)
			}
		}
	}
	return says(lib, all...)
}

func TestAnotherRowNeverLowers(t *testing.T) {
	lib := world(t)
	rapid.Check(t, func(t *rapid.T) {
		maps, stands := drawMaps(t, lib), drawAnswers(t, lib)
		before := NewAtlas(lib, maps).Project(stands, noon)
		more := mapOf("z", "a", "b")
		more.Rows = []Row{drawRow(t, lib.ByID("a"), lib.ByID("b"))}
		after := NewAtlas(lib, append(maps, more)).Project(stands, noon)
		for at, was := range before {
			if is := after[at]; is.Level < was.Level || is.Level == was.Level && is.Strength < was.Strength || len(is.Sources) < len(was.Sources) {
				t.Fatalf("%v fell from %v to %v", at, was.Level, is.Level)
			}
		}
	})
}

func TestOrderOfMapsAndRowsSaysNothing(t *testing.T) {
	lib := world(t)
	rapid.Check(t, func(t *rapid.T) {
		maps, stands := drawMaps(t, lib), drawAnswers(t, lib)
		want := lines(NewAtlas(lib, maps).Project(stands, noon))
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		shuffled := slices.Clone(maps)
		r.Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
		for _, m := range shuffled {
			r.Shuffle(len(m.Rows), func(i, k int) { m.Rows[i], m.Rows[k] = m.Rows[k], m.Rows[i] })
		}
		if d := cmp.Diff(want, lines(NewAtlas(lib, shuffled).Project(stands, noon))); d != "" {
			t.Fatalf("-want +got:\n%s", d)
		}
	})
}

// What is projected rests on an answer that the company gave, on people's rows,
// and is never more than the weakest of them.
func TestEveryProjectionStandsOnItsPath(t *testing.T) {
	lib := world(t)
	rapid.Check(t, func(t *rapid.T) {
		stands := drawAnswers(t, lib)
		for at, p := range NewAtlas(lib, drawMaps(t, lib)).Project(stands, noon) {
			for _, s := range p.Sources {
				weakest, strength := said(s.State), 10
				packs := map[string]bool{s.Origin.Pack: true}
				for _, step := range s.Path {
					switch {
					case step.Map.hint():
						weakest = min(weakest, Hint)
					case !step.Row.Relation.whole() || step.Back && len(step.Row.To) > 1:
						weakest = min(weakest, Part)
					}
					if step.Back && !step.Row.Relation.both() {
						t.Fatalf("%v is read backwards", step.Row)
					}
					if packs[step.To.Pack] {
						t.Fatalf("a path comes back to %s", step.To.Pack)
					}
					packs[step.To.Pack] = true
					strength = min(strength, step.Row.Strength)
				}
				if at.Pack == "scale" {
					weakest = Hint
				}
				if s.Level != weakest || s.Strength != strength || len(s.Path) > maxRows || s.Path[len(s.Path)-1].To != at || s.Path[0].From != s.Origin {
					t.Fatalf("%v: %v %d, want %v %d", at, s.Level, s.Strength, weakest, strength)
				}
			}
		}
	})
}

// shipped is what the program comes with.
func shipped(t testing.TB) (*assess.Library, *Atlas) {
	t.Helper()
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	a, err := Load(content.Mappings(), lib)
	if err != nil {
		t.Fatal(err)
	}
	return lib, a
}

// answerAll gives every item of every pack the best answer, with evidence.
func answerAll(lib *assess.Library) map[string]assess.Standing {
	answers, proofs := map[string]map[string]assess.Answer{}, map[string]map[string][]assess.Evidence{}
	for _, p := range lib.Packs() {
		answers[p.ID], proofs[p.ID] = map[string]assess.Answer{}, map[string][]assess.Evidence{}
		for _, x := range p.Items {
			form := ""
			if len(x.Needs) > 0 {
				form = x.Needs[0]
			}
			answers[p.ID][x.ID] = assess.Answer{Item: x.ID, Choice: choiceFor(p, Whole), Revision: 1}
			proofs[p.ID][x.ID] = []assess.Evidence{{ID: p.ID + x.ID, Kind: assess.KindFile, Form: form, At: noon}}
		}
	}
	return stand(lib, answers, proofs)
}

// The 25 questions are broad: whoever does all of them is shown parts of ★3, and
// none of its criteria as met.
func TestTheTwentyFiveNeverMeetACriterionOfThreeStars(t *testing.T) {
	lib, a := shipped(t)
	const pack = "self-diagnosis-25"
	all := a.Project(map[string]assess.Standing{pack: answerAll(lib)[pack]}, noon)
	parts := 0
	for at, p := range all {
		if at.Pack != "scs-star3-2026" {
			continue
		}
		if p.Level > Part {
			t.Errorf("%s would be met by %v", at.Item, p.Sources[0].Origin)
		}
		parts++
	}
	if parts < 10 {
		t.Errorf("%d criteria are spoken of", parts)
	}
}

func TestThreeStarsAreTheFirstPartOfFour(t *testing.T) {
	lib, a := shipped(t)
	all := a.Project(map[string]assess.Standing{"scs-star3-2026": answerAll(lib)["scs-star3-2026"]}, noon)
	met := 0
	for at, p := range all {
		if at.Pack == "scs-star4-2026" && p.Level == Whole {
			met++
		}
	}
	if met != 81 {
		t.Errorf("%d criteria of ★4 would be met by the 81 of ★3", met)
	}
}

func BenchmarkProjectOneCompanyOverAllMaps(b *testing.B) {
	lib, a := shipped(b)
	stands := answerAll(lib)
	b.ReportAllocs()
	for b.Loop() {
		a.Project(stands, noon)
	}
}
