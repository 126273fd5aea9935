package recovery

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) askerRoutes() []web.Route {
	return []web.Route{
		web.Get("/recovery", web.Public, "Say how a company gets an owner again.", rm.showAsker, askerPage, web.PageOnly),
		web.Post("/recovery/sealed", web.Public, "Look whether a sealed code opens, without using it up.", rm.sealed, doorPage, web.PageOnly, web.Again(rm.sealedAgain)),
		web.Get("/recovery/take", web.SignedIn, "Ask before a sealed code is used.", rm.showTake, takePage, web.PageOnly),
		web.Post("/recovery/take", web.SignedIn, "Use a sealed code: the caller becomes an owner.", rm.take, nil, web.PageOnly),
		web.Post("/recovery/ask", web.Public, "Ask for a letter to the registered address of a number.", rm.askLetter, doorPage, web.PageOnly, web.Again(rm.askAgain)),
		web.Post("/recovery/identity", web.SignedIn, "Ask by a provider that says that the caller acts for a company.", rm.askIdentity, nil, web.PageOnly),
	}
}

// AskerIn is where somebody comes back who opened an account on the way.
type AskerIn struct {
	Number string `query:"number"`
}

// AskerView is the page for somebody who lost the way in.
type AskerView struct {
	number   string
	code     string
	signedIn bool
	speaks   []string
	mine     []CaseRow
	problem  *problem.Problem
}

func (rm *Room) showAsker(ctx context.Context, in AskerIn) (AskerView, error) {
	v := AskerView{number: in.Number, signedIn: caller(ctx) != ""}
	if !v.signedIn || web.CallerFrom(ctx).Token != nil {
		return v, nil
	}
	cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+columns+" FROM recovery_case WHERE account = ? ORDER BY asked_at DESC, id LIMIT 10", caller(ctx))
	if err != nil {
		return v, err
	}
	for _, c := range cases {
		v.mine = append(v.mine, rm.rowOf(c))
	}
	v.speaks, err = rm.SpeaksFor(ctx, caller(ctx))
	return v, err
}

// DoorView leads a stranger to an account, or the browser on.
type DoorView struct {
	to, login, newAccount string
	sealed                bool
}

// Next is the page of somebody who is signed in; "" for a stranger.
func (v DoorView) Next() string { return v.to }

func (rm *Room) door(ctx context.Context, back string, sealed bool) (v DoorView, err error) {
	if caller(ctx) != "" {
		return DoorView{to: back}, nil
	}
	v = DoorView{login: "/login?next=" + url.QueryEscape(back), sealed: sealed}
	v.newAccount, err = rm.NewAccountURL(back)
	return v, err
}

// SealedIn is a sealed code as typed.
type SealedIn struct {
	Code string `json:"code"`
}

// slipFor is how long somebody has to open an account.
const slipFor = time.Hour

func (rm *Room) sealed(ctx context.Context, in SealedIn) (DoorView, error) {
	if err := rm.tooOften(ctx); err != nil {
		return DoorView{}, err
	}
	slip, err := rm.slip(ctx, in.Code)
	if err != nil {
		return DoorView{}, err
	}
	return rm.door(ctx, "/recovery/take?"+url.Values{"slip": {slip}}.Encode(), true)
}

// slip returns what stands for a sealed code for an hour: it goes through
// addresses of pages, which stay in the history of a browser, and the code does not.
func (rm *Room) slip(ctx context.Context, code string) (string, error) {
	slip := rm.newCode()
	return slip, rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, "UPDATE recovery_code SET slip = ?, slip_until = ? WHERE hash = ?", hashOf(slip), rm.Now().Add(slipFor), hashOf(code))
		if err != nil {
			return err
		}
		var v problem.Invalid
		v.Check(n == 1, "code", "recovery-code")
		return v.Or()
	})
}

func (rm *Room) sealedAgain(ctx context.Context, in SealedIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showAsker(ctx, AskerIn{})
	v.code, v.problem = in.Code, p
	return askerPage(v), err
}

// SlipIn stands for a sealed code.
type SlipIn struct {
	Slip string `query:"slip"`
}

// TakeView asks before a sealed code is used.
type TakeView struct {
	slip, company, name string
}

func (rm *Room) showTake(ctx context.Context, in SlipIn) (TakeView, error) {
	id, err := db.Value[org.ID](ctx, "SELECT org_id FROM recovery_code WHERE slip = ? AND slip_until > ?", hashOf(in.Slip), rm.Now())
	if errors.Is(err, db.ErrNone) {
		err = problem.NotFound()
	}
	if err != nil {
		return TakeView{}, err
	}
	name, err := rm.Org.NameOf(ctx, id)
	return TakeView{in.Slip, name, web.CallerFrom(ctx).Name}, err
}

// TakeIn uses a sealed code.
type TakeIn struct {
	Slip string `json:"slip"`
}

func (rm *Room) take(ctx context.Context, in TakeIn) (Moved, error) {
	var c Case
	err := rm.DB.Write(ctx, func(ctx context.Context) (err error) {
		c, err = rm.use(ctx, caller(ctx), "slip = ? AND slip_until > ?", hashOf(in.Slip), rm.Now())
		return err
	})
	if problem.As(err).FieldCode("code") != "" {
		return Moved{}, problem.NotFound()
	}
	return Moved{"/orgs/" + string(c.Org)}, err
}

// NumberIn is a company's number as typed.
type NumberIn struct {
	Number string `json:"number"`
}

func (rm *Room) askLetter(ctx context.Context, in NumberIn) (DoorView, error) {
	if err := rm.tooOften(ctx); err != nil {
		return DoorView{}, err
	}
	if caller(ctx) == "" {
		return rm.door(ctx, "/recovery?"+url.Values{"number": {plainNumber(in.Number)}}.Encode(), false)
	}
	c, err := rm.Ask(ctx, in.Number, caller(ctx))
	return DoorView{to: casePath(c.ID)}, err
}

func (rm *Room) askAgain(ctx context.Context, in NumberIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showAsker(ctx, AskerIn(in))
	v.problem = p
	return askerPage(v), err
}

func (rm *Room) askIdentity(ctx context.Context, in NumberIn) (Moved, error) {
	c, err := rm.AskByIdentity(ctx, in.Number, caller(ctx))
	return Moved{casePath(c.ID)}, err
}
