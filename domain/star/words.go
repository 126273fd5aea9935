package star

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// Say is a sentence about a star: a key of the catalogue and its arguments. Pages and
// programs both take it, so that there is one wording.
type Say struct {
	Key  string
	Args []any
}

func say(key string, args ...any) Say { return Say{key, args} }

// Words is the sentence on a page.
func (s Say) Words() ui.Words { return ui.T(s.Key, s.Args...) }

// In is the sentence as plain text.
func (s Say) In(ctx context.Context) string { return i18n.T(ctx, s.Key, s.Args...) }

func (s Say) empty() bool { return s.Key == "" }

// TwoStarState is what is there for the stars of SECURITY ACTION.
type TwoStarState struct {
	Articles, ArticlesOf   int // looked at
	Diagnosis, DiagnosisOf int // answered
	Approved               bool
	Published              bool
	URL                    string
	Since                  time.Time
}

// OneReady says that the articles were looked at. They are a promise: an article that
// is not done stands in nobody's way.
func (s TwoStarState) OneReady() bool { return s.ArticlesOf > 0 && s.Articles == s.ArticlesOf }

// TwoReady says that the diagnosis is complete and the policy is public.
func (s TwoStarState) TwoReady() bool {
	return s.DiagnosisOf > 0 && s.Diagnosis == s.DiagnosisOf && s.Published
}

// sayAction is what may be said about a star of SECURITY ACTION. Without an ID it is
// at most "ready".
func sayAction(stars int, s TwoStarState, d *Declaration) Say {
	if d != nil && d.Stars >= stars {
		// keys: star.say.declared.1, star.say.declared.2
		return say("star.say.declared."+digit(d.Stars), "id", d.Number)
	}
	switch {
	case stars == 2 && s.TwoReady():
		return say("star.say.ready.2")
	case stars == 1 && s.OneReady():
		return say("star.say.ready.1")
	}
	// keys: star.say.preparing.1, star.say.preparing.2
	return say("star.say.preparing." + digit(stars))
}

// saySeen is when somebody saw the number in the official list; empty when nobody did.
func saySeen(ctx context.Context, d *Declaration) Say {
	if d == nil || d.SeenOn == "" {
		return Say{}
	}
	return say("star.say.seen", "date", i18n.Date(ctx, d.SeenOn.Time()))
}

// sayStar3 is what may be said about ★3.
func sayStar3(ctx context.Context, t assess.Tally, d *Declaration, today assess.Date) Say {
	switch {
	case d != nil && d.ValidUntil < today:
		return say("star.say.lapsed.3", "number", d.Number, "date", i18n.Date(ctx, d.ValidUntil.Time()))
	case d != nil:
		return say("star.say.registered.3", "number", d.Number, "date", i18n.Date(ctx, d.ValidUntil.Time()))
	case t.Answered() == 0:
		return say("star.say.begin.3")
	}
	return say("star.say.preparing.3", "items", t.Items(), "met", t.Met(), "shown", t.Shown)
}

// sayConfirmed is that a specialist looked at a frozen snapshot; empty when nobody did.
func sayConfirmed(ctx context.Context, c Confirmation, ok bool) Say {
	if !ok {
		return Say{}
	}
	return say("star.say.confirmed.3", "snapshot", c.Snapshot, "date", i18n.Date(ctx, c.On))
}

// sayOwn is for whatever is recorded only here.
func sayOwn(ctx context.Context, d *Declaration) Say {
	return say("star.say.own", "date", i18n.Date(ctx, d.EnteredAt))
}

func digit(n int) string { return string(rune('0' + n)) }
