package helper

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Kind is to whom a grant is given.
type Kind string

// The kinds.
const (
	Helper  Kind = "helper"
	Support Kind = "support"
)

// The parts that can be granted, as forms and JSON name them.
const (
	PartProfile = "profile"
	PartAnswers = "answers"
	PartFiles   = "files"
)

// allParts are the parts in the order in which pages show them.
// keys: helper.part.profile, helper.part.answers, helper.part.files
var allParts = []string{PartProfile, PartAnswers, PartFiles}

// Parts is what somebody may see.
type Parts struct{ Profile, Answers, Files bool }

// Names lists the parts.
func (p Parts) Names() []string {
	names := []string{}
	for i, has := range []bool{p.Profile, p.Answers, p.Files} {
		if has {
			names = append(names, allParts[i])
		}
	}
	return names
}

// partsNamed reads parts. Files hang on answers: they are shown with their item.
// keys: field.helper-parts, field.helper-files
func partsNamed(names []string, v *problem.Invalid) Parts {
	p := Parts{slices.Contains(names, PartProfile), slices.Contains(names, PartAnswers), slices.Contains(names, PartFiles)}
	known := !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(allParts, n) })
	v.Check(known && (p.Profile || p.Answers || p.Files), "parts", "helper-parts")
	v.Check(!p.Files || p.Answers, "parts", "helper-files")
	return p
}

// How long things last.
const (
	invitedFor  = 7 * 24 * time.Hour
	defaultDays = 30
	maxDays     = 90
	day         = 24 * time.Hour
)

// supportHours are the lengths of a support grant.
// keys: helper.hours
var supportHours = []int{1, 8, 24, 72}

// maxOpen bounds what a company has open at once, and its page; maxADay what
// mail it can have sent (threats T29).
const (
	maxOpen = 50
	maxADay = 20
)

const invitationPurpose = "helper invitation"

// How a grant ended.
// keys: helper.ended.revoked, helper.ended.given-back, helper.ended.left, helper.ended.expired
const (
	endRevoked   = "revoked"
	endGivenBack = "given-back"
	endLeft      = "left"
	endExpired   = "expired"
)

// Grant says who may see which parts of a company until when.
type Grant struct {
	ID      string
	Org     org.ID
	Kind    Kind
	Parts   Parts
	Reason  string
	GivenBy string // account
	Created time.Time
	Expires time.Time

	Email        string // of the invited; "" once it is used or over
	InvitedUntil time.Time
	Accepted     time.Time
	Account      string // of the helper

	// What the helper says of himself. Nobody has checked it.
	Name          string
	Organisation  string
	OwnOrg        org.ID // one he belongs to, or ""
	Qualification string

	Ended    time.Time
	EndedHow string

	CallOn string // the helper's own plan
	Memo   string

	hash []byte
}

const grantColumns = `id, org_id, kind, sees_profile, sees_answers, sees_files, reason, given_by, created, expires,
	email, secret_hash, invited_until, accepted_at, account_id, helper_name, helper_org, helper_org_id, qualification,
	ended_at, ended_how, call_on, memo`

func (g *Grant) fields() []any {
	return []any{&g.ID, &g.Org, &g.Kind, &g.Parts.Profile, &g.Parts.Answers, &g.Parts.Files, &g.Reason, &g.GivenBy,
		db.At(&g.Created), db.At(&g.Expires), &g.Email, &g.hash, db.At(&g.InvitedUntil), db.At(&g.Accepted), &g.Account,
		&g.Name, &g.Organisation, &g.OwnOrg, &g.Qualification, db.At(&g.Ended), &g.EndedHow, &g.CallOn, &g.Memo}
}

// State is where a grant stands: waiting, open or over.
func (g Grant) State(now time.Time) string {
	switch {
	case !g.Ended.IsZero() || !now.Before(g.Expires), g.Accepted.IsZero() && !now.Before(g.InvitedUntil):
		return "over"
	case g.Accepted.IsZero():
		return "waiting"
	}
	return "open"
}

// Offer is what a company offers a helper.
type Offer struct {
	Org    org.ID
	Email  string
	Parts  []string
	Reason string
	Days   int    // 1 to 90; 0 is the usual 30
	By     string // who answers for it; the caller when empty
}

