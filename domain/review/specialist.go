package review

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// What a specialist sees and does.

func seatPath(id string) string { return "/reviewing/" + url.PathEscape(id) }

// LinkIn is the link of an invitation. Its code travels in an address only here.
type LinkIn struct {
	Seat string `path:"seat" json:"-"`
	Code string `query:"code" json:"-"`
}

// AcceptIn takes an invitation up.
type AcceptIn struct {
	Seat         string `path:"seat" json:"-"`
	Code         string `json:"code"`
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
}

type invitationView struct {
	seat              Seat
	company, corp, by string
	number            int
	typed             AcceptIn
	login, newAccount string
	problem           *problem.Problem
}

func (rm *Room) showInvitation(ctx context.Context, in LinkIn) (invitationView, error) {
	s, err := rm.invitation(ctx, in.Seat, in.Code)
	if err != nil {
		return invitationView{}, err
	}
	v := invitationView{seat: s, typed: AcceptIn{Seat: in.Seat, Code: in.Code}}
	o, err := rm.Organisation(ctx, s.Org)
	if err != nil {
		return v, err
	}
	r, err := recordOf(ctx, s.Org, Snapshot, s.Snapshot)
	if err != nil {
		return v, err
	}
	v.company, v.corp, v.number = calledName(o), o.Number(), r.Number
	me := web.CallerFrom(ctx).Account
	people, err := rm.Accounts(ctx, []string{s.GivenBy, me})
	if err != nil {
		return v, err
	}
	v.by, v.typed.Name = people[s.GivenBy].Name, people[me].Name
	if me != "" {
		return v, nil
	}
	back := invitationPath(s.ID, in.Code)
	v.login = "/login?next=" + url.QueryEscape(back)
	v.newAccount, err = rm.NewAccountURL(back)
	return v, err
}

func (rm *Room) accept(ctx context.Context, in AcceptIn) (Moved, error) {
	return Moved{To: seatPath(in.Seat)}, rm.Accept(ctx, in.Seat, in.Code, web.CallerFrom(ctx).Account, in.Name, in.Organisation)
}

func (rm *Room) acceptAgain(ctx context.Context, in AcceptIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showInvitation(ctx, LinkIn{in.Seat, in.Code})
	v.typed, v.problem = in, p
	return invitationPage(v), err
}

// ReviewingRow is a seat as its specialist sees it.
type ReviewingRow struct {
	Seat    string    `json:"seat"`
	Company string    `json:"company"`
	Number  int       `json:"number"`
	Expires time.Time `json:"expires"`
}

// MineRow is a confirmation that the caller recorded.
type MineRow struct {
	ID        string     `json:"id"`
	Number    int        `json:"snapshot_number"`
	At        time.Time  `json:"confirmed_at"`
	Withdrawn *time.Time `json:"withdrawn_at,omitempty"`
	Company   string     `json:"company"` // "" while it has paused
}

// CodeRow is a qualification of the caller, with the code for a body.
type CodeRow struct {
	Qualification string     `json:"qualification"`
	Number        string     `json:"number"`
	Code          string     `json:"code"`
	CheckedBy     string     `json:"checked_by,omitempty"`
	CheckedAt     *time.Time `json:"checked_at,omitempty"`
}

// ReviewingView is what a specialist may look at, and what he recorded.
type ReviewingView struct {
	Seats          []ReviewingRow `json:"seats"`
	Confirmations  []MineRow      `json:"confirmations"`
	Qualifications []CodeRow      `json:"qualifications"`

	now time.Time
	rm  *Room
}

// showReviewing names companies and nothing else of them. It is no look.
func (rm *Room) showReviewing(ctx context.Context, _ struct{}) (ReviewingView, error) {
	c := web.CallerFrom(ctx)
	v := ReviewingView{Seats: []ReviewingRow{}, Confirmations: []MineRow{}, Qualifications: []CodeRow{}, now: rm.Now(), rm: rm}
	if c.Token != nil {
		return v, problem.NotFound()
	}
	seats, err := db.Rows(ctx, (*Seat).fields, "SELECT "+seatColumns+` FROM review_seat
		WHERE account_id = ? AND accepted_at IS NOT NULL AND ended_at IS NULL AND expires > ? ORDER BY expires, id LIMIT 100`, c.Account, rm.Now())
	if err != nil {
		return v, err
	}
	for _, s := range seats {
		shut, err := rm.shut(ctx, s, c.Account)
		if err != nil {
			return v, err
		}
		if shut {
			continue
		}
		number, company, err := rm.called(ctx, s.Org, s.Snapshot)
		if err != nil {
			return v, err
		}
		v.Seats = append(v.Seats, ReviewingRow{s.ID, company, number, s.Expires})
	}
	return v, rm.fillOwn(ctx, &v, c.Account)
}

