package review

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// What a company sees and does.

func say(ctx context.Context, t i18n.Text) string { return t.In(i18n.From(ctx).Lang) }

func keys(m map[string]Piece) iter.Seq[string] { return maps.Keys(m) }

func isSecret(piece string) bool { return strings.HasPrefix(piece, "secret.") }

// ListIn asks for a page of snapshots.
type ListIn struct {
	Org   string `path:"org" json:"-"`
	After string `query:"after" json:"-"`
}

// ListView lists snapshots, the newest first.
type ListView struct {
	Snapshots []SnapshotRow `json:"snapshots"`

	org  string
	role web.Role
	next string
	back bool
}

func (rm *Room) list(ctx context.Context, in ListIn) (ListView, error) {
	all, err := snapshotsOf(ctx, in.Org, in.After, pageSize+1)
	if err != nil {
		return ListView{}, err
	}
	v := ListView{org: in.Org, role: web.RoleFrom(ctx), back: in.After != ""}
	if len(all) > pageSize {
		all = all[:pageSize]
		v.next = all[pageSize-1].ID
	}
	v.Snapshots, err = rm.rows(ctx, in.Org, all)
	return v, err
}

// NewIn says which assessment to freeze, and what it covers.
type NewIn struct {
	Org   string `path:"org" json:"-"`
	Pack  string `json:"framework"`
	Scope string `json:"scope"`
}

// NewAtIn asks for the form, for one framework perhaps.
type NewAtIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `query:"framework" json:"-"`
}

type newView struct {
	typed   NewIn
	packs   []*assess.Pack
	answer  map[string]int // answers by pack
	problem *problem.Problem
}

func (rm *Room) showNew(ctx context.Context, in NewAtIn) (newView, error) {
	return rm.newForm(ctx, NewIn{Org: in.Org, Pack: in.Pack}, nil)
}

// newForm offers what has answers.
func (rm *Room) newForm(ctx context.Context, typed NewIn, p *problem.Problem) (newView, error) {
	v := newView{typed: typed, problem: p, answer: map[string]int{}}
	all, err := rm.Assess.SharedOverview(ctx, typed.Org)
	if err != nil {
		return v, err
	}
	for _, p := range all {
		pack := rm.Assess.Packs.ByID(p.Pack)
		if pack != nil && !pack.Preview && p.Answered > 0 {
			v.packs, v.answer[pack.ID] = append(v.packs, pack), p.Answered
		}
	}
	// What a star asks for first: that is what snapshots are made for.
	slices.SortStableFunc(v.packs, func(a, b *assess.Pack) int {
		return rank(a) - rank(b)
	})
	if v.typed.Pack == "" && len(v.packs) > 0 {
		v.typed.Pack = v.packs[0].ID
	}
	return v, nil
}

func rank(p *assess.Pack) int {
	if p.Kind == assess.Criteria {
		return 0
	}
	return 1
}

func (rm *Room) postNew(ctx context.Context, in NewIn) (Moved, error) {
	r, err := rm.Freeze(ctx, in.Org, in.Pack, in.Scope, web.CallerFrom(ctx).Account)
	return Moved{snapshotPath(in.Org, r.ID), r.ID}, err
}

func (rm *Room) newAgain(ctx context.Context, in NewIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.newForm(ctx, in, p)
	return newPage(v), err
}

func (rm *Room) show(ctx context.Context, in SnapshotIn) (SnapshotView, error) {
	v, err := rm.view(ctx, in.Org, in.Snapshot, web.RoleFrom(ctx) >= web.Manager)
	if err != nil || v.role < web.Manager {
		return v, err
	}
	seats, err := seatsOn(ctx, in.Org, in.Snapshot)
	if err != nil {
		return v, err
	}
	for _, s := range seats {
		v.Seats = append(v.Seats, rm.seatView(s))
	}
	v.Looks, err = looksOn(ctx, in.Org, in.Snapshot)
	return v, err
}

