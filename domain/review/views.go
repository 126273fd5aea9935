package review

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

const pageSize = 20

func snapshotsPath(company string) string { return "/orgs/" + url.PathEscape(company) + "/snapshots" }

func snapshotPath(company, id string) string {
	return snapshotsPath(company) + "/" + url.PathEscape(id)
}

// snapshotsOf lists snapshots, the newest first; before is the cursor of the page
// before.
func snapshotsOf(ctx context.Context, company, before string, limit int) ([]Record, error) {
	query, args := "SELECT "+recordColumns+" FROM review_record WHERE org_id = ? AND kind = ?", []any{company, Snapshot}
	if before != "" {
		query += " AND (made_at, id) < (SELECT made_at, id FROM review_record WHERE org_id = ? AND id = ?)"
		args = append(args, company, before)
	}
	return db.Rows(ctx, (*Record).fields, query+" ORDER BY made_at DESC, id DESC LIMIT ?", append(args, limit)...)
}

// How a snapshot stands.
// keys: review.lead.frozen, review.lead.confirmed, review.lead.sworn, review.lead.withdrawn, review.lead.damaged
// keys: review.state.frozen, review.state.confirmed, review.state.sworn, review.state.withdrawn, review.state.damaged
const (
	stateFrozen    = "frozen"
	stateConfirmed = "confirmed"
	stateSworn     = "sworn"
	stateWithdrawn = "withdrawn"
	stateDamaged   = "damaged"
)

// SnapshotRow is a snapshot in a list.
type SnapshotRow struct {
	ID     string    `json:"id"`
	Number int       `json:"number"`
	Pack   string    `json:"framework"`
	Title  string    `json:"title"`
	At     time.Time `json:"frozen_at"`
	Digest string    `json:"sha256"`
	State  string    `json:"state"`
}

// since is what was recorded on a snapshot and stands.
type since struct {
	snapshot string
	kind     Kind
}

// rows says how snapshots stand by what was recorded on them since.
func (rm *Room) rows(ctx context.Context, company string, all []Record) ([]SnapshotRow, error) {
	standing := map[since]bool{}
	err := db.Each(ctx, func(s *since) []any { return []any{&s.snapshot, &s.kind} }, func(s since) error {
		standing[s] = true
		return nil
	}, "SELECT DISTINCT snapshot_id, kind FROM review_record WHERE org_id = ? AND kind <> ? AND withdrawn_at IS NULL", company, Snapshot)
	rows := make([]SnapshotRow, 0, len(all))
	for _, r := range all {
		rows = append(rows, rm.row(ctx, r, standing))
	}
	return rows, err
}

// LastConfirmed is the newest snapshot of a framework that a specialist confirmed:
// whole, and neither it nor all that confirms it withdrawn.
func (rm *Room) LastConfirmed(ctx context.Context, company, pack string) (SnapshotRow, bool, error) {
	all, err := snapshotsOf(ctx, company, "", pageSize)
	if err != nil {
		return SnapshotRow{}, false, err
	}
	rows, err := rm.rows(ctx, company, all)
	for _, x := range rows {
		if x.Pack == pack && (x.State == stateConfirmed || x.State == stateSworn) {
			return x, err == nil, err
		}
	}
	return SnapshotRow{}, false, err
}

func (rm *Room) row(ctx context.Context, r Record, standing map[since]bool) SnapshotRow {
	x := SnapshotRow{ID: r.ID, Number: r.Number, Pack: r.Pack, Title: rm.packTitle(ctx, r.Pack, ""), At: r.At, Digest: r.Digest, State: stateFrozen}
	_, good := r.proven()
	switch {
	case !good || r.Damaged:
		x.State = stateDamaged
	case !r.Withdrawn.IsZero():
		x.State = stateWithdrawn
	case standing[since{r.ID, Oath}]:
		x.State = stateSworn
	case standing[since{r.ID, Confirmation}]:
		x.State = stateConfirmed
	}
	return x
}