// called is the number of a snapshot and the name of its company.
func (rm *Room) called(ctx context.Context, company, snapshot string) (int, string, error) {
	o, err := rm.Organisation(ctx, company)
	if err != nil {
		return 0, "", err
	}
	number, err := db.Value[int](ctx, "SELECT number FROM review_record WHERE org_id = ? AND id = ?", company, snapshot)
	return number, calledName(o), err
}

// fillOwn adds what the caller recorded himself. A company that has paused is not
// named: what he confirmed stays his to take back.
func (rm *Room) fillOwn(ctx context.Context, v *ReviewingView, account string) error {
	mine, err := db.Rows(ctx, (*Record).fields, "SELECT "+recordColumns+` FROM review_record
		WHERE kind = ? AND made_by = ? ORDER BY made_at DESC, id LIMIT 100`, Confirmation, account)
	if err != nil {
		return err
	}
	for _, r := range mine {
		number, company, err := rm.called(ctx, r.Org, r.Snapshot)
		if err != nil {
			return err
		}
		hushed, err := rm.hushed(ctx, r.Org, account)
		if err != nil {
			return err
		}
		if hushed {
			company = ""
		}
		v.Confirmations = append(v.Confirmations, MineRow{r.ID, number, r.At, maybe(r.Withdrawn), company})
	}
	said, err := db.Rows(ctx, (*Said).fields, "SELECT "+saidColumns+" FROM review_qualification WHERE account_id = ? ORDER BY said_at, id LIMIT 20", account)
	for _, s := range said {
		row := CodeRow{Qualification: s.Code, Number: s.Number, Code: rm.checkCode(s.ID)}
		if s.Body != "" {
			o, err := rm.Organisation(ctx, s.Body)
			if err != nil {
				return err
			}
			row.CheckedBy, row.CheckedAt = o.OpenName(), maybe(s.Checked)
		}
		v.Qualifications = append(v.Qualifications, row)
	}
	return err
}

// SeatPageView is a snapshot as its specialist sees it.
type SeatPageView struct {
	SnapshotView
	Seat     string             `json:"seat"`
	Files    bool               `json:"files"`
	Until    time.Time          `json:"expires"`
	Asked    string             `json:"asked,omitempty"`
	Found    map[string]Finding `json:"findings"`
	Recorded bool               `json:"recorded"`
}

func (rm *Room) showSeat(ctx context.Context, in SeatIn) (SeatPageView, error) {
	s, err := rm.open(ctx, web.CallerFrom(ctx), in.Seat)
	if err != nil {
		return SeatPageView{}, err
	}
	v := SeatPageView{Seat: s.ID, Files: s.Files, Until: s.Expires, Asked: s.Words}
	if v.SnapshotView, err = rm.view(ctx, s.Org, s.Snapshot, false); err != nil {
		return v, err
	}
	// What others confirmed is theirs to show; he sees his own.
	v.Confirmations = slices.DeleteFunc(v.Confirmations, func(c ConfirmationView) bool { return c.by != s.Account })
	v.Recorded = slices.ContainsFunc(v.Confirmations, func(c ConfirmationView) bool { return c.Withdrawn == nil })
	v.Oaths = []OathView{}
	v.Found, err = findingsOf(ctx, s.ID)
	return v, err
}

// FindingsIn is what was noted on one part of the form.
type FindingsIn struct {
	Seat    string            `path:"seat" json:"-"`
	Verdict map[string]string `json:"verdict"`
	Advice  map[string]string `json:"advice"`
	To      string            `json:"to"` // the part of the page to go back to
}

