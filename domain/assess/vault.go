package assess

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// VaultRow is a piece of evidence with what it is for.
type VaultRow struct {
	EvidenceView
	Places []PlaceView `json:"for"`

	e Evidence
}

// PlaceView is an item that evidence is for.
type PlaceView struct {
	Pack  string `json:"pack"`
	Item  string `json:"item"`
	Code  string `json:"code"`
	Title string `json:"title"`

	words *words
}

// GapView is how many criteria of a pack are met by word only.
type GapView struct {
	Pack    string `json:"pack"`
	Title   string `json:"title"`
	Word    int    `json:"by_word"`
	Expired int    `json:"expired"`

	title *words
}

// VaultView is all evidence of a company: what gets old, what is missing, what
// proves what.
type VaultView struct {
	Old  []VaultRow `json:"getting_old"` // ended, or within 60 days of it; the soonest first
	Gaps []GapView  `json:"missing"`
	Rows []VaultRow `json:"evidence"` // the newest first
	More string     `json:"more,omitempty"`

	org       string
	now       time.Time
	mayAnswer bool
}

const (
	vaultPage = 50
	// remindFrom is when evidence begins to be old: with the first reminder.
	remindFrom = 60 * 24 * time.Hour
)

type vaultIn struct {
	Org   string `path:"org" json:"-"`
	After string `query:"after"` // the last row of the page before
}

func (rm *Room) vault(ctx context.Context, in vaultIn) (VaultView, error) {
	v := VaultView{org: in.Org, now: rm.Now(), mayAnswer: mayAnswer(ctx), Old: []VaultRow{}, Gaps: []GapView{}, Rows: []VaultRow{}}
	var err error
	if in.After == "" {
		old := "SELECT " + evidenceColumns + ` FROM assess_evidence WHERE org_id = ? AND valid_until IS NOT NULL AND valid_until < ?
			ORDER BY valid_until, id LIMIT ?`
		if v.Old, err = rm.vaultRows(ctx, old, in.Org, db.Text(v.now.Add(remindFrom)), vaultPage); err != nil {
			return v, err
		}
		slices.SortStableFunc(v.Old, func(a, b VaultRow) int { return a.e.ValidUntil.Compare(b.e.ValidUntil) })
		if v.Gaps, err = rm.gaps(ctx, in.Org); err != nil {
			return v, err
		}
	}
	at, id, _ := strings.Cut(in.After, "~")
	rows := "SELECT " + evidenceColumns + ` FROM assess_evidence WHERE org_id = ? AND (? = '' OR (collected_at, id) < (?, ?))
		ORDER BY collected_at DESC, id DESC LIMIT ?`
	if v.Rows, err = rm.vaultRows(ctx, rows, in.Org, in.After, at, id, vaultPage+1); err != nil {
		return v, err
	}
	slices.SortStableFunc(v.Rows, func(a, b VaultRow) int { return b.e.At.Compare(a.e.At) })
	if len(v.Rows) > vaultPage {
		v.Rows = v.Rows[:vaultPage]
		last := v.Rows[vaultPage-1]
		v.More = db.Text(last.e.At) + "~" + last.ID
	}
	return v, nil
}

// vaultRows reads evidence with its places in one query.
func (rm *Room) vaultRows(ctx context.Context, query string, args ...any) ([]VaultRow, error) {
	type row struct {
		Evidence
		at Place
	}
	fields := func(r *row) []any { return append(r.Evidence.fields(), &r.at.Pack, &r.at.Item) }
	all := []VaultRow{}
	index := map[string]int{}
	err := db.Each(ctx, fields, func(r row) error {
		i, ok := index[r.ID]
		if !ok {
			i = len(all)
			index[r.ID] = i
			all = append(all, VaultRow{EvidenceView: evidenceView(ctx, r.Evidence, ""), e: r.Evidence})
		}
		if p, ok := rm.placeView(ctx, r.at); ok {
			all[i].Places = append(all[i].Places, p)
		}
		return nil
	}, "SELECT e.*, p.pack, p.item FROM ("+query+") e JOIN assess_proof p ON p.evidence_id = e.id ORDER BY e.id DESC, p.pack, p.item", args...)
	return all, err
}

func (rm *Room) placeView(ctx context.Context, at Place) (PlaceView, bool) {
	s, i, err := rm.position(at.Pack, at.Item)
	if err != nil {
		return PlaceView{}, false // of a pack that is no longer here
	}
	return PlaceView{at.Pack, at.Item, s.Items[i].Sign(), s.items[i].title.In(ctx), s.items[i].title}, true
}

// gaps are the packs of criteria that were begun and still rest on words.
func (rm *Room) gaps(ctx context.Context, org string) ([]GapView, error) {
	begun, err := db.Rows(ctx, func(p *string) []any { return []any{p} }, "SELECT DISTINCT pack FROM assess_answer WHERE org_id = ? ORDER BY pack", org)
	all := []GapView{}
	if err != nil {
		return all, err
	}
	for _, pack := range begun {
		s := rm.sheets[pack]
		if s == nil || s.Kind != Criteria || s.Preview {
			continue
		}
		stand, err := rm.Standing(ctx, org, pack)
		if err != nil {
			return all, err
		}
		if t := stand.Tally; t.Word+t.Expired > 0 {
			all = append(all, GapView{pack, s.title.In(ctx), t.Word, t.Expired, s.title})
		}
	}
	return all, nil
}

// PieceView is one piece of evidence, and what else it could serve.
type PieceView struct {
	VaultRow
	Could []PlaceView `json:"could_serve"` // met by word, and asking for this form

	org       string
	now       time.Time
	mayAnswer bool
}

