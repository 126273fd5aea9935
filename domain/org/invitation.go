package org

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

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// InvitationFor is how long an invitation can be taken up.
const InvitationFor = 7 * 24 * time.Hour

// maxInvitations is how many invitations an organisation may send within 24
// hours: our mail must not become somebody's weapon (threats T29).
const maxInvitations = 50

// invitationPurpose is for what the secret of an invitation is derived.
const invitationPurpose = "org invitation"

// Invitation is an offer to somebody outside to become a member. The address is
// erased when the invitation is used or taken back.
type Invitation struct {
	ID      string
	Org     ID
	Email   string
	Role    web.Role
	By      string // account
	Expires time.Time
	Used    time.Time
	Revoked time.Time

	hash []byte
}

const invitationColumns = "id, org_id, email, role, invited_by, expires, used_at, revoked_at, secret_hash"

func (i *Invitation) fields() []any {
	return []any{&i.ID, &i.Org, &i.Email, asRole(&i.Role), &i.By, db.At(&i.Expires), db.At(&i.Used), db.At(&i.Revoked), &i.hash}
}

// over says why an invitation can no longer be taken up; nil when it can.
// A clock that was put back does not bring it to life again once it is used.
func (i Invitation) over(now time.Time) error {
	switch {
	case !i.Used.IsZero():
		return problem.New(http.StatusGone, "invitation-used")
	case !i.Revoked.IsZero():
		return problem.New(http.StatusGone, "invitation-revoked")
	case !now.Before(i.Expires):
		return problem.New(http.StatusGone, "invitation-expired")
	}
	return nil
}

func (i Invitation) opensWith(code string) bool {
	sum := sha256.Sum256([]byte(code))
	return subtle.ConstantTimeCompare(sum[:], i.hash) == 1
}

// Invite makes an invitation and has its mail sent. An open one to the same
// address is taken back. by is the role of the caller, who invites up to it.
func (rm *Room) Invite(ctx context.Context, id ID, by web.Role, email string, role web.Role) (Invitation, error) {
	address, flaw := emailAddress(email)
	var v problem.Invalid
	flaw.note(&v, "email")
	v.Check(role.InOrganisation(), "role", "role")
	if err := v.Or(); err != nil {
		return Invitation{}, err
	}
	if by < web.Manager || role > by {
		return Invitation{}, problem.Forbidden()
	}
	i := Invitation{ID: db.NewID(), Org: id, Email: address, Role: role, By: actor(ctx), Expires: rm.now().Add(InvitationFor)}
	sum := sha256.Sum256([]byte(rm.Derive(invitationPurpose, i.ID)))
	i.hash = sum[:]
	return i, rm.DB.Write(ctx, func(ctx context.Context) error { return rm.keepInvitation(ctx, i) })
}