// Invite makes a grant for somebody outside and has the invitation mailed. by is
// the role of the caller: a manager shows profile and answers, an owner files too.
func (rm *Room) Invite(ctx context.Context, by web.Role, o Offer) (Grant, error) {
	if o.Days == 0 {
		o.Days = defaultDays
	}
	var v problem.Invalid
	address := emailAddress(o.Email, &v)
	parts := partsNamed(o.Parts, &v)
	checkDays(&v, o.Days)
	reason := text(&v, "reason", o.Reason, true)
	if err := errorsFirst(v.Or(), mayGive(by, parts)); err != nil {
		return Grant{}, err
	}
	now := rm.Now()
	g := Grant{
		ID: db.NewID(), Org: o.Org, Kind: Helper, Parts: parts, Reason: reason, GivenBy: cmp.Or(o.By, actor(ctx)), Created: now,
		Expires: now.Add(time.Duration(o.Days) * day), Email: address,
	}
	g.InvitedUntil = now.Add(min(invitedFor, time.Duration(o.Days)*day))
	sum := sha256.Sum256([]byte(rm.Derive(invitationPurpose, g.ID)))
	g.hash = sum[:]
	return g, rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := roomForGrant(ctx, g); err != nil {
			return err
		}
		if err := rm.QueueInvitation(ctx, g.ID); err != nil {
			return err
		}
		if err := put(ctx, g); err != nil {
			return err
		}
		return rm.note(ctx, string(g.Org), "helper.invited", g.ID, words{Name: g.Email, Parts: parts.Names()})
	})
}

func errorsFirst(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

func mayGive(by web.Role, p Parts) error {
	if by < web.Manager || p.Files && by < web.Owner {
		return problem.Forbidden()
	}
	return nil
}

// keys: field.helper-days
func checkDays(v *problem.Invalid, days int) {
	v.Check(days >= 1 && days <= maxDays, "days", "helper-days", "max", maxDays)
}

// emailAddress takes a bare address.
// keys: field.invite-email
func emailAddress(s string, v *problem.Invalid) string {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	fine := err == nil && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, `<>"`) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) })
	v.Check(fine, "email", "invite-email")
	return s
}

// roomForGrant bounds what a company has open and has mailed.
// keys: problem.helper-too-many.title, problem.helper-too-many.hint
func roomForGrant(ctx context.Context, g Grant) error {
	recent, err := db.Value[int](ctx, "SELECT COUNT(*) FROM helper_grant WHERE org_id = ? AND created > ?", g.Org, g.Created.Add(-day))
	if err != nil {
		return err
	}
	open, err := db.Value[int](ctx, "SELECT COUNT(*) FROM helper_grant WHERE org_id = ? AND ended_at IS NULL AND expires > ?", g.Org, g.Created)
	if err == nil && (recent >= maxADay || open >= maxOpen) {
		return problem.New(http.StatusTooManyRequests, "helper-too-many", "n", maxADay, "open", maxOpen)
	}
	return err
}

func put(ctx context.Context, g Grant) error {
	_, err := db.Exec(ctx, `
		INSERT INTO helper_grant (id, org_id, kind, sees_profile, sees_answers, sees_files, reason, given_by, created, expires,
			email, secret_hash, invited_until, accepted_at, account_id, helper_name, helper_org, helper_org_id, qualification,
			ended_at, ended_by, ended_how, call_on, memo)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', '', NULL, '', '', '', '')`,
		g.ID, g.Org, g.Kind, g.Parts.Profile, g.Parts.Answers, g.Parts.Files, g.Reason, g.GivenBy, g.Created, g.Expires,
		g.Email, g.hash, g.InvitedUntil, g.Accepted)
	return err
}

// Call is what a company lets the operator's support see.
type Call struct {
	Org    org.ID
	Parts  []string
	Reason string
	Hours  int    // 1, 8, 24 or 72
	By     string // who answers for it; the caller when empty
}

// CallSupport lets the operator's support look for some hours.
// keys: field.helper-hours
func (rm *Room) CallSupport(ctx context.Context, by web.Role, c Call) (Grant, error) {
	var v problem.Invalid
	parts := partsNamed(c.Parts, &v)
	v.Check(slices.Contains(supportHours, c.Hours), "hours", "helper-hours")
	reason := text(&v, "reason", c.Reason, false)
	if err := errorsFirst(v.Or(), mayGive(by, parts)); err != nil {
		return Grant{}, err
	}
	now := rm.Now()
	g := Grant{
		ID: db.NewID(), Org: c.Org, Kind: Support, Parts: parts, Reason: reason, GivenBy: cmp.Or(c.By, actor(ctx)), Created: now, Accepted: now,
		Expires: now.Add(time.Duration(c.Hours) * time.Hour),
	}
	return g, rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := roomForGrant(ctx, g); err != nil {
			return err
		}
		if err := put(ctx, g); err != nil {
			return err
		}
		return rm.note(ctx, string(g.Org), "helper.support-called", g.ID, words{Parts: parts.Names(), Text: reason})
	})
}

