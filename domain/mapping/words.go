package mapping

import (
	"context"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// What the pages say, beside their layout.

// sign is an answer by its shape, in the words of its framework.
func sign(p *assess.Pack, choice string) ui.Words {
	if choice == "" {
		return ui.T("mapping.open")
	}
	word := ui.Plain(choice)
	if p != nil {
		if c := p.Choice(choice); c != nil {
			word = ui.Rich(c.Label)
		}
	}
	kind, ok := map[string]ui.StatusKind{
		assess.Met: ui.Met, assess.Done: ui.Met, assess.Partly: ui.Partly, assess.NotMetChoice: ui.NotMet, assess.NotDone: ui.NotMet,
		assess.Unknown: ui.Unknown, assess.NotApplicable: ui.NotApplicable,
	}[choice]
	if !ok {
		return word // a degree of maturity
	}
	return ui.StatusAs(kind, word)
}

// packTitle is the title of a pack in a register that carries readings.
func (r PlaceRef) packTitle() ui.Words {
	if r.p == nil {
		return ui.Plain(r.Pack)
	}
	return ui.Rich(r.p.Title)
}

// title is the number and the title of an item.
func (r PlaceRef) title() ui.Words {
	if r.x == nil {
		return ui.Plain(r.Item)
	}
	return ui.Join(ui.Plain(r.x.Sign()+" "), ui.Rich(r.x.Title))
}

// spoken is the number and the title without readings, for names of things.
func (r PlaceRef) spoken(ctx context.Context) string {
	if r.x == nil {
		return r.Item
	}
	return r.x.Sign() + " " + ui.Say(ctx, r.x.Title)
}

func link(url string, label ui.Words) ui.Words { return linkTo(url, label) }

func (v OverviewView) page(ctx context.Context) ui.Page {
	return ui.Page{Title: i18n.T(ctx, "mapping.page"), Room: ui.Mamoru, OwnWord: true, Trail: []ui.Link{
		{Label: ui.T("ui.room.mamoru"), URL: "/orgs/" + v.org}, {Label: ui.T("mapping.page")},
	}}
}

func (v OverviewView) useful() (n int) {
	for i := range v.Frameworks {
		if v.Frameworks[i].Any() {
			n++
		}
	}
	return n
}

func (v OverviewView) title() ui.Words {
	if n := v.useful(); n > 0 {
		return ui.T("mapping.title.some", "n", n)
	}
	return ui.T("mapping.title.none")
}

func (v OverviewView) table() ui.TableView {
	t := ui.TableView{
		Caption: ui.T("mapping.frameworks"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "mapping.col.framework"}, {Key: "mapping.col.brings"}},
	}
	for _, f := range v.Frameworks {
		t.Rows = append(t.Rows, []ui.Words{link(packURL(v.org, f.Pack), ui.Rich(f.p.Title)), bringsList(f.brings())})
	}
	return t
}

// brought is how many items something can be done for.
type brought struct {
	key string
	n   int
}

// brings leaves out what there is none of: most frameworks have one or two kinds.
func (v *OfferView) brings() (all []brought) {
	// keys: mapping.brings.*
	for _, b := range []brought{
		{"changed", v.Changed}, {"met", v.Whole}, {"partly", v.Part}, {"differ", v.Differ}, {"evidence", v.Support}, {"hints", v.Hints},
	} {
		if b.n > 0 {
			all = append(all, b)
		}
	}
	return all
}

