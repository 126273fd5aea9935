package review

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// How long and how many.
const (
	seatFor    = 30 * 24 * time.Hour
	invitedFor = 7 * 24 * time.Hour
	maxSeats   = 20 // on one snapshot: a page lists them all
	maxADay    = 20 // invitations that a company has mailed (threats T29)
	maxWords   = 500
	mailLimit  = 254
	day        = 24 * time.Hour
)

const invitationPurpose = "review invitation"

// Seat is the right of one specialist to look at one snapshot.
type Seat struct {
	ID           string
	Org          string
	Snapshot     string
	Files        bool
	Words        string // what is asked
	GivenBy      string // account
	Created      time.Time
	Expires      time.Time
	Email        string
	InvitedUntil time.Time
	Accepted     time.Time
	Account      string
	Name         string // what the specialist says of himself
	Organisation string
	Ended        time.Time
	EndedHow     string

	hash []byte
}

const seatColumns = `id, org_id, snapshot_id, sees_files, words, given_by, created, expires, email, secret_hash, invited_until,
	accepted_at, account_id, name, organisation, ended_at, ended_how`

func (s *Seat) fields() []any {
	return []any{&s.ID, &s.Org, &s.Snapshot, &s.Files, &s.Words, &s.GivenBy, db.At(&s.Created), db.At(&s.Expires), &s.Email, &s.hash,
		db.At(&s.InvitedUntil), db.At(&s.Accepted), &s.Account, &s.Name, &s.Organisation, db.At(&s.Ended), &s.EndedHow}
}

// State is where a seat stands: waiting, open or over.
// keys: review.seat.waiting, review.seat.open, review.seat.over
func (s Seat) State(now time.Time) string {
	switch {
	case !s.Ended.IsZero() || !now.Before(s.Expires), s.Accepted.IsZero() && !now.Before(s.InvitedUntil):
		return "over"
	case s.Accepted.IsZero():
		return "waiting"
	}
	return "open"
}

// needs is the role that whoever answers for the seat must have now.
func (s Seat) needs() web.Role {
	if s.Files {
		return web.Owner
	}
	return web.Manager
}

// Invitation is what a company offers a specialist.
type Invitation struct {
	Org, Snapshot string
	Email         string
	Files         bool
	Words         string
	By            string // account
}

// Invite makes a seat on a snapshot and has the invitation mailed. by is the role of
// the caller: files are an owner's to show.
// keys: field.invite-email, problem.review-seats.title, problem.review-seats.hint,
// problem.review-kind.title, problem.review-kind.hint
func (rm *Room) Invite(ctx context.Context, by web.Role, in Invitation) (Seat, error) {
	now := rm.Now()
	s := Seat{
		ID: db.NewID(), Org: in.Org, Snapshot: in.Snapshot, Files: in.Files, GivenBy: in.By, Created: now,
		Expires: now.Add(seatFor), InvitedUntil: now.Add(invitedFor),
	}
	sum := sha256.Sum256([]byte(rm.Derive(invitationPurpose, s.ID)))
	s.hash = sum[:]
	return s, rm.DB.Write(ctx, func(ctx context.Context) error {
		r, _, err := rm.sound(ctx, in.Org, in.Snapshot)
		if err != nil {
			return err
		}
		var v problem.Invalid
		s.Email = emailAddress(in.Email, &v)
		s.Words = text(&v, "words", in.Words, maxWords, true)
		if err := v.Or(); err != nil {
			return err
		}
		switch {
		case by < s.needs():
			return problem.Forbidden()
		case !rm.confirmable(r.Pack):
			return problem.New(http.StatusConflict, "review-kind")
		}
		if err := roomForSeat(ctx, s); err != nil {
			return err
		}
		if err := rm.QueueInvitation(ctx, s.ID); err != nil {
			return err
		}
		if err := putSeat(ctx, s); err != nil {
			return err
		}
		return rm.note(ctx, s.Org, "review.invited", s.ID, words{Name: s.Email, Number: r.Number})
	})
}

func putSeat(ctx context.Context, s Seat) error {
	_, err := db.Exec(ctx, `INSERT INTO review_seat (id, org_id, snapshot_id, sees_files, words, given_by, created, expires, email, secret_hash, invited_until,
		accepted_at, account_id, name, organisation, ended_at, ended_by, ended_how)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '', '', NULL, '', '')`,
		s.ID, s.Org, s.Snapshot, s.Files, s.Words, s.GivenBy, s.Created, s.Expires, s.Email, s.hash, s.InvitedUntil)
	return err
}

