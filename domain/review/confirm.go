package review

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// What a specialist says of an item.
// keys: review.verdict.confirmed, review.verdict.not_confirmed, review.verdict.none
const (
	Confirmed    = "confirmed"
	NotConfirmed = "not_confirmed"
)

// How close a specialist is to the company. He states one of the first four; what
// is known besides is added.
// keys: review.tie.none, review.tie.employee, review.tie.group, review.tie.paid, review.tie.self
const (
	TieNone     = "none"
	TieEmployee = "employee"
	TieGroup    = "group"
	TiePaid     = "paid"
	TieSelf     = "self" // he froze it himself
)

// Ties lists what can be stated, in the order of a form.
func Ties() []string { return []string{TieNone, TiePaid, TieGroup, TieEmployee} }

// maxAdvice is how long advice on an item, or what was looked at, may be.
const maxAdvice = 1000

// evidenceFor is how long a confirmation counts as one: the star is for a year.
const evidenceFor = 365 * 24 * time.Hour

// Finding is what a specialist has noted of an item.
type Finding struct {
	Item    string `json:"item"`
	Verdict string `json:"verdict"`
	Advice  string `json:"advice"`
}

func (f *Finding) fields() []any { return []any{&f.Item, &f.Verdict, &f.Advice} }

func findingsOf(ctx context.Context, seat string) (map[string]Finding, error) {
	all := map[string]Finding{}
	err := db.Each(ctx, (*Finding).fields, func(f Finding) error {
		all[f.Item] = f
		return nil
	}, "SELECT item, verdict, advice FROM review_finding WHERE seat_id = ?", seat)
	return all, err
}

// Note keeps findings under a seat, until they are recorded together.
func (rm *Room) Note(ctx context.Context, by web.Caller, seat string, findings []Finding) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, facts, err := rm.seated(ctx, by, seat)
		if err != nil {
			return err
		}
		if err := rm.notRecorded(ctx, s); err != nil {
			return err
		}
		known := map[string]bool{}
		for _, x := range facts.Items {
			known[x.Item] = true
		}
		for _, f := range findings {
			if !known[f.Item] {
				return problem.NotFound()
			}
			if err := keepFinding(ctx, s, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func keepFinding(ctx context.Context, s Seat, f Finding) error {
	var v problem.Invalid
	v.Check(f.Verdict == "" || f.Verdict == Confirmed || f.Verdict == NotConfirmed, "verdict."+f.Item, "choice")
	f.Advice = text(&v, "advice."+f.Item, f.Advice, maxAdvice, true)
	if err := v.Or(); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `INSERT INTO review_finding (seat_id, org_id, item, verdict, advice) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (seat_id, item) DO UPDATE SET verdict = excluded.verdict, advice = excluded.advice`, s.ID, s.Org, f.Item, f.Verdict, f.Advice)
	return err
}

// seated returns a seat with the facts of its snapshot, as long as they are sound.
func (rm *Room) seated(ctx context.Context, by web.Caller, seat string) (Seat, Facts, error) {
	s, err := rm.open(ctx, by, seat)
	if err != nil {
		return s, Facts{}, err
	}
	_, facts, err := rm.sound(ctx, s.Org, s.Snapshot)
	return s, facts, err
}

// notRecorded refuses a second record under a seat.
// keys: problem.review-recorded.title, problem.review-recorded.hint
func (rm *Room) notRecorded(ctx context.Context, s Seat) error {
	all, err := recordsOf(ctx, s.Org, s.Snapshot, Confirmation)
	for _, r := range all {
		if r.By == s.Account && r.Withdrawn.IsZero() {
			return problem.New(http.StatusConflict, "review-recorded")
		}
	}
	return err
}

// ConfirmationFacts are what a confirmation says without names and words.
type ConfirmationFacts struct {
	Snapshot      string         `json:"snapshot_sha256"`
	Qualification string         `json:"qualification_id"`
	Code          string         `json:"qualification"`
	Expires       string         `json:"qualification_expires"` // a day, or ""
	Inside        bool           `json:"inside"`
	Ties          []string       `json:"ties"`
	Items         []FindingFacts `json:"items"`
}

// FindingFacts is what was found of an item; its advice is a piece.
type FindingFacts struct {
	Item    string `json:"item"`
	Verdict string `json:"verdict"`
	Advice  string `json:"advice"` // name of a piece, or ""
}

// Count is how many items have a verdict.
func (f ConfirmationFacts) Count(verdict string) (n int) {
	for _, x := range f.Items {
		if x.Verdict == verdict {
			n++
		}
	}
	return n
}

// Stated is what a specialist says of himself and of what he did.
type Stated struct {
	Name    string
	Code    string // of the qualification
	Number  string
	Expires string // a day, or ""
	Tie     string
	Looked  string // at what
}

// keys: field.review-qualification, field.review-day, field.review-expired, field.review-tie
func (rm *Room) stated(s *Stated) error {
	var v problem.Invalid
	s.Name, s.Number = name(&v, "name", s.Name, false), name(&v, "number", s.Number, false)
	s.Looked = text(&v, "looked", s.Looked, maxAdvice, false)
	v.Check(rm.qualification(s.Code) != nil, "qualification", "review-qualification")
	v.Check(slices.Contains(Ties(), s.Tie), "tie", "review-tie")
	if s.Expires != "" {
		_, err := time.ParseInLocation(time.DateOnly, s.Expires, i18n.Tokyo)
		v.Check(err == nil, "expires", "review-day")
		v.Check(err != nil || s.Expires >= i18n.ISO(rm.Now()), "expires", "review-expired", "date", s.Expires)
	}
	return v.Or()
}

// Confirm records what a specialist found on a snapshot, once and for good.
// keys: problem.review-nothing-found.title, problem.review-nothing-found.hint
func (rm *Room) Confirm(ctx context.Context, by web.Caller, seat string, st Stated) (r Record, err error) {
	if err := rm.stated(&st); err != nil {
		return r, err
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		s, facts, err := rm.seated(ctx, by, seat)
		if err != nil {
			return err
		}
		if err := rm.notRecorded(ctx, s); err != nil {
			return err
		}
		snapshot, err := recordOf(ctx, s.Org, Snapshot, s.Snapshot)
		if err != nil {
			return err
		}
		findings, err := findingsOf(ctx, seat)
		if err != nil {
			return err
		}
		f, pieces, err := rm.confirmation(ctx, snapshot, facts, findings, by.Account, st)
		if err != nil {
			return err
		}
		r = Record{Org: s.Org, Kind: Confirmation, Snapshot: s.Snapshot, Pack: snapshot.Pack, By: by.Account}
		if err := rm.seal(ctx, &r, f, pieces); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM review_finding WHERE seat_id = ?", seat); err != nil {
			return err
		}
		if err := rm.recordEvidence(ctx, r, f); err != nil {
			return err
		}
		return rm.note(ctx, s.Org, "review.confirmed", r.ID, words{Number: r.Number, Digest: r.Digest})
	})
	return r, err
}