// mapsTable says who made the maps and how far they were read.
func mapsTable(all []MapView) ui.TableView {
	// keys: mapping.status.draft, mapping.status.reviewed, mapping.status.official
	// keys: mapping.method.human, mapping.method.rule, mapping.method.machine-suggested
	t := ui.TableView{Caption: ui.T("mapping.maps"), HideCaption: true, Stack: true, Columns: []ui.Column{
		{Key: "mapping.col.map"}, {Key: "mapping.col.between"}, {Key: "mapping.col.author"}, {Key: "mapping.col.state"},
	}}
	for _, m := range all {
		verified := ui.T("mapping.unverified")
		if m.Verified {
			verified = ui.T("mapping.verified")
		}
		t.Rows = append(t.Rows, []ui.Words{
			ui.Plain(m.m.Name()),
			ui.Join(ui.Rich(m.source.Title), ui.Plain(" → "), ui.Rich(m.target.Title)),
			ui.Join(ui.Plain(m.Author), ui.Plain("　"), ui.T("mapping.method."+m.Method), ui.Plain("　"), ui.Plain(m.Basis)),
			ui.Join(ui.T("mapping.status."+m.Status), ui.Plain("　"), verified),
		})
	}
	return t
}

func (v PackView) page(ctx context.Context) ui.Page {
	return ui.Page{Title: i18n.T(ctx, "mapping.page") + " " + v.Title, Room: ui.Mamoru, OwnWord: true, Trail: []ui.Link{
		{Label: ui.T("ui.room.mamoru"), URL: "/orgs/" + v.org}, {Label: ui.T("mapping.page"), URL: mappedURL(v.org)}, {Label: ui.Rich(v.p.Title)},
	}}
}

// offered is how many lines can be applied.
func (v PackView) offered() (n int) {
	for _, l := range v.Lines {
		if l.Key != "" {
			n++
		}
	}
	return n
}

func (v PackView) title() ui.Words {
	if n := v.offered(); n > 0 {
		return ui.T("mapping.pack.some", "n", n)
	}
	return ui.T("mapping.pack.none")
}

// group is one section of a preview.
type group struct {
	id, title string // title is a key
	what      string // a key, or ""
	lines     []LineView
}

func (v PackView) groups() (all []group) {
	// keys: mapping.section.*
	for _, g := range []group{
		{id: "renew", what: "mapping.section.renew.what", lines: v.of(Renew, Lost)},
		{id: "fill", lines: v.of(Fill)},
		{id: "replace", what: "mapping.section.replace.what", lines: v.of(Replace)},
		{id: "evidence", lines: v.of(Support)},
		{id: "hint", what: "mapping.section.hint.what", lines: v.of(Hinted)},
		{id: "standing", lines: v.of(Standing)},
	} {
		if len(g.lines) > 0 {
			g.title = "mapping.section." + g.id
			all = append(all, g)
		}
	}
	return all
}

// boxID is the id of the tick of a line; the first of a page is where a mistake in
// the rows leads.
func boxID(first bool, item string) string {
	if first {
		return "f-rows"
	}
	return "row-" + item
}

// relationWords says what a row makes of two items.
func (s StepView) relationWords() ui.Words {
	// keys: mapping.relation.*
	return ui.T("mapping.relation." + string(s.Relation))
}

// confidenceWords says how sure its author is.
func (s StepView) confidenceWords() ui.Words {
	// keys: mapping.confidence.*
	return ui.T("mapping.confidence." + s.Confidence)
}

// mapWords names the map of a row and how far it was read.
func (s StepView) mapWords() ui.Words {
	words := []ui.Words{ui.Plain(s.Map + " " + s.Version + "　"), ui.T("mapping.status." + s.Status)}
	if s.step.Map.hint() {
		words = append(words, ui.Plain("　"), ui.T("mapping.method."+s.Method))
	}
	return ui.Join(words...)
}

func (v RelationsView) page(ctx context.Context) ui.Page {
	return ui.Page{Title: i18n.T(ctx, "mapping.relations") + " " + v.at.spoken(ctx), Room: ui.Mamoru, Trail: []ui.Link{
		{Label: ui.T("ui.room.mamoru"), URL: "/orgs/" + v.org}, {Label: ui.T("mapping.page"), URL: mappedURL(v.org)},
		{Label: v.at.packTitle(), URL: packURL(v.org, v.Pack)}, {Label: ui.Plain(v.at.x.Sign())},
	}}
}