type pieceIn struct {
	Org      string `path:"org" json:"-"`
	Evidence string `path:"evidence" json:"-"`
}

func (rm *Room) piece(ctx context.Context, in pieceIn) (PieceView, error) {
	v := PieceView{org: in.Org, now: rm.Now(), mayAnswer: mayAnswer(ctx), Could: []PlaceView{}}
	rows, err := rm.vaultRows(ctx, "SELECT "+evidenceColumns+" FROM assess_evidence WHERE org_id = ? AND id = ?", in.Org, in.Evidence)
	if err != nil {
		return v, err
	}
	if len(rows) == 0 || rows[0].Secret && rows[0].Name == "" {
		return v, problem.NotFound()
	}
	v.VaultRow = rows[0]
	if by := v.e.By; by != "" {
		names, err := rm.names(ctx, map[string]bool{by: true})
		if err != nil {
			return v, err
		}
		v.By = names[by]
	}
	return v, rm.addCould(ctx, &v)
}

// addCould finds the criteria in the same packs that this evidence would show.
func (rm *Room) addCould(ctx context.Context, v *PieceView) error {
	seen := map[string]bool{}
	for _, p := range v.Places {
		if seen[p.Pack] || rm.sheets[p.Pack].Kind != Criteria || v.e.Source != "" {
			continue
		}
		seen[p.Pack] = true
		stand, err := rm.Standing(ctx, v.org, p.Pack)
		if err != nil {
			return err
		}
		for i := range stand.Items {
			it := &stand.Items[i]
			if (it.State != Word && it.State != Expired) || !it.Item.shownBy(v.e.Form) {
				continue
			}
			if at, ok := rm.placeView(ctx, Place{p.Pack, it.Item.ID}); ok {
				v.Could = append(v.Could, at)
			}
		}
	}
	return nil
}

type servesIn struct {
	Org      string   `path:"org" json:"-"`
	Evidence string   `path:"evidence" json:"-"`
	Also     []string `json:"also"` // pack/item
}

func (rm *Room) serves(ctx context.Context, in servesIn) (onward, error) {
	var also []Place
	for _, s := range in.Also {
		pack, item, _ := strings.Cut(s, "/")
		also = append(also, Place{pack, item})
	}
	if err := rm.maySee(ctx, in.Org, in.Evidence); err != nil {
		return onward{}, err
	}
	err := rm.Prove(ctx, in.Org, in.Evidence, web.CallerFrom(ctx).Account, also)
	return onward{vaultURL(in.Org) + "/" + in.Evidence}, err
}

// maySee is problem.NotFound for evidence that is not there, or not for the caller.
func (rm *Room) maySee(ctx context.Context, org, evidence string) error {
	return rm.DB.Read(ctx, func(ctx context.Context) error {
		e, err := db.One(ctx, (*Evidence).fields, "SELECT "+evidenceColumns+" FROM assess_evidence WHERE org_id = ? AND id = ?", org, evidence)
		if errors.Is(err, db.ErrNone) || err == nil && e.Sensitivity == Secret && web.RoleFrom(ctx) < web.Manager {
			return problem.NotFound()
		}
		return err
	})
}

type renewIn struct {
	Org        string `path:"org" json:"-"`
	Evidence   string `path:"evidence" json:"-"`
	ValidUntil string `json:"valid_until"` // a day; a year from now when empty
}

// renew says that somebody looked again and it still is so: evidence then has the
// age of that look. What another room keeps is renewed there.
func (rm *Room) renew(ctx context.Context, in renewIn) (onward, error) {
	until, err := endOf(in.ValidUntil)
	if err != nil {
		return onward{}, err
	}
	now := rm.Now()
	if until.IsZero() {
		until = now.Add(aged)
	}
	var v problem.Invalid
	v.Check(until.After(now), "valid_until", "assess-valid-until")
	if err := v.Or(); err != nil {
		return onward{}, err
	}
	if err := rm.maySee(ctx, in.Org, in.Evidence); err != nil {
		return onward{}, err
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		actor := web.CallerFrom(ctx).Account
		n, err := db.Exec(ctx, "UPDATE assess_evidence SET collected_at = ?, collected_by = ?, valid_until = ? WHERE org_id = ? AND id = ? AND source = ''",
			db.Text(now), actor, until, in.Org, in.Evidence)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.NotFound()
		}
		places, err := placesOf(ctx, in.Org, in.Evidence)
		if err != nil {
			return err
		}
		err = journal.Note(ctx, journal.Entry{Org: in.Org, At: now, Actor: actor, Verb: "assess.evidence_renewed", Subject: in.Evidence},
			struct {
				Until time.Time `json:"valid_until"`
			}{until})
		return errors.Join(err, rm.dayOf(ctx, in.Org, places))
	})
	return onward{vaultURL(in.Org) + "/" + in.Evidence}, err
}

func vaultURL(org string) string { return homeURL(org) + "/evidence" }

// look draws the row; where it was brought from is where it can be opened.
func (r VaultRow) look(org string, now time.Time) ui.EvidenceView {
	x := ui.EvidenceView{Name: r.Name, Age: ui.AgeView{Act: ui.Checked, At: r.At, Expires: r.ValidUntil, Now: now}, Imported: r.Kind == KindCheck}
	if r.Name != "" {
		x.URL = vaultURL(org) + "/" + r.ID
	}
	if r.Form != "" {
		x.Note = ui.T("assess.form." + r.Form)
	}
	return x
}

// open is where the thing itself is: a file, or the address it points to.
func (r VaultRow) open(org string) string {
	if r.Kind == KindFile && len(r.Places) > 0 {
		return itemURL(org, r.Places[0].Pack, r.Places[0].Item) + "/evidence/" + r.ID
	}
	return r.URL
}