func (rm *Room) confirmation(ctx context.Context, snapshot Record, facts Facts, findings map[string]Finding, account string, st Stated) (f ConfirmationFacts, pieces []Piece, err error) {
	q, err := rm.sayQualification(ctx, account, st.Code, st.Number, st.Name)
	if err != nil {
		return f, nil, err
	}
	f = ConfirmationFacts{Snapshot: snapshot.Digest, Qualification: q.ID, Code: st.Code, Expires: st.Expires}
	if f.Inside, f.Ties, err = rm.ties(ctx, snapshot, account, st.Tie); err != nil {
		return f, nil, err
	}
	pieces = []Piece{
		{Name: "name", Account: account, Words: st.Name}, {Name: "number", Account: account, Words: st.Number}, {Name: "looked", Words: st.Looked},
	}
	for _, x := range facts.Items {
		found := findings[x.Item]
		y := FindingFacts{Item: x.Item, Verdict: found.Verdict}
		if found.Advice != "" {
			y.Advice = "advice." + x.Item
			pieces = append(pieces, Piece{Name: y.Advice, Words: found.Advice})
		}
		f.Items = append(f.Items, y)
	}
	if f.Count(Confirmed)+f.Count(NotConfirmed) == 0 {
		err = problem.New(http.StatusConflict, "review-nothing-found")
	}
	return f, pieces, err
}

// ties adds to what a specialist states what is known: that he belongs to the
// company, to one of its group, or froze the snapshot himself.
func (rm *Room) ties(ctx context.Context, snapshot Record, account, stated string) (inside bool, ties []string, err error) {
	add := func(tie string) {
		if !slices.Contains(ties, tie) {
			ties = append(ties, tie)
		}
	}
	role, err := rm.Member(ctx, account, snapshot.Org)
	if err != nil {
		return false, nil, err
	}
	if inside = role != web.Nobody || stated == TieEmployee; inside {
		add(TieEmployee)
	}
	if snapshot.By == account {
		add(TieSelf)
	}
	kin, err := rm.kin(ctx, snapshot.Org, account)
	if err != nil {
		return false, nil, err
	}
	if kin {
		add(TieGroup)
	}
	if stated != TieNone || len(ties) == 0 {
		add(stated)
	}
	return inside, ties, nil
}