func (rm *Room) postFindings(ctx context.Context, in FindingsIn) (Moved, error) {
	all := map[string]Finding{}
	for item, verdict := range in.Verdict {
		all[item] = Finding{item, verdict, in.Advice[item]}
	}
	for item, advice := range in.Advice {
		if _, ok := all[item]; !ok {
			all[item] = Finding{item, "", advice}
		}
	}
	findings := slices.SortedFunc(maps.Values(all), func(a, b Finding) int { return compareText(a.Item, b.Item) })
	to := seatPath(in.Seat)
	if in.To != "" {
		to += "#" + url.PathEscape(in.To)
	}
	return Moved{To: to}, rm.Note(ctx, web.CallerFrom(ctx), in.Seat, findings)
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// seatFile is an evidence file that stood in the snapshot. Secret ones and those
// that were taken away since do not exist.
func (rm *Room) seatFile(ctx context.Context, in SeatFileIn) (web.File, error) {
	s, err := rm.open(ctx, web.CallerFrom(ctx), in.Seat)
	if err != nil {
		return web.File{}, err
	}
	r, f, err := rm.snapshot(ctx, s.Org, s.Snapshot)
	if err != nil {
		return web.File{}, err
	}
	if !s.Files || r.Damaged || !f.hasFile(in.Item, in.Shown) {
		return web.File{}, problem.NotFound()
	}
	return rm.Assess.SharedFile(ctx, s.Org, r.Pack, in.Item, in.Shown)
}

func (f Facts) hasFile(item, evidence string) bool {
	return slices.ContainsFunc(f.Items, func(x ItemFacts) bool {
		return x.Item == item && slices.ContainsFunc(x.Evidence, func(e EvidenceFacts) bool {
			return e.ID == evidence && e.Kind == assess.KindFile && !e.Secret
		})
	})
}

// ConfirmIn is what a specialist says of himself and of what he did.
type ConfirmIn struct {
	Seat          string `path:"seat" json:"-"`
	Name          string `json:"name"`
	Qualification string `json:"qualification"`
	Number        string `json:"number"`
	Expires       string `json:"expires"`
	Tie           string `json:"tie"`
	Looked        string `json:"looked"`
}

type confirmView struct {
	SeatPageView
	typed          ConfirmIn
	qualifications []Qualification
	confirmed, not int
	inside         bool
	problem        *problem.Problem
}

func (rm *Room) showConfirm(ctx context.Context, in SeatIn) (confirmView, error) {
	v := confirmView{typed: ConfirmIn{Seat: in.Seat}, qualifications: rm.Qualifications}
	var err error
	if v.SeatPageView, err = rm.showSeat(ctx, in); err != nil {
		return v, err
	}
	for _, f := range v.Found {
		switch f.Verdict {
		case Confirmed:
			v.confirmed++
		case NotConfirmed:
			v.not++
		}
	}
	me := web.CallerFrom(ctx)
	role, err := rm.Member(ctx, me.Account, v.org)
	if v.inside = role != web.Nobody; v.inside {
		v.typed.Tie = TieEmployee
	}
	if err != nil {
		return v, err
	}
	people, err := rm.Accounts(ctx, []string{me.Account})
	v.typed.Name = people[me.Account].Name
	return v, err
}

func (rm *Room) postConfirm(ctx context.Context, in ConfirmIn) (Moved, error) {
	// Whose seat it is not learns nothing of the form.
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		_, err := rm.open(ctx, web.CallerFrom(ctx), in.Seat)
		return err
	})
	if err != nil {
		return Moved{}, err
	}
	r, err := rm.Confirm(ctx, web.CallerFrom(ctx), in.Seat, Stated{in.Name, in.Qualification, in.Number, in.Expires, in.Tie, in.Looked})
	return Moved{seatPath(in.Seat), r.ID}, err
}

func (rm *Room) confirmAgain(ctx context.Context, in ConfirmIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showConfirm(ctx, SeatIn{in.Seat})
	v.typed, v.problem = in, p
	return confirmPage(v), err
}

func (rm *Room) postGiveBack(ctx context.Context, in SeatIn) (Moved, error) {
	return Moved{To: "/reviewing"}, rm.GiveBack(ctx, web.CallerFrom(ctx), in.Seat)
}

// ConfirmationIn names a confirmation.
type ConfirmationIn struct {
	Confirmation string `path:"confirmation" json:"-"`
}

func (rm *Room) postUnconfirm(ctx context.Context, in ConfirmationIn) (Moved, error) {
	return Moved{To: "/reviewing"}, rm.WithdrawConfirmation(ctx, web.CallerFrom(ctx), in.Confirmation)
}