// EvidenceView is a piece of evidence as it was; of what is secret most readers
// learn only that it was there.
type EvidenceView struct {
	EvidenceFacts
	Name string `json:"name,omitempty"`
	Note string `json:"note,omitempty"`
	URL  string `json:"url,omitempty"`
}

// ItemView is one item as it stood.
type ItemView struct {
	Item     string         `json:"item"`
	Sign     string         `json:"number"`
	Title    string         `json:"title"`
	Question string         `json:"question"`
	State    assess.State   `json:"state"`
	Choice   string         `json:"answer"`
	At       *time.Time     `json:"answered_at,omitempty"`
	By       string         `json:"answered_by,omitempty"`
	Source   string         `json:"source,omitempty"`
	Words    ItemWords      `json:"words"`
	Evidence []EvidenceView `json:"evidence"`

	facts ItemFacts
}

// SnapshotView is a snapshot with all that was recorded on it.
type SnapshotView struct {
	SnapshotRow
	Edition       string             `json:"edition"`
	Company       string             `json:"company"`
	Corporate     string             `json:"company_number"`
	Scope         string             `json:"scope,omitempty"`
	By            string             `json:"frozen_by,omitempty"`
	Erased        *time.Time         `json:"erased_at,omitempty"`
	Withdrawn     *time.Time         `json:"withdrawn_at,omitempty"`
	Tally         assess.Tally       `json:"tally"`
	Items         []ItemView         `json:"items"`
	Confirmations []ConfirmationView `json:"confirmations"`
	Oaths         []OathView         `json:"oaths"`
	Seats         []SeatView         `json:"specialists,omitempty"`
	Looks         []Look             `json:"looks,omitempty"`

	org         string
	role        web.Role
	now         time.Time
	verified    bool
	confirmable bool // a specialist can be asked
	star        bool // the scheme has an oath
	pack        *assess.Pack
	paper       bool // nothing to press or to open
}

// ConfirmationView is what a specialist recorded.
type ConfirmationView struct {
	ID            string     `json:"id"`
	Number        int        `json:"number"`
	At            time.Time  `json:"confirmed_at"`
	Digest        string     `json:"sha256"`
	Damaged       bool       `json:"damaged"`
	Withdrawn     *time.Time `json:"withdrawn_at,omitempty"`
	Erased        *time.Time `json:"erased_at,omitempty"`
	Name          string     `json:"name,omitempty"`
	Qualification string     `json:"qualification"`
	Registered    string     `json:"qualification_number,omitempty"`
	Expires       string     `json:"qualification_expires,omitempty"`
	Checked       bool       `json:"qualification_checked"`
	CheckedBy     string     `json:"qualification_checked_by,omitempty"`
	CheckedAt     *time.Time `json:"qualification_checked_at,omitempty"`
	Inside        bool       `json:"inside"`
	Ties          []string   `json:"ties"`
	Looked        string     `json:"looked_at,omitempty"`
	Confirmed     int        `json:"confirmed"`
	NotConfirmed  int        `json:"not_confirmed"`
	Untouched     int        `json:"not_looked_at"`
	Findings      []Finding  `json:"findings"`

	by    string
	title ui.Words // of the qualification
}

// OathView is the oath of an owner.
type OathView struct {
	ID        string     `json:"id"`
	At        time.Time  `json:"sworn_at"`
	Digest    string     `json:"sha256"`
	Damaged   bool       `json:"damaged"`
	By        string     `json:"sworn_by,omitempty"`
	Way       string     `json:"way"`
	Sentences []string   `json:"sentences"`
	Withdrawn *time.Time `json:"withdrawn_at,omitempty"`
	How       string     `json:"withdrawn_how,omitempty"`
	Paper     *org.Paper `json:"on_paper,omitempty"`
	// Same says that who swore also confirmed.
	Same bool `json:"sworn_by_specialist"`
}