func (v RelationsView) table() ui.TableView {
	t := ui.TableView{
		Caption: ui.T("mapping.relations"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "mapping.col.other"}, {Key: "mapping.col.relation"}, {Key: "mapping.col.reason"}, {Key: "mapping.col.map"}},
		Empty:   &ui.EmptyView{Title: ui.T("mapping.relations.none")},
	}
	for _, s := range v.Steps {
		other, way := s.To, ui.T("mapping.way.to")
		if s.step.To == (assess.Place{Pack: v.Pack, Item: v.Item}) {
			other, way = s.From, ui.T("mapping.way.from")
		}
		t.Rows = append(t.Rows, []ui.Words{
			ui.Join(other.packTitle(), ui.Plain(" "), link(relationsURL(v.org, other.Pack, other.Item), other.title())),
			ui.Join(way, s.relationWords(), ui.Plain("　"), ui.T("mapping.strength", "n", s.Strength), ui.Plain("　"), s.confidenceWords()),
			ui.Rich(s.step.Row.Rationale), s.mapWords(),
		})
	}
	return t
}

func (v MoveView) page(ctx context.Context) ui.Page {
	return ui.Page{Title: i18n.T(ctx, "mapping.move.page") + " " + ui.Say(ctx, v.from.Title), Room: ui.Mamoru, OwnWord: true, Trail: []ui.Link{
		{Label: ui.T("ui.room.mamoru"), URL: "/orgs/" + v.org}, {Label: ui.T("mapping.page"), URL: mappedURL(v.org)},
		{Label: ui.Rich(v.from.Title), URL: packURL(v.org, v.From)}, {Label: ui.T("mapping.move.page")},
	}}
}

// offered is how many lines bring something over.
func (v MoveView) offered() (n int) {
	for _, l := range v.Lines {
		if l.Key != "" {
			n++
		}
	}
	return n
}

func (v MoveView) title() ui.Words {
	if n := v.offered(); n > 0 {
		return ui.T("mapping.move.some", "n", n)
	}
	return ui.T("mapping.move.none")
}

// facts says which editions they are and how many items change how.
func (v MoveView) facts() []ui.Pair {
	counts := map[string]int{}
	for _, l := range v.Lines {
		counts[l.Kind]++
	}
	pairs := []ui.Pair{
		{Key: ui.T("mapping.move.from"), Value: ui.Join(ui.Rich(v.from.Title), ui.Plain("　"+v.from.Edition))},
		{Key: ui.T("mapping.move.to"), Value: ui.Join(ui.Rich(v.to.Title), ui.Plain("　"+v.to.Edition))},
	}
	// keys: mapping.change.same, mapping.change.reworded, mapping.change.changed, mapping.change.new, mapping.change.gone
	for _, kind := range []string{Same, Reworded, Changed, Added, Gone} {
		if n := counts[kind]; n > 0 {
			pairs = append(pairs, ui.Pair{Key: ui.T("mapping.change." + kind), Value: ui.T("mapping.items", "n", n)})
		}
	}
	return pairs
}

// place is the item of a line to show: that of the new edition, or what is gone.
func (l MoveLineView) place(v MoveView) PlaceRef {
	if l.line.Change.New != nil {
		return PlaceRef{v.To, l.New, v.to, l.line.Change.New}
	}
	return PlaceRef{v.From, l.Old, v.from, l.line.Old}
}

// oldTitle is what the item was called, where that changed.
func (l MoveLineView) oldTitle(v MoveView) ui.Words {
	if l.line.Old == nil || l.line.Change.New == nil || l.Kind == Same {
		return nil
	}
	return PlaceRef{v.From, l.Old, v.from, l.line.Old}.title()
}

// firstKey is the key of the first line that can be chosen.
func (v MoveView) firstKey() string {
	for _, l := range v.Lines {
		if l.Key != "" {
			return l.Key
		}
	}
	return ""
}
