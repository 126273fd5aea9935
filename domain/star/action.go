package star

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// ActionView is how far a company is with the stars of SECURITY ACTION.
type ActionView struct {
	One         string            `json:"one_star"`
	Two         string            `json:"two_stars"`
	Checks      []CheckView       `json:"checks"`
	Declaration *DeclarationView  `json:"declaration,omitempty"`
	Past        []DeclarationView `json:"ended,omitempty"`

	org          string
	state        TwoStarState
	one, two     Say
	ids, renewal Fact
	mayEnter     bool
}

// CheckView is one thing that a star needs.
type CheckView struct {
	What  string    `json:"what"` // articles, diagnosis, approved, published
	There bool      `json:"there"`
	N     int       `json:"n,omitempty"`
	Of    int       `json:"of,omitempty"`
	Since time.Time `json:"since,omitzero"`

	url string
}

func (rm *Room) showAction(ctx context.Context, in OrgIn) (v ActionView, err error) {
	v = ActionView{org: in.Org, ids: rm.Facts[factIDs], renewal: rm.Facts[factRenewal], mayEnter: web.RoleFrom(ctx) >= web.Manager}
	if v.state, err = rm.twoStars(ctx, in.Org); err != nil {
		return v, err
	}
	all, err := rm.declarationViews(ctx, in.Org)
	if err != nil {
		return v, err
	}
	v.Declaration, v.Past = standingView(all, SecurityAction)
	v.one, v.two = sayAction(1, v.state, v.Declaration.declaration()), sayAction(2, v.state, v.Declaration.declaration())
	v.One, v.Two = v.one.In(ctx), v.two.In(ctx)
	v.Checks = rm.checks(in.Org, v.state)
	return v, nil
}

func (rm *Room) checks(org string, s TwoStarState) []CheckView {
	policies := "/orgs/" + org + "/policies"
	all := []CheckView{
		{What: "articles", There: s.OneReady(), N: s.Articles, Of: s.ArticlesOf},
		{What: "diagnosis", There: s.DiagnosisOf > 0 && s.Diagnosis == s.DiagnosisOf, N: s.Diagnosis, Of: s.DiagnosisOf},
		{What: "approved", There: s.Approved, url: policies},
		{What: "published", There: s.Published, Since: s.Since, url: policies},
	}
	if rm.Approved == nil && !s.Published {
		all = slices.Delete(all, 2, 3) // nobody can say whether it is approved
	}
	for i, family := range []string{familyArticles, familyDiagnosis} {
		if p := rm.pack(family); p != nil {
			all[i].url = packHome(org, p.ID)
		}
	}
	return all
}

// missing counts what two stars still need; the articles are a matter of one star.
func (v ActionView) missing() (n int) {
	for _, c := range v.Checks[1:] {
		if !c.There {
			n++
		}
	}
	return n
}

func (v ActionView) title() ui.Words {
	switch {
	case v.Declaration != nil:
		return v.declared().Words()
	case v.state.TwoReady():
		return v.two.Words()
	case v.state.OneReady():
		return v.one.Words()
	}
	return ui.T("star.action.title", "n", v.missing())
}

// declared is what is said of the declaration that stands, of one star or two.
func (v ActionView) declared() Say {
	return sayAction(v.Declaration.Stars, v.state, &v.Declaration.Declaration)
}

// SheetView is what to type into IPA's system.
type SheetView struct {
	Name       string `json:"name"`
	Kana       string `json:"kana"`
	Number     string `json:"corporate_number"`
	Prefecture string `json:"prefecture"`
	Industry   string `json:"industry"`
	Employees  string `json:"employees"`
	PolicyURL  string `json:"policy_url"`

	org   string
	sole  bool
	state TwoStarState
	login Fact
}

