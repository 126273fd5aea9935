package star

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/internal/problem"
)

// Reply is an answer to a question of the guide. Unknown is one, and never "no".
type Reply string

// The replies; "" is none yet.
const (
	Yes       Reply = "yes"
	No        Reply = "no"
	DontKnow  Reply = "unknown"
	noneGiven Reply = ""
)

func (r Reply) known() bool { return r == Yes || r == No || r == DontKnow }

// Guide is what a company says of its most important buyer: METI's model of 2025 for
// choosing the star to ask for.
type Guide struct {
	Secrets Reply     `json:"secrets"` // important secrets of the buyer are with us
	Stops   Reply     `json:"stops"`   // our stop hurts the buyer
	Access  Reply     `json:"access"`  // we reach the buyer's systems
	By      string    `json:"-"`       // account
	At      time.Time `json:"answered_at"`
}

// Fit is the star that a buyer may ask for by the model.
type Fit string

// The fits. FitOpen: nothing says yes, and not every question is answered.
const (
	FitNone  Fit = "none"
	FitOpen  Fit = "open"
	FitStar3 Fit = "star3"
	FitStar4 Fit = "star4"
)

// Fit works out the star: any yes ★4, three times no ★3.
func (g Guide) Fit() Fit {
	replies := []Reply{g.Secrets, g.Stops, g.Access}
	no, none := 0, 0
	for _, r := range replies {
		switch r {
		case Yes:
			return FitStar4
		case No:
			no++
		case noneGiven:
			none++
		}
	}
	switch {
	case none == len(replies):
		return FitNone
	case no == len(replies):
		return FitStar3
	}
	return FitOpen
}

// AnswerGuide keeps the answers to the three questions.
func (rm *Room) AnswerGuide(ctx context.Context, org string, g Guide) error {
	var v problem.Invalid
	v.Check(g.Secrets.known(), "secrets", "star-reply")
	v.Check(g.Stops.known(), "stops", "star-reply")
	v.Check(g.Access.known(), "access", "star-reply")
	if err := v.Or(); err != nil {
		return err
	}
	g.By, g.At = actor(ctx), rm.Now()
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := putGuide(ctx, org, g); err != nil {
			return err
		}
		return rm.note(ctx, org, "star.guide-answered", org, false, map[string]Reply{"secrets": g.Secrets, "stops": g.Stops, "access": g.Access})
	})
}