// file is a snapshot with all that proves it: whoever has it can hash the facts
// himself.
func (rm *Room) file(ctx context.Context, in SnapshotIn) (web.File, error) {
	r, err := recordOf(ctx, in.Org, Snapshot, in.Snapshot)
	if err != nil {
		return web.File{}, err
	}
	k := r.kept(web.RoleFrom(ctx) >= web.Manager)
	return web.File{Name: fmt.Sprintf("snapshot-%d.json", r.Number), Type: "application/json", Write: func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(k)
	}}, nil
}

func (rm *Room) postWithdraw(ctx context.Context, in SnapshotIn) (Moved, error) {
	return Moved{To: snapshotPath(in.Org, in.Snapshot)}, rm.WithdrawSnapshot(ctx, in.Org, in.Snapshot)
}

func (rm *Room) postErase(ctx context.Context, in SnapshotIn) (Moved, error) {
	return Moved{To: snapshotPath(in.Org, in.Snapshot)}, rm.ErasePieces(ctx, in.Org, Snapshot, in.Snapshot)
}

// CompareIn names two snapshots. Without another one it is the one before.
type CompareIn struct {
	Org      string `path:"org" json:"-"`
	Snapshot string `path:"snapshot" json:"-"`
	With     string `query:"with" json:"-"`
}

// Change is what differs at one item.
type Change struct {
	Item     string       `json:"item"`
	Sign     string       `json:"number"`
	Title    string       `json:"title"`
	Was      assess.State `json:"was"` // "" when the item was not there
	Is       assess.State `json:"is"`
	Words    bool         `json:"words_changed"`
	Evidence bool         `json:"evidence_changed"`
}

// CompareView is what changed between two snapshots, the older first.
type CompareView struct {
	Older   *SnapshotRow  `json:"older"`
	Newer   SnapshotRow   `json:"newer"`
	Was     assess.Tally  `json:"was"`
	Is      assess.Tally  `json:"is"`
	Changes []Change      `json:"changes"`
	Others  []SnapshotRow `json:"others"`

	org string
}

func (rm *Room) compare(ctx context.Context, in CompareIn) (CompareView, error) {
	newer, f, err := rm.snapshot(ctx, in.Org, in.Snapshot)
	if err != nil {
		return CompareView{}, err
	}
	v := CompareView{org: in.Org, Is: f.Tally, Changes: []Change{}, Others: []SnapshotRow{}}
	all, err := snapshotsOf(ctx, in.Org, "", maxSnapshots)
	if err != nil {
		return v, err
	}
	all = slices.DeleteFunc(all, func(r Record) bool { return r.Pack != newer.Pack })
	rows, err := rm.rows(ctx, in.Org, all)
	if err != nil {
		return v, err
	}
	for _, r := range rows {
		switch {
		case r.ID == in.Snapshot:
			v.Newer = r
		default:
			v.Others = append(v.Others, r)
			if in.With == "" && r.Number < newer.Number && v.Older == nil {
				v.Older = &r
			}
			if in.With == r.ID {
				v.Older = &r
			}
		}
	}
	switch {
	case in.With != "" && v.Older == nil:
		return v, problem.NotFound()
	case v.Older == nil || newer.Damaged:
		return v, nil
	}
	return v, rm.fillChanges(ctx, &v, newer, f)
}

func (rm *Room) fillChanges(ctx context.Context, v *CompareView, newer Record, f Facts) error {
	older, g, err := rm.snapshot(ctx, v.org, v.Older.ID)
	if err != nil {
		return err
	}
	if older.Damaged {
		v.Older.State = stateDamaged
		return nil
	}
	if v.Was = g.Tally; older.Number > newer.Number {
		older, newer, f, g = newer, older, g, f
		v.Was, v.Is = v.Is, v.Was
		o := *v.Older
		*v.Older, v.Newer = v.Newer, o
	}
	was := map[string]ItemFacts{}
	for _, x := range g.Items {
		was[x.Item] = x
	}
	for _, x := range f.Items {
		y := was[x.Item]
		c := Change{Item: x.Item, Sign: x.Sign, Title: rm.itemView(ctx, &newer, x, false).Title, Was: y.State, Is: x.State}
		a, b := older.wordsOf(y.Words), newer.wordsOf(x.Words)
		c.Words = a.Memo != b.Memo || a.Reason != b.Reason || a.Scope != b.Scope || a.Exception != b.Exception
		c.Evidence = !slices.Equal(y.Evidence, x.Evidence)
		if c.Was != c.Is || c.Words || c.Evidence {
			v.Changes = append(v.Changes, c)
		}
	}
	return nil
}

