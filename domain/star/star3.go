package star

import (
	"context"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Star3View is how far a company is with the criteria of ★3.
type Star3View struct {
	State        string            `json:"state"`
	Confirmed    string            `json:"confirmed,omitempty"`
	Seen         string            `json:"seen,omitempty"`
	Pack         string            `json:"pack"`
	Tally        assess.Tally      `json:"criteria"`
	Blocking     int               `json:"blocking"`
	Oldest       time.Time         `json:"oldest_evidence"`
	Pace         Pace              `json:"pace"`
	Next         []NextView        `json:"next"`
	Parts        []PartView        `json:"parts"`
	Registration *DeclarationView  `json:"registration,omitempty"`
	Past         []DeclarationView `json:"ended,omitempty"`

	org                    string
	now                    time.Time
	stand                  assess.Standing
	say, confirmed, seen   Say
	start, all, term       Fact
	mayAnswer, mayRegister bool
}

// PartView is a category with its requirements.
type PartView struct {
	ID           string            `json:"id"`
	Title        string            `json:"title"`
	Tally        assess.Tally      `json:"criteria"`
	Requirements []RequirementView `json:"requirements"`

	part *assess.Part
}

// RequirementView is a requirement with its criteria.
type RequirementView struct {
	ID    string         `json:"id"`
	Title string         `json:"title"`
	Items []StandingView `json:"items"`

	requirement *assess.Requirement
	items       []assess.ItemStand
}

// StandingView is where the company stands at a criterion.
type StandingView struct {
	ID    string       `json:"id"`
	State assess.State `json:"state"`
	// Supported says that there is evidence, of another form than the criterion asks
	// for: a setting beside a rule.
	Supported bool `json:"supported,omitempty"`
}

func (rm *Room) showStar3(ctx context.Context, in OrgIn) (v Star3View, err error) {
	p := rm.pack(familyStar3)
	if p == nil {
		return v, problem.NotFound()
	}
	if v.stand, err = rm.Assess.Standing(ctx, in.Org, p.ID); err != nil {
		return v, err
	}
	v.org, v.now, v.Pack, v.Tally, v.Blocking, v.Oldest = in.Org, rm.Now(), p.ID, v.stand.Tally, v.stand.Tally.Blocking(), v.stand.Oldest
	v.start, v.all, v.term = rm.Facts[factStart], rm.Facts[factAll], rm.Facts[factTerm]
	v.mayAnswer, v.mayRegister = web.RoleFrom(ctx) >= web.Member, web.RoleFrom(ctx) >= web.Manager
	v.Parts = partViews(ctx, v.stand)
	v.Next = nextViews(ctx, in.Org, Fastest(v.stand, topActions))
	if v.Pace, err = rm.pace(ctx, in.Org, v.stand); err != nil {
		return v, err
	}
	return v, rm.addOfficial(ctx, &v)
}

func (rm *Room) pace(ctx context.Context, org string, s assess.Standing) (Pace, error) {
	days, err := rm.Assess.Trend(ctx, org, s.Pack.ID)
	return PaceOf(days, s.Tally.Shown, s.Tally.Blocking(), rm.Now()), err
}

// addOfficial adds what others said: a specialist, the register.
func (rm *Room) addOfficial(ctx context.Context, v *Star3View) error {
	all, err := rm.declarationViews(ctx, v.org)
	if err != nil {
		return err
	}
	v.Registration, v.Past = standingView(all, SCS)
	d := v.Registration.declaration()
	v.say, v.seen = sayStar3(ctx, v.Tally, d, rm.today()), saySeen(ctx, d)
	v.State = v.say.In(ctx)
	if !v.seen.empty() {
		v.Seen = v.seen.In(ctx)
	}
	if rm.Confirmed == nil {
		return nil
	}
	c, ok, err := rm.Confirmed(ctx, v.org, v.Pack)
	if v.confirmed = sayConfirmed(ctx, c, ok); ok {
		v.Confirmed = v.confirmed.In(ctx)
	}
	return err
}

func partViews(ctx context.Context, s assess.Standing) []PartView {
	items := map[string][]assess.ItemStand{}
	for _, it := range s.Items {
		items[it.Item.Requirement] = append(items[it.Item.Requirement], it)
	}
	parts := make([]PartView, len(s.Pack.Parts))
	for i := range s.Pack.Parts {
		part := &s.Pack.Parts[i]
		parts[i] = PartView{ID: part.ID, Title: ui.Say(ctx, part.Title), Tally: s.Parts[i].Tally, part: part}
		for k := range s.Pack.Requirements {
			r := &s.Pack.Requirements[k]
			if r.Part != part.ID {
				continue
			}
			v := RequirementView{ID: r.ID, Title: ui.Say(ctx, r.Title), requirement: r, items: items[r.ID]}
			for _, it := range v.items {
				v.Items = append(v.Items, StandingView{it.Item.ID, it.State, it.Supported})
			}
			parts[i].Requirements = append(parts[i].Requirements, v)
		}
	}
	return parts
}

func (v *Star3View) title() ui.Words {
	switch {
	case v.Registration != nil:
		return v.say.Words()
	case v.Tally.Answered() == 0:
		return ui.T("star.three.begin", "n", v.Tally.Items())
	case v.Blocking == 0:
		return ui.T("star.three.all", "n", v.Tally.Items())
	}
	return ui.T("star.three.title", "shown", v.Tally.Shown, "blocking", v.Blocking)
}

// paceWords says how long it may take, or why that cannot be said.
// keys: star.pace.*
func (v *Star3View) paceWords() Say {
	return say("star.pace."+string(v.Pace.Kind), "n", v.Pace.Months, "gained", v.Pace.Gained, "days", v.Pace.Days)
}

// in lists the items in a state.
func (v *Star3View) in(s assess.State) (all []assess.ItemStand) {
	for _, it := range v.stand.Items {
		if it.State == s {
			all = append(all, it)
		}
	}
	return all
}

// toGo is where to go from a requirement: its first criterion that is not settled.
func (r *RequirementView) toGo() *assess.Item {
	for _, it := range r.items {
		if it.State != assess.Shown && it.State != assess.Inapplicable {
			return it.Item
		}
	}
	return r.items[0].Item
}

// kindOf is the shape of a state; "" has a small dot of its own.
func kindOf(s assess.State) ui.StatusKind {
	switch s {
	case assess.Shown:
		return ui.Proof
	case assess.Word:
		return ui.Met
	case assess.Expired:
		return ui.Expired
	case assess.PartlyMet:
		return ui.Partly
	case assess.NotMet:
		return ui.NotMet
	case assess.NotKnown:
		return ui.Unknown
	case assess.Inapplicable:
		return ui.NotApplicable
	}
	return ""
}

// label is the name of a mark: number, title and state.
func label(ctx context.Context, it assess.ItemStand) string {
	// keys: star.state.*
	return it.Item.Sign() + " " + ui.Say(ctx, it.Item.Title) + " " + i18n.T(ctx, "star.state."+string(it.State))
}

// Star4View is what ★4 asks for, by number and our own titles. It cannot be finished
// here.
type Star4View struct {
	Pack         string      `json:"pack"`
	Preview      bool        `json:"preview"`
	Requirements int         `json:"requirements"`
	Criteria     int         `json:"criteria"`
	InStar3      int         `json:"criteria_of_star3"`
	Parts        []Star4Part `json:"parts"`

	org   string
	pack  *assess.Pack
	fact  Fact
	three map[string]bool
}

// Star4Part is a category of ★4.
type Star4Part struct {
	ID           string    `json:"id"`
	Title        string    `json:"title"`
	Requirements []Star4Of `json:"requirements"`

	part *assess.Part
}

// Star4Of is a requirement of ★4.
type Star4Of struct {
	ID      string      `json:"id"`
	Title   string      `json:"title"`
	InStar3 bool        `json:"in_star3"`
	Items   []Star4Item `json:"items"`

	title i18n.Text
}

// Star4Item is a criterion of ★4.
type Star4Item struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	InStar3 bool   `json:"in_star3"`

	title i18n.Text
}