// confirmable says that somebody can look whether the answers of a pack are so.
// A promise nobody confirms.
func (rm *Room) confirmable(pack string) bool {
	p := rm.Assess.Packs.ByID(pack)
	return p != nil && p.Kind != assess.Pledge
}

// forStar says that the scheme of a pack has an oath: one that looks at criteria.
func (rm *Room) forStar(pack string) bool {
	p := rm.Assess.Packs.ByID(pack)
	return p != nil && p.Kind == assess.Criteria
}

func roomForSeat(ctx context.Context, s Seat) error {
	recent, err := db.Value[int](ctx, "SELECT COUNT(*) FROM review_seat WHERE org_id = ? AND created > ?", s.Org, s.Created.Add(-day))
	if err != nil {
		return err
	}
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM review_seat WHERE org_id = ? AND snapshot_id = ?", s.Org, s.Snapshot)
	if err == nil && (recent >= maxADay || n >= maxSeats) {
		return problem.New(http.StatusTooManyRequests, "review-seats", "n", maxADay, "seats", maxSeats)
	}
	return err
}

// emailAddress takes a bare address.
func emailAddress(s string, v *problem.Invalid) string {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	fine := err == nil && a.Address == s && len(s) <= mailLimit && !strings.ContainsAny(s, `<>"`) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) })
	v.Check(fine, "email", "invite-email")
	return s
}

// seatsOn returns the seats on a snapshot, the newest first.
func seatsOn(ctx context.Context, company, snapshot string) ([]Seat, error) {
	return db.Rows(ctx, (*Seat).fields, "SELECT "+seatColumns+` FROM review_seat
		WHERE org_id = ? AND snapshot_id = ? ORDER BY created DESC, id LIMIT ?`, company, snapshot, maxSeats)
}

// End ends a seat at once, or takes an open invitation back. A second time it
// changes nothing.
func (rm *Room) End(ctx context.Context, company, snapshot, seat string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := db.One(ctx, (*Seat).fields, "SELECT "+seatColumns+" FROM review_seat WHERE org_id = ? AND snapshot_id = ? AND id = ?", company, snapshot, seat)
		if err != nil || !s.Ended.IsZero() {
			return orNotFound(err)
		}
		return rm.endSeat(ctx, s, "revoked")
	})
}

// endSeat ends a seat; what was noted under it and not recorded goes.
// keys: review.ended.revoked, review.ended.given-back, review.ended.left, review.ended.expired, review.ended.withdrawn
func (rm *Room) endSeat(ctx context.Context, s Seat, how string) error {
	n, err := db.Exec(ctx, "UPDATE review_seat SET ended_at = ?, ended_by = ?, ended_how = ?, email = '' WHERE id = ? AND ended_at IS NULL",
		rm.Now(), actor(ctx), how, s.ID)
	if err != nil || n == 0 {
		return err
	}
	if _, err := db.Exec(ctx, "DELETE FROM review_finding WHERE seat_id = ? AND org_id = ?", s.ID, s.Org); err != nil {
		return err
	}
	return rm.noteRevoked(ctx, s.Org, "review.seat-ended", s.ID, words{Name: s.Name, How: how})
}

// endSeats ends the seats of a condition that have not ended.
func (rm *Room) endSeats(ctx context.Context, how, where string, args ...any) error {
	all, err := db.Rows(ctx, (*Seat).fields, "SELECT "+seatColumns+" FROM review_seat WHERE ended_at IS NULL AND ("+where+") ORDER BY id", args...)
	for _, s := range all {
		if err == nil {
			err = rm.endSeat(ctx, s, how)
		}
	}
	return err
}

// Left ends what hangs on a membership that ended: the seats that the leaver gave,
// and his own. It is called inside the transaction of the leaving (threats T21).
func (rm *Room) Left(ctx context.Context, company, account string) error {
	return rm.endSeats(ctx, "left", "org_id = ? AND (given_by = ? OR account_id = ?)", company, account, account)
}

// open returns a seat under which somebody may look now. Whatever is missing for
// that, the seat does not exist for him.
func (rm *Room) open(ctx context.Context, c web.Caller, id string) (Seat, error) {
	if c.Account == "" || c.Token != nil {
		return Seat{}, problem.NotFound()
	}
	s, err := db.One(ctx, (*Seat).fields, "SELECT "+seatColumns+` FROM review_seat
		WHERE id = ? AND account_id = ? AND accepted_at IS NOT NULL AND ended_at IS NULL AND expires > ?`, id, c.Account, rm.Now())
	if err != nil {
		return s, orNotFound(err)
	}
	shut, err := rm.shut(ctx, s, c.Account)
	if err == nil && shut {
		err = problem.NotFound()
	}
	return s, err
}