// InviteIn invites a specialist.
type InviteIn struct {
	Org      string `path:"org" json:"-"`
	Snapshot string `path:"snapshot" json:"-"`
	Email    string `json:"email"`
	Files    bool   `json:"files"`
	Words    string `json:"words"`
}

type inviteView struct {
	typed    InviteIn
	snapshot SnapshotRow
	role     web.Role
	until    time.Time
	problem  *problem.Problem
}

func (rm *Room) showInvite(ctx context.Context, in SnapshotIn) (inviteView, error) {
	r, _, err := rm.sound(ctx, in.Org, in.Snapshot)
	if err != nil {
		return inviteView{}, err
	}
	rows, err := rm.rows(ctx, in.Org, []Record{r})
	if err != nil {
		return inviteView{}, err
	}
	return inviteView{
		typed: InviteIn{Org: in.Org, Snapshot: in.Snapshot}, snapshot: rows[0], role: web.RoleFrom(ctx), until: rm.Now().Add(seatFor),
	}, nil
}

func (rm *Room) postInvite(ctx context.Context, in InviteIn) (Moved, error) {
	s, err := rm.Invite(ctx, web.RoleFrom(ctx), Invitation{
		Org: in.Org, Snapshot: in.Snapshot, Email: in.Email, Files: in.Files, Words: in.Words, By: web.CallerFrom(ctx).Account,
	})
	return Moved{snapshotPath(in.Org, in.Snapshot) + "#specialists", s.ID}, err
}

func (rm *Room) inviteAgain(ctx context.Context, in InviteIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showInvite(ctx, SnapshotIn{in.Org, in.Snapshot})
	v.typed, v.problem = in, p
	return invitePage(v), err
}

// SeatOfIn names a seat on a company's snapshot.
type SeatOfIn struct {
	Org      string `path:"org" json:"-"`
	Snapshot string `path:"snapshot" json:"-"`
	Seat     string `path:"seat" json:"-"`
}

func (rm *Room) postEnd(ctx context.Context, in SeatOfIn) (Moved, error) {
	return Moved{To: snapshotPath(in.Org, in.Snapshot) + "#specialists"}, rm.End(ctx, in.Org, in.Snapshot, in.Seat)
}

type oathView struct {
	SnapshotView
	sentences []string
	problem   *problem.Problem
}

func (rm *Room) showOath(ctx context.Context, in SnapshotIn) (oathView, error) {
	sentences, err := rm.OathSentences(ctx, in.Org, in.Snapshot)
	if err != nil {
		return oathView{}, err
	}
	v, err := rm.show(ctx, in)
	return oathView{SnapshotView: v, sentences: sentences}, err
}

// OathIn is an oath: the tick says that its sentences were read.
type OathIn struct {
	Org      string `path:"org" json:"-"`
	Snapshot string `path:"snapshot" json:"-"`
	Read     bool   `json:"read"`
}

// keys: field.review-read
func (rm *Room) postOath(ctx context.Context, in OathIn) (Moved, error) {
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		_, err := rm.OathSentences(ctx, in.Org, in.Snapshot)
		return err
	})
	if err != nil {
		return Moved{}, err
	}
	var v problem.Invalid
	v.Check(in.Read, "read", "review-read")
	if err := v.Or(); err != nil {
		return Moved{}, err
	}
	r, err := rm.Swear(ctx, in.Org, in.Snapshot, web.CallerFrom(ctx).Account)
	return Moved{snapshotPath(in.Org, in.Snapshot) + "#oath", r.ID}, err
}

func (rm *Room) oathAgain(ctx context.Context, in OathIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showOath(ctx, SnapshotIn{in.Org, in.Snapshot})
	v.problem = p
	return oathPage(v), err
}

func (rm *Room) postOathWithdraw(ctx context.Context, in SnapshotIn) (Moved, error) {
	return Moved{To: snapshotPath(in.Org, in.Snapshot) + "#oath"}, rm.WithdrawOath(ctx, in.Org, in.Snapshot)
}