// kin says that an account belongs to an organisation that the company names as
// its parent or group, or that names the company so.
func (rm *Room) kin(ctx context.Context, company, account string) (bool, error) {
	mine, err := rm.Mine(ctx, account)
	if err != nil {
		return false, err
	}
	o, err := rm.Organisation(ctx, company)
	if err != nil {
		return false, err
	}
	named, err := rm.Relations(ctx, o.ID)
	if err != nil {
		return false, err
	}
	for _, m := range mine {
		for _, r := range named {
			if r.CorporateNumber != "" && r.CorporateNumber == m.CorporateNumber {
				return true, nil
			}
		}
		back, err := rm.Relations(ctx, m.ID)
		if err != nil {
			return false, err
		}
		for _, r := range back {
			if r.CorporateNumber != "" && r.CorporateNumber == o.CorporateNumber {
				return true, nil
			}
		}
	}
	return false, nil
}

// recordEvidence lets assess show what a third party confirmed. The name of the
// specialist is his account's, and goes with it.
func (rm *Room) recordEvidence(ctx context.Context, r Record, f ConfirmationFacts) error {
	var proves []assess.Place
	for _, x := range f.Items {
		if x.Verdict == Confirmed && rm.Assess.Knows(r.Pack, x.Item) {
			proves = append(proves, assess.Place{Pack: r.Pack, Item: x.Item})
		}
	}
	if len(proves) == 0 {
		return nil
	}
	snapshot, err := recordOf(ctx, r.Org, Snapshot, r.Snapshot)
	if err != nil {
		return err
	}
	said, err := saidOf(ctx, []string{f.Qualification})
	if err != nil {
		return err
	}
	note, err := rm.evidenceNote(ctx, f, said[f.Qualification])
	if err != nil {
		return err
	}
	_, err = rm.Assess.Record(ctx, assess.Recorded{
		Org: r.Org, Actor: r.By, Source: "review", Ref: r.ID, Kind: assess.KindConfirmation,
		Name: rm.say("review.evidence.name", "number", snapshot.Number), Note: note, URL: snapshotPath(r.Org, r.Snapshot),
		Digest: r.Digest, CollectedAt: r.At, ValidUntil: r.At.Add(evidenceFor), Proves: proves,
	})
	return err
}

// evidenceNote says with what qualification, whether anybody looked it up, and how
// close the specialist is.
func (rm *Room) evidenceNote(ctx context.Context, f ConfirmationFacts, s Said) (string, error) {
	note := ""
	if q := rm.qualification(f.Code); q != nil {
		note = i18n.Plain(q.Title.JA) + "\n"
	}
	if s.Body == "" {
		note += rm.say("review.unchecked")
	} else {
		body, err := rm.Organisation(ctx, s.Body)
		if err != nil {
			return "", err
		}
		note += rm.say("review.checked", "body", body.OpenName(), "date", rm.date(ctx, s.Checked))
	}
	for _, tie := range f.Ties {
		note += "\n" + rm.say("review.tie."+tie)
	}
	return note, nil
}

// WithdrawConfirmation takes a confirmation back, by the specialist who recorded
// it; an oath that stood on it alone ends with it.
func (rm *Room) WithdrawConfirmation(ctx context.Context, by web.Caller, id string) error {
	if by.Account == "" || by.Token != nil {
		return problem.NotFound()
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := db.One(ctx, (*Record).fields, "SELECT "+recordColumns+" FROM review_record WHERE kind = ? AND id = ? AND made_by = ?", Confirmation, id, by.Account)
		if err != nil || !r.Withdrawn.IsZero() {
			return orNotFound(err)
		}
		return rm.withdrawConfirmation(ctx, r, "withdrawn")
	})
}

func (rm *Room) withdrawConfirmation(ctx context.Context, r Record, how string) error {
	if err := rm.withdraw(ctx, r, how, "review.confirmation-withdrawn"); err != nil {
		return err
	}
	err := rm.Assess.Withdraw(ctx, r.Org, "review", r.ID, actor(ctx))
	if err != nil && !problem.Is(err, "not-found") {
		return err
	}
	all, err := recordsOf(ctx, r.Org, r.Snapshot, Confirmation)
	if err != nil || slices.ContainsFunc(all, func(c Record) bool { return c.Withdrawn.IsZero() }) {
		return err
	}
	oaths, err := recordsOf(ctx, r.Org, r.Snapshot, Oath)
	for _, o := range oaths {
		if err == nil && o.Withdrawn.IsZero() {
			err = rm.withdraw(ctx, o, "confirmation", "review.oath-withdrawn")
		}
	}
	return err
}
