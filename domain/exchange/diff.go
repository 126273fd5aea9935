package exchange

import (
	"github.com/minamori-project/minamori/domain/assess"
)

// ChangeState is what applying would do with a row.
type ChangeState string

// The states of a row.
const (
	Fresh    ChangeState = "new"      // nothing was answered before
	Changed  ChangeState = "changed"  // another answer
	Conflict ChangeState = "conflict" // somebody answered since the file was made
	Unread   ChangeState = "unread"   // a cell could not be read
	Strange  ChangeState = "unknown"  // no such item here
	Same     ChangeState = "same"     // nothing to do
	Blank    ChangeState = "blank"    // the file says nothing; the answer stays
)

// ChangeStates are the states in the order in which they are shown: what needs a look
// first.
func ChangeStates() []ChangeState {
	return []ChangeState{Conflict, Unread, Strange, Changed, Fresh, Blank, Same}
}

// Change is a row held against what is answered now.
type Change struct {
	Row   int         `json:"row"`
	Item  string      `json:"item"`
	State ChangeState `json:"state"`
	Now   *Said       `json:"now,omitempty"`
	New   *Said       `json:"new,omitempty"`
	Who   string      `json:"answered_by,omitempty"` // of a conflict
	Why   []fault     `json:"faults,omitempty"`

	now, next assess.Answer
}

// Said is an answer as a reader compares it.
type Said struct {
	Choice    string `json:"choice"`
	Memo      string `json:"memo,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Scope     string `json:"scope,omitempty"`
	Exception string `json:"exception,omitempty"`
}

func saidOf(a assess.Answer) *Said {
	if a.Choice == "" {
		return nil
	}
	return &Said{a.Choice, a.Memo, a.Reason, a.Scope, a.Exception}
}

// compare says what a line would do to the answer that is there.
func (l line) compare(p *assess.Pack, now assess.Answer) Change {
	c := Change{Row: l.Row, Item: l.Item, Now: saidOf(now), Why: l.Faults, now: now}
	if c.Item == "" {
		c.Item, c.State = l.Unknown, Strange
		return c
	}
	c.next = l.over(now)
	c.New = saidOf(c.next)
	switch {
	case len(l.Faults) > 0:
		if c.State = Unread; l.Choice == "" {
			c.New = nil // nobody knows what was meant
		}
	case l.Choice == "":
		c.State, c.New = Blank, nil
	case c.next.Choice == now.Choice && c.next.Memo == now.Memo && c.next.Detail == now.Detail:
		c.State = Same
	case l.Revision != nil && *l.Revision != now.Revision:
		c.State = Conflict
	case c.next.Choice == assess.NotApplicable && c.next.Reason == "":
		c.State, c.Why = Unread, []fault{{colReason, "missing", ""}}
	case now.Revision == 0:
		c.State = Fresh
	default:
		c.State = Changed
	}
	return c
}

// over is the answer that there would be: what a file does not speak of stays.
func (l line) over(now assess.Answer) assess.Answer {
	a := now
	if l.Choice != "" {
		a.Choice = l.Choice
	}
	for _, x := range []struct{ from, to *string }{{l.Memo, &a.Memo}, {l.Reason, &a.Reason}, {l.Scope, &a.Scope}, {l.Exception, &a.Exception}} {
		if x.from != nil {
			*x.to = *x.from
		}
	}
	return a
}