func (rm *Room) showStar4(ctx context.Context, in OrgIn) (Star4View, error) {
	p := rm.pack(familyStar4)
	if p == nil {
		return Star4View{}, problem.New(http.StatusNotFound, "not-found")
	}
	v := Star4View{Pack: p.ID, Preview: true, org: in.Org, pack: p, fact: rm.Facts[factStar4], three: map[string]bool{}}
	if three := rm.pack(familyStar3); three != nil {
		for i := range three.Items {
			v.three[three.Items[i].ID] = true
		}
	}
	v.Requirements, v.Criteria = max(len(p.Requirements), p.Announced.Requirements), max(len(p.Items), p.Announced.Criteria)
	for i := range p.Parts {
		v.Parts = append(v.Parts, v.part(ctx, &p.Parts[i]))
	}
	return v, nil
}

func (v *Star4View) part(ctx context.Context, part *assess.Part) Star4Part {
	out := Star4Part{ID: part.ID, Title: ui.Say(ctx, part.Title), part: part}
	for i := range v.pack.Requirements {
		r := &v.pack.Requirements[i]
		if r.Part != part.ID {
			continue
		}
		of := Star4Of{ID: r.ID, Title: ui.Say(ctx, r.Title), title: r.Title}
		for k := range v.pack.Items {
			x := &v.pack.Items[k]
			if x.Requirement != r.ID {
				continue
			}
			of.Items = append(of.Items, Star4Item{x.ID, ui.Say(ctx, x.Title), v.three[x.ID], x.Title})
			if v.three[x.ID] {
				of.InStar3 = true
				v.InStar3++
			}
		}
		out.Requirements = append(out.Requirements, of)
	}
	return out
}