// SeatView is a seat as the company sees it.
type SeatView struct {
	ID           string     `json:"id"`
	Name         string     `json:"name,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	Email        string     `json:"email,omitempty"`
	State        string     `json:"state"`
	Files        bool       `json:"sees_files"`
	Created      time.Time  `json:"created"`
	Expires      time.Time  `json:"expires"`
	Ended        *time.Time `json:"ended_at,omitempty"`
	EndedHow     string     `json:"ended_how,omitempty"`
}

func (rm *Room) seatView(s Seat) SeatView {
	v := SeatView{
		ID: s.ID, Name: s.Name, Organisation: s.Organisation, Email: s.Email, State: s.State(rm.Now()), Files: s.Files,
		Created: s.Created, Expires: s.Expires, Ended: maybe(s.Ended), EndedHow: s.EndedHow,
	}
	if v.State == "over" && v.EndedHow == "" {
		v.EndedHow = "expired"
	}
	return v
}

func maybe(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// view is a snapshot for a reader. secrets says that he may see what secret
// evidence is called.
func (rm *Room) view(ctx context.Context, company, id string, secrets bool) (SnapshotView, error) {
	all, err := recordsAbout(ctx, company, id)
	if err != nil {
		return SnapshotView{}, err
	}
	var f Facts
	r := all[Snapshot][0]
	r.read(&f)
	standing := map[since]bool{}
	for _, kind := range []Kind{Confirmation, Oath} {
		for _, x := range all[kind] {
			standing[since{id, kind}] = standing[since{id, kind}] || x.Withdrawn.IsZero()
		}
	}
	v := SnapshotView{
		SnapshotRow: rm.row(ctx, r, standing), Withdrawn: maybe(r.Withdrawn), Erased: maybe(r.erased()),
		Items: []ItemView{}, Confirmations: []ConfirmationView{}, Oaths: []OathView{},
		org: company, role: web.RoleFrom(ctx), now: rm.Now(), star: rm.forStar(r.Pack), confirmable: rm.confirmable(r.Pack), pack: rm.Assess.Packs.ByID(r.Pack),
	}
	if r.Damaged {
		return v, nil // what cannot be proven is not shown
	}
	v.Title = rm.packTitle(ctx, r.Pack, f.Pack.Title)
	v.Edition, v.verified = f.Pack.Edition, f.Pack.Verified
	v.Company, v.Corporate, v.Scope, v.By, v.Tally = rm.companyName(r, f), f.Company.Number, f.Scope, r.said(f.By), f.Tally
	for _, x := range f.Items {
		v.Items = append(v.Items, rm.itemView(ctx, &r, x, secrets))
	}
	if v.Confirmations, err = rm.confirmations(ctx, r, all[Confirmation]); err != nil {
		return v, err
	}
	v.Oaths, err = rm.oaths(ctx, r, all[Oath], v.Confirmations)
	return v, err
}

func (rm *Room) packTitle(ctx context.Context, pack, otherwise string) string {
	if p := rm.Assess.Packs.ByID(pack); p != nil {
		return say(ctx, p.Title)
	}
	return otherwise
}

func (rm *Room) itemView(ctx context.Context, r *Record, x ItemFacts, secrets bool) ItemView {
	v := ItemView{
		Item: x.Item, Sign: x.Sign, Title: x.Title, Question: x.Question, State: x.State, Choice: x.Choice, At: maybe(moment(x.At)), By: r.said(x.By),
		Source: x.Source, Words: r.wordsOf(x.Words), Evidence: []EvidenceView{}, facts: x,
	}
	// Who reads another register reads it from the pack; what was frozen is Japanese.
	if p := rm.Assess.Packs.ByID(r.Pack); p != nil && p.Item(x.Item) != nil && i18n.From(ctx).Lang != i18n.JA {
		v.Title, v.Question = say(ctx, p.Item(x.Item).Title), say(ctx, p.Item(x.Item).Question)
	}
	hidden := ItemWords{}
	if secrets {
		hidden = r.wordsOf(x.Secrets)
	}
	for _, e := range x.Evidence {
		w := v.Words.Evidence[e.ID]
		if e.Secret {
			w = hidden.Evidence[e.ID]
		}
		v.Evidence = append(v.Evidence, EvidenceView{e, w.Name, w.Note, w.URL})
	}
	v.Words.Evidence = nil // shown with the evidence
	return v
}

// confirmations returns what specialists recorded on a snapshot.
func (rm *Room) confirmations(ctx context.Context, snapshot Record, all []Record) ([]ConfirmationView, error) {
	facts := make([]ConfirmationFacts, len(all))
	var ids []string
	for i := range all {
		all[i].read(&facts[i])
		ids = append(ids, facts[i].Qualification)
	}
	said, err := saidOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := []ConfirmationView{}
	for i := range all {
		// A confirmation of another snapshot is none of this one.
		all[i].Damaged = all[i].Damaged || facts[i].Snapshot != snapshot.Digest
		v, err := rm.confirmationView(ctx, &all[i], facts[i], said[facts[i].Qualification])
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

func (rm *Room) confirmationView(ctx context.Context, r *Record, f ConfirmationFacts, s Said) (ConfirmationView, error) {
	v := ConfirmationView{
		ID: r.ID, Number: r.Number, At: r.At, Digest: r.Digest, Damaged: r.Damaged, Withdrawn: maybe(r.Withdrawn), Erased: maybe(r.erased()), by: r.By,
		Ties: []string{}, Findings: []Finding{},
	}
	if r.Damaged {
		return v, nil
	}
	v.Name, v.Registered, v.Looked = r.said("name"), r.said("number"), r.said("looked")
	v.title = rm.qualificationWords(f.Code)
	v.Qualification, v.Expires, v.Inside, v.Ties = f.Code, f.Expires, f.Inside, f.Ties
	v.Confirmed, v.NotConfirmed = f.Count(Confirmed), f.Count(NotConfirmed)
	v.Untouched = len(f.Items) - v.Confirmed - v.NotConfirmed
	for _, x := range f.Items {
		v.Findings = append(v.Findings, Finding{x.Item, x.Verdict, r.said(x.Advice)})
	}
	if s.Body == "" {
		return v, nil
	}
	body, err := rm.Organisation(ctx, s.Body)
	v.Checked, v.CheckedBy, v.CheckedAt = true, body.OpenName(), maybe(s.Checked)
	return v, err
}

func (rm *Room) oaths(ctx context.Context, snapshot Record, all []Record, confirmed []ConfirmationView) ([]OathView, error) {
	views, ids := []OathView{}, []string{}
	for i := range all {
		r, f := &all[i], OathFacts{}
		r.read(&f)
		r.Damaged = r.Damaged || f.Snapshot != snapshot.Digest
		v := OathView{ID: r.ID, At: r.At, Digest: r.Digest, Damaged: r.Damaged, Sentences: []string{}, Withdrawn: maybe(r.Withdrawn), How: r.WithdrawnHow}
		if !r.Damaged {
			v.By, v.Way, v.Sentences = r.said(f.By), f.Way, f.Sentences
			v.Same = v.Way == OnScreen && slices.ContainsFunc(confirmed, func(c ConfirmationView) bool { return c.by == r.By })
		}
		views, ids = append(views, v), append(ids, r.ID)
	}
	if rm.OnPaper == nil || len(ids) == 0 {
		return views, nil
	}
	papers, err := rm.OnPaper(ctx, snapshot.Org, ids)
	for i := range views {
		if p, ok := papers[views[i].ID]; ok {
			views[i].Paper = &p
		}
	}
	return views, err
}

// kept is a record with all that proves it. Without secrets the words about secret
// evidence are left out; their digests stand in the facts.
func (r Record) kept(secrets bool) kept {
	var nothing any
	r.read(&nothing)
	k := kept{
		ID: r.ID, Kind: r.Kind, Number: r.Number, Digest: r.Digest, Damaged: r.Damaged, Withdrawn: stored(r.Withdrawn),
		Facts: r.Facts, Pieces: []keptPiece{},
	}
	for _, name := range slices.Sorted(keys(r.Pieces)) {
		p := r.Pieces[name]
		if !secrets && isSecret(name) {
			continue
		}
		k.Pieces = append(k.Pieces, keptPiece{name, p.Salt, p.Words, stored(p.Erased)})
	}
	return k
}