func (rm *Room) keepInvitation(ctx context.Context, i Invitation) error {
	now := rm.now()
	sent, err := db.Value[int](ctx, "SELECT COUNT(*) FROM org_invitation WHERE org_id = ? AND created > ?", i.Org, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if sent >= maxInvitations {
		return problem.New(http.StatusTooManyRequests, "invitations-too-many", "n", maxInvitations)
	}
	if err := sentByOne(ctx, i.By, now); err != nil {
		return err
	}
	_, err = db.Exec(ctx, `
		UPDATE org_invitation SET revoked_at = ?, email = ''
		WHERE org_id = ? AND email = ? AND used_at IS NULL AND revoked_at IS NULL`, now, i.Org, i.Email)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `
		INSERT INTO org_invitation (id, org_id, email, role, secret_hash, invited_by, created, expires)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, i.ID, i.Org, i.Email, i.Role.String(), i.hash, i.By, now, i.Expires)
	if err != nil {
		return err
	}
	if err := rm.QueueInvitation(ctx, i.ID); err != nil {
		return err
	}
	return rm.note(ctx, i.Org, i.By, "org.invited", i.ID, words{Name: i.Email, Role: i.Role.String()})
}

// maxByOne is how many invitations one account may send within 24 hours, for all
// its organisations: it may register many, and letters have one cap for all.
const maxByOne = 100

func sentByOne(ctx context.Context, account string, now time.Time) error {
	sent, err := db.Value[int](ctx, `
		SELECT COUNT(*) FROM org_invitation WHERE invited_by = ? AND created > ?
		AND org_id IN (SELECT org_id FROM org_member WHERE account_id = ?)`, account, now.Add(-24*time.Hour), account)
	if err == nil && sent >= maxByOne {
		return problem.New(http.StatusTooManyRequests, "invitations-too-many", "n", maxByOne)
	}
	return err
}

// emailAddress takes a bare address. Whether anybody reads it shows when the
// invitation is taken up.
// keys: field.invite-email
func emailAddress(s string) (string, *Flaw) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || strings.ContainsAny(s, "<>\"") || strings.ContainsFunc(s, unshown) {
		return "", &Flaw{Code: "invite-email"}
	}
	return s, nil
}

// unshown finds what turns the reading order round or leaves no trace in a list of
// addresses.
func unshown(r rune) bool { return unseen(r) || !unicode.IsGraphic(r) }

// RevokeInvitation takes an open invitation back; by is the role of the caller.
func (rm *Room) RevokeInvitation(ctx context.Context, id ID, by web.Role, invitation string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		i, err := db.One(ctx, (*Invitation).fields,
			"SELECT "+invitationColumns+" FROM org_invitation WHERE org_id = ? AND id = ?", id, invitation)
		switch {
		case err != nil:
			return orNotFound(err)
		case i.Role > by:
			return problem.Forbidden()
		case !i.Used.IsZero():
			return i.over(rm.now())
		case !i.Revoked.IsZero():
			return nil
		}
		if _, err := db.Exec(ctx, "UPDATE org_invitation SET revoked_at = ?, email = '' WHERE id = ?", rm.now(), invitation); err != nil {
			return err
		}
		return rm.noteRevoked(ctx, id, invitationRevoked, invitation, "", words{Role: i.Role.String()})
	})
}

// openInvitations lists what can still be taken up, the newest first.
func (rm *Room) openInvitations(ctx context.Context, id ID) ([]Invitation, error) {
	return db.Rows(ctx, (*Invitation).fields, "SELECT "+invitationColumns+` FROM org_invitation
		WHERE org_id = ? AND used_at IS NULL AND revoked_at IS NULL AND expires > ?
		ORDER BY created DESC, id LIMIT ?`, id, rm.now(), maxInvitations*8)
}

// invitation finds the invitation of a link. A wrong code is an unknown link.
func (rm *Room) invitation(ctx context.Context, id, code string) (Invitation, error) {
	i, err := db.One(ctx, (*Invitation).fields, "SELECT "+invitationColumns+" FROM org_invitation WHERE id = ?", id)
	if err != nil {
		return i, orNotFound(err)
	}
	if !i.opensWith(code) {
		return i, problem.NotFound()
	}
	return i, i.over(rm.now())
}

// Accept consumes an invitation for an account.
func (rm *Room) Accept(ctx context.Context, id, code, account string) (ID, error) {
	var org ID
	err := rm.DB.Write(ctx, func(ctx context.Context) error {
		i, err := rm.invitation(ctx, id, code)
		if err != nil {
			return err
		}
		org = i.Org
		if err := rm.enter(ctx, i.Org, account, i.Role); err != nil {
			return err
		}
		_, err = db.Exec(ctx, "UPDATE org_invitation SET used_at = ?, used_by = ?, email = '' WHERE id = ?", rm.now(), account, id)
		if err != nil {
			return err
		}
		return rm.note(ctx, i.Org, account, "org.joined", account, words{Role: i.Role.String()})
	})
	return org, err
}

// Tidy forgets what is no longer needed: addresses of invitations that are too
// old, and codes of circles a while after their end. It is for a recurring job.
func (rm *Room) Tidy(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE org_invitation SET email = '' WHERE expires <= ? AND email <> ''", rm.now())
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, "DELETE FROM org_circle_code WHERE expires <= ?", rm.now().Add(-CircleCodeFor))
		return err
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
	Role    web.Role
	Expires time.Time
}

// InvitationMail returns the letter of an invitation, or the zero Letter when
// it can no longer be taken up. The secret is derived here, at sending.
func (rm *Room) InvitationMail(ctx context.Context, id string) (Letter, error) {
	var l Letter
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		i, err := db.One(ctx, (*Invitation).fields, "SELECT "+invitationColumns+" FROM org_invitation WHERE id = ?", id)
		if err != nil {
			return orNotFound(err)
		}
		if i.over(rm.now()) != nil {
			return nil
		}
		o, err := rm.ByID(ctx, i.Org)
		if err != nil {
			return err
		}
		people, err := rm.Accounts(ctx, []string{i.By})
		l = Letter{
			To: i.Email, Path: invitationPath(id, rm.Derive(invitationPurpose, id)), Org: o.calledName(), Number: o.Number(),
			Inviter: people[i.By].Name, Role: i.Role, Expires: i.Expires,
		}
		return err
	})
	return l, err
}

func invitationPath(id, code string) string {
	return "/invitations/" + url.PathEscape(id) + "?" + url.Values{"code": {code}}.Encode()
}