func (rm *Room) showSheet(ctx context.Context, in OrgIn) (v SheetView, err error) {
	v = SheetView{org: in.Org, login: rm.Facts[factLogin]}
	o, err := rm.Organisation(ctx, in.Org)
	if err != nil {
		return v, err
	}
	if v.state, err = rm.twoStars(ctx, in.Org); err != nil {
		return v, err
	}
	v.Name, v.Kana, v.Number, v.PolicyURL = o.Name, o.Kana, string(o.CorporateNumber), v.state.URL
	v.sole = o.Kind == org.KindSoleProprietor
	// keys: org.prefecture.*, org.industry.*
	if o.Prefecture != "" {
		v.Prefecture = i18n.T(ctx, "org.prefecture."+string(o.Prefecture))
	}
	if o.Industry != "" {
		v.Industry = i18n.T(ctx, "org.industry."+string(o.Industry))
	}
	if o.Employees != nil {
		v.Employees = strconv.FormatInt(*o.Employees, 10)
	}
	return v, nil
}

// pairs are the fields; what the company has not told us is said to be missing.
func (v SheetView) pairs() []ui.Pair {
	var all []ui.Pair
	change := &ui.Link{Label: ui.T("star.sheet.fill"), URL: "/orgs/" + v.org + "/company/edit"}
	add := func(key, value string) {
		p := ui.Pair{Key: ui.T(key), Value: ui.Plain(value)}
		if value == "" {
			p.Value, p.Change = ui.T("star.sheet.missing"), change
		}
		all = append(all, p)
	}
	add("star.sheet.name", v.Name)
	add("star.sheet.kana", v.Kana)
	if !v.sole {
		add("star.sheet.number", v.Number)
	}
	add("star.sheet.address", v.Prefecture)
	add("star.sheet.industry", v.Industry)
	add("star.sheet.employees", v.Employees)
	policy := ui.Pair{Key: ui.T("star.sheet.policy"), Value: ui.Plain(v.PolicyURL)}
	if v.PolicyURL == "" {
		policy.Value, policy.Change = ui.T("star.sheet.policy.none"), &ui.Link{Label: ui.T("star.sheet.fill"), URL: "/orgs/" + v.org + "/policies"}
	}
	return append(all, policy)
}

// DeclareIn is a declaration ID as typed.
type DeclareIn struct {
	Org      string      `path:"org" json:"-"`
	Stars    int         `json:"stars"`
	Number   string      `json:"number"`
	On       assess.Date `json:"on"`
	Replaces string      `json:"replaces"`
	Why      string      `json:"why"`
}

// DeclareView is the form for a declaration ID.
type DeclareView struct {
	typed   DeclareIn
	ids     Fact
	problem *problem.Problem
}

func (rm *Room) showDeclare(ctx context.Context, in OrgIn) (DeclareView, error) {
	all, err := rm.Declarations(ctx, in.Org)
	v := DeclareView{typed: DeclareIn{Org: in.Org, Stars: 2}, ids: rm.Facts[factIDs]}
	if d := standing(all, SecurityAction); d != nil {
		v.typed = DeclareIn{in.Org, d.Stars, d.Number, d.On, d.ID, ""}
	}
	return v, err
}

func (rm *Room) declareAgain(_ context.Context, in DeclareIn, p *problem.Problem) (templ.Component, error) {
	return declarePage(DeclareView{in, rm.Facts[factIDs], p}), nil
}

func (rm *Room) postDeclare(ctx context.Context, in DeclareIn) (Moved, error) {
	_, err := rm.Declare(ctx, DeclareInput{
		Org: in.Org, Scheme: SecurityAction, Stars: in.Stars, Number: in.Number, On: in.On, Replaces: in.Replaces, Why: in.Why,
	})
	return Moved{actionHome(in.Org)}, err
}

// RegisterIn is a registration of ★3 as typed.
type RegisterIn struct {
	Org        string      `path:"org" json:"-"`
	Number     string      `json:"number"`
	On         assess.Date `json:"on"`
	ValidUntil assess.Date `json:"valid_until"`
	Replaces   string      `json:"replaces"`
	Why        string      `json:"why"`
}

// RegisterView is the form for a registration.
type RegisterView struct {
	typed   RegisterIn
	term    Fact
	problem *problem.Problem
}