// ofCompany returns a grant of a company, open or not.
func ofCompany(ctx context.Context, company org.ID, id string) (Grant, error) {
	g, err := db.One(ctx, (*Grant).fields, "SELECT "+grantColumns+" FROM helper_grant WHERE org_id = ? AND id = ?", company, id)
	return g, orNotFound(err)
}

// Extend sets the end of a helper's grant anew, from today. Whoever extends it
// answers for it from now on.
// keys: problem.helper-over.title, problem.helper-over.hint
func (rm *Room) Extend(ctx context.Context, by web.Role, company org.ID, id string, days int) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		g, err := ofCompany(ctx, company, id)
		if err != nil {
			return err
		}
		var v problem.Invalid
		checkDays(&v, days)
		if err := errorsFirst(mayGive(by, g.Parts), v.Or()); err != nil {
			return err
		}
		now := rm.Now()
		if g.Kind != Helper || g.State(now) != "open" {
			return problem.New(http.StatusConflict, "helper-over")
		}
		_, err = db.Exec(ctx, "UPDATE helper_grant SET expires = ?, given_by = ? WHERE id = ?", now.Add(time.Duration(days)*day), actor(ctx), id)
		if err != nil {
			return err
		}
		return rm.note(ctx, string(company), "helper.extended", id, words{Name: g.Name})
	})
}

// Revoke ends a grant at once, or takes an open invitation back. A second time it
// changes nothing.
func (rm *Room) Revoke(ctx context.Context, company org.ID, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		g, err := ofCompany(ctx, company, id)
		if err != nil || !g.Ended.IsZero() {
			return err
		}
		return rm.end(ctx, g, endRevoked, "helper.revoked")
	})
}

// GiveBack ends a grant from the helper's side.
func (rm *Room) GiveBack(ctx context.Context, by web.Caller, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		g, err := rm.open(ctx, by, id, Helper)
		if err != nil {
			return err
		}
		return rm.end(ctx, g, endGivenBack, "helper.given-back")
	})
}

// end ends a grant; what the helper planned for himself goes with it.
func (rm *Room) end(ctx context.Context, g Grant, how, verb string) error {
	_, err := db.Exec(ctx, `UPDATE helper_grant SET ended_at = ?, ended_by = ?, ended_how = ?, email = '', call_on = '', memo = ''
		WHERE id = ? AND ended_at IS NULL`, rm.Now(), actor(ctx), how, g.ID)
	if err != nil {
		return err
	}
	return rm.noteRevoked(ctx, string(g.Org), verb, g.ID, words{Name: g.Name, How: how})
}

// Left ends what hangs on a membership that ended: what the leaver gave in the
// company's name, and what he was given as one of that company's people. It is
// called inside the transaction of the leaving (threats T21).
func (rm *Room) Left(ctx context.Context, company org.ID, account string) error {
	grants, err := db.Rows(ctx, (*Grant).fields, "SELECT "+grantColumns+` FROM helper_grant
		WHERE ended_at IS NULL AND (org_id = ? AND given_by = ? OR helper_org_id = ? AND account_id = ?)`, company, account, company, account)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := rm.end(ctx, g, endLeft, "helper.left"); err != nil {
			return err
		}
	}
	return nil
}

// open returns a grant under which somebody may look now. Whatever is missing
// for that, the grant does not exist for him.
func (rm *Room) open(ctx context.Context, c web.Caller, id string, kind Kind) (Grant, error) {
	if c.Account == "" || c.Token != nil || kind == Support && !c.Operator {
		return Grant{}, problem.NotFound()
	}
	g, err := db.One(ctx, (*Grant).fields, "SELECT "+grantColumns+` FROM helper_grant
		WHERE id = ? AND kind = ? AND (account_id = ? OR kind = 'support')
		AND accepted_at IS NOT NULL AND ended_at IS NULL AND expires > ?`, id, kind, c.Account, rm.Now())
	if err != nil {
		return g, orNotFound(err)
	}
	shut, err := rm.shut(ctx, g.Org, c.Account)
	if err == nil && shut {
		err = problem.NotFound()
	}
	return g, err
}

// shut says that a company shows nothing to this account: it has paused, or he
// belongs to it and has a role there (threats T19).
func (rm *Room) shut(ctx context.Context, company org.ID, account string) (bool, error) {
	role, err := rm.Member(ctx, account, string(company))
	if err != nil || role != web.Nobody || rm.Paused == nil {
		return role != web.Nobody, err
	}
	return rm.Paused(ctx, string(company))
}

func (g Grant) opensWith(code string) bool {
	sum := sha256.Sum256([]byte(code))
	return len(g.hash) > 0 && subtle.ConstantTimeCompare(sum[:], g.hash) == 1
}