// shut says that a company shows nothing under a seat: who gave it can give it no
// more, or the company has paused and the specialist is none of its people.
func (rm *Room) shut(ctx context.Context, s Seat, account string) (bool, error) {
	giver, err := rm.Member(ctx, s.GivenBy, s.Org)
	if err != nil || giver < s.needs() {
		return true, err
	}
	return rm.hushed(ctx, s.Org, account)
}

// hushed says that a company has paused and the account is none of its people.
func (rm *Room) hushed(ctx context.Context, company, account string) (bool, error) {
	role, err := rm.Member(ctx, account, company)
	if err != nil || role != web.Nobody || rm.Paused == nil {
		return false, err
	}
	return rm.Paused(ctx, company)
}

func (s Seat) opensWith(code string) bool {
	sum := sha256.Sum256([]byte(code))
	return len(s.hash) > 0 && subtle.ConstantTimeCompare(sum[:], s.hash) == 1
}

// invitation finds the seat of a link. A wrong code is an unknown link.
// keys: problem.invitation-used.title, problem.invitation-used.hint, problem.invitation-revoked.title,
// problem.invitation-revoked.hint, problem.invitation-expired.title, problem.invitation-expired.hint
func (rm *Room) invitation(ctx context.Context, id, code string) (Seat, error) {
	s, err := db.One(ctx, (*Seat).fields, "SELECT "+seatColumns+" FROM review_seat WHERE id = ?", id)
	if err != nil {
		return s, orNotFound(err)
	}
	switch {
	case !s.opensWith(code):
		return s, problem.NotFound()
	case !s.Accepted.IsZero():
		return s, problem.New(http.StatusGone, "invitation-used")
	case !s.Ended.IsZero() && s.EndedHow != "expired":
		return s, problem.New(http.StatusGone, "invitation-revoked")
	case s.State(rm.Now()) != "waiting":
		return s, problem.New(http.StatusGone, "invitation-expired")
	}
	return s, nil
}

// Accept takes a seat for an account.
func (rm *Room) Accept(ctx context.Context, id, code, account, called, organisation string) error {
	var v problem.Invalid
	called, organisation = name(&v, "name", called, false), name(&v, "organisation", organisation, true)
	if err := v.Or(); err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := rm.invitation(ctx, id, code)
		if err != nil {
			return err
		}
		// Who may no longer invite has nobody waiting either (threats T21).
		giver, err := rm.Member(ctx, s.GivenBy, s.Org)
		if err != nil {
			return err
		}
		if giver < s.needs() {
			return problem.New(http.StatusGone, "invitation-revoked")
		}
		_, err = db.Exec(ctx, "UPDATE review_seat SET accepted_at = ?, account_id = ?, email = '', name = ?, organisation = ? WHERE id = ?",
			rm.Now(), account, called, organisation, id)
		if err != nil {
			return err
		}
		return rm.note(ctx, s.Org, "review.accepted", id, words{Name: called})
	})
}

// GiveBack ends a seat from the specialist's side.
func (rm *Room) GiveBack(ctx context.Context, by web.Caller, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := rm.open(ctx, by, id)
		if err != nil {
			return err
		}
		return rm.endSeat(ctx, s, "given-back")
	})
}

// Letter is what the mail of an invitation needs. Names are as they were typed:
// whoever writes the mail keeps them from becoming links.
type Letter struct {
	To      string
	Path    string // of the link, with its secret
	Org     string // name
	Number  string
	Inviter string
	Until   time.Time // the invitation
	Expires time.Time // the seat
}

// InvitationMail returns the letter of a seat, or the zero Letter when it can no
// longer be taken. The secret is derived here, at sending.
func (rm *Room) InvitationMail(ctx context.Context, id string) (l Letter, err error) {
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		s, err := db.One(ctx, (*Seat).fields, "SELECT "+seatColumns+" FROM review_seat WHERE id = ?", id)
		if err != nil || s.State(rm.Now()) != "waiting" {
			return orNotFound(err)
		}
		o, err := rm.Organisation(ctx, s.Org)
		if err != nil {
			return err
		}
		people, err := rm.Accounts(ctx, []string{s.GivenBy})
		l = Letter{
			To: s.Email, Path: invitationPath(id, rm.Derive(invitationPurpose, id)), Org: calledName(o), Number: o.Number(),
			Inviter: people[s.GivenBy].Name, Until: s.InvitedUntil, Expires: s.Expires,
		}
		return err
	})
	return l, err
}

func invitationPath(id, code string) string {
	return "/review-invitations/" + url.PathEscape(id) + "?" + url.Values{"code": {code}}.Encode()
}