func (rm *Room) showRegister(ctx context.Context, in OrgIn) (RegisterView, error) {
	all, err := rm.Declarations(ctx, in.Org)
	v := RegisterView{typed: RegisterIn{Org: in.Org}, term: rm.Facts[factTerm]}
	if d := standing(all, SCS); d != nil {
		v.typed = RegisterIn{in.Org, d.Number, d.On, d.ValidUntil, d.ID, ""}
	}
	return v, err
}

func (rm *Room) registerAgain(_ context.Context, in RegisterIn, p *problem.Problem) (templ.Component, error) {
	return registerPage(RegisterView{in, rm.Facts[factTerm], p}), nil
}

func (rm *Room) postRegister(ctx context.Context, in RegisterIn) (Moved, error) {
	_, err := rm.Declare(ctx, DeclareInput{
		Org: in.Org, Scheme: SCS, Number: in.Number, On: in.On, ValidUntil: in.ValidUntil, Replaces: in.Replaces, Why: in.Why,
	})
	return Moved{star3Home(in.Org)}, err
}

// DeclarationIn names a declaration.
type DeclarationIn struct {
	Org         string `path:"org" json:"-"`
	Declaration string `path:"declaration" json:"-"`
}

// DayIn is a day about a declaration, as typed.
type DayIn struct {
	Org         string      `path:"org" json:"-"`
	Declaration string      `path:"declaration" json:"-"`
	On          assess.Date `json:"on"`
}

// DayView is a form that asks for a day about a declaration.
type DayView struct {
	typed   DayIn
	d       Declaration
	problem *problem.Problem
}

// dayForm shows a form about a declaration that stands.
func (rm *Room) dayForm(ctx context.Context, in DeclarationIn) (DayView, error) {
	d, err := rm.stands(ctx, in.Org, in.Declaration)
	return DayView{typed: DayIn{in.Org, in.Declaration, rm.today()}, d: d}, err
}

// dayAgain shows such a form once more.
func (rm *Room) dayAgain(ctx context.Context, in DayIn, p *problem.Problem, page func(DayView) templ.Component) (templ.Component, error) {
	v := DayView{typed: in, problem: p}
	d, err := rm.stands(ctx, in.Org, in.Declaration)
	if problem.As(err) != nil {
		err = nil // it ended meanwhile; the problem above the form says so
	}
	v.d = d
	return page(v), err
}

func (rm *Room) showSeen(ctx context.Context, in DeclarationIn) (DayView, error) {
	return rm.dayForm(ctx, in)
}

func (rm *Room) seenAgain(ctx context.Context, in DayIn, p *problem.Problem) (templ.Component, error) {
	return rm.dayAgain(ctx, in, p, seenPage)
}

func (rm *Room) postSeen(ctx context.Context, in DayIn) (Moved, error) {
	scheme, err := rm.schemeOf(ctx, in)
	if err != nil {
		return Moved{}, err
	}
	return Moved{homeOf(in.Org, scheme)}, rm.See(ctx, in.Org, in.Declaration, in.On)
}

func (rm *Room) showStop(ctx context.Context, in DeclarationIn) (DayView, error) {
	return rm.dayForm(ctx, in)
}

func (rm *Room) stopAgain(ctx context.Context, in DayIn, p *problem.Problem) (templ.Component, error) {
	return rm.dayAgain(ctx, in, p, stopPage)
}

func (rm *Room) postStop(ctx context.Context, in DayIn) (Moved, error) {
	scheme, err := rm.schemeOf(ctx, in)
	if err != nil {
		return Moved{}, err
	}
	return Moved{homeOf(in.Org, scheme)}, rm.Stop(ctx, in.Org, in.Declaration, in.On)
}

// schemeOf says which page to go back to.
func (rm *Room) schemeOf(ctx context.Context, in DayIn) (s Scheme, err error) {
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		d, err := rm.stands(ctx, in.Org, in.Declaration)
		s = d.Scheme
		return err
	})
	return s, err
}
