package org

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// roles are the roles that somebody can have in an organisation, the least first.
// keys: org.role.*
var roles = []web.Role{web.Viewer, web.Member, web.Manager, web.Owner}

// Member is an account with a role in an organisation.
type Member struct {
	Account string
	Role    web.Role
	Since   time.Time
}

func (m *Member) fields() []any { return []any{&m.Account, asRole(&m.Role), db.At(&m.Since)} }

// Members returns up to limit members of an organisation, the first to come
// first, after the account named; "" begins at the first.
func (rm *Room) Members(ctx context.Context, id ID, after string, limit int) ([]Member, error) {
	query := "SELECT account_id, role, since FROM org_member WHERE org_id = ? AND left_at IS NULL"
	args := []any{id}
	if after != "" {
		query += " AND (since, account_id) > (SELECT since, account_id FROM org_member WHERE org_id = ? AND account_id = ?)"
		args = append(args, id, after)
	}
	return db.Rows(ctx, (*Member).fields, query+" ORDER BY since, account_id LIMIT ?", append(args, limit)...)
}

func member(ctx context.Context, id ID, account string) (Member, error) {
	m, err := db.One(ctx, (*Member).fields,
		"SELECT account_id, role, since FROM org_member WHERE org_id = ? AND account_id = ? AND left_at IS NULL", id, account)
	return m, orNotFound(err)
}

// AddMember gives an account a role without an invitation: for the demonstration
// and for an operator at the command line.
func (rm *Room) AddMember(ctx context.Context, id ID, account string, role web.Role) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.enter(ctx, id, account, role); err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.joined", account, words{Role: role.String()})
	})
}

// enter makes an account a member, or brings back one who left.
func (rm *Room) enter(ctx context.Context, id ID, account string, role web.Role) error {
	n, err := db.Exec(ctx, `
		INSERT INTO org_member (org_id, account_id, role, since) VALUES (?, ?, ?, ?)
		ON CONFLICT (org_id, account_id) DO UPDATE SET role = excluded.role, since = excluded.since, left_at = NULL
		WHERE org_member.left_at IS NOT NULL`, id, account, role.String(), rm.now())
	if err == nil && n == 0 {
		return problem.New(http.StatusConflict, "already-member")
	}
	return err
}

// ChangeRole gives a member another role. by is the role of the caller: a
// manager neither makes an owner nor touches one.
func (rm *Room) ChangeRole(ctx context.Context, id ID, by web.Role, account string, role web.Role) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		m, err := member(ctx, id, account)
		switch {
		case err != nil:
			return err
		case m.Role > by || role > by || !role.InOrganisation():
			return problem.Forbidden()
		case m.Role == role:
			return nil
		}
		if err := rm.keepOwner(ctx, id, m); err != nil {
			return err
		}
		_, err = db.Exec(ctx, "UPDATE org_member SET role = ? WHERE org_id = ? AND account_id = ?", role.String(), id, account)
		if err != nil {
			return err
		}
		if err := rm.revokeBeyond(ctx, id, account, role); err != nil {
			return err
		}
		w := words{Role: role.String(), Was: m.Role.String()}
		if role < m.Role {
			return rm.noteRevoked(ctx, id, roleChanged, account, role.String(), w)
		}
		return rm.note(ctx, id, actor(ctx), roleChanged, account, w)
	})
}

// keepOwner refuses to take the last owner away: nobody could approve anything,
// and nobody could make another owner.
func (rm *Room) keepOwner(ctx context.Context, id ID, m Member) error {
	if m.Role != web.Owner {
		return nil
	}
	others, err := db.Value[int](ctx, `
		SELECT COUNT(*) FROM org_member WHERE org_id = ? AND role = 'owner' AND left_at IS NULL AND account_id <> ?`, id, m.Account)
	if err == nil && others == 0 {
		return problem.New(http.StatusConflict, "last-owner")
	}
	return err
}

// Remove ends a membership; by is the role of the caller.
func (rm *Room) Remove(ctx context.Context, id ID, by web.Role, account string) error {
	return rm.end(ctx, id, account, memberRemoved, func(m Member) bool { return by >= web.Manager && m.Role <= by })
}

// Leave ends the membership of the caller.
func (rm *Room) Leave(ctx context.Context, id ID, account string) error {
	return rm.end(ctx, id, account, memberLeft, func(Member) bool { return true })
}

// end is the one act of leaving: what somebody could still come in by ends with
// it (threats T21). API tokens never exceed their maker's present role.
func (rm *Room) end(ctx context.Context, id ID, account, verb string, may func(Member) bool) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		m, err := member(ctx, id, account)
		if err != nil {
			return err
		}
		if !may(m) {
			return problem.Forbidden()
		}
		if err := rm.keepOwner(ctx, id, m); err != nil {
			return err
		}
		_, err = db.Exec(ctx, "UPDATE org_member SET left_at = ? WHERE org_id = ? AND account_id = ?", rm.now(), id, account)
		if err != nil {
			return err
		}
		err = errors.Join(rm.revokeBeyond(ctx, id, account, web.Nobody), rm.revokeTo(ctx, id, account), rm.revokeCodes(ctx, id, account))
		if err == nil && rm.Left != nil {
			err = rm.Left(ctx, id, account)
		}
		if err != nil {
			return err
		}
		return rm.noteRevoked(ctx, id, verb, account, "", words{Was: m.Role.String()})
	})
}

// revokeBeyond takes back the open invitations that somebody sent and could no
// longer send with this role.
func (rm *Room) revokeBeyond(ctx context.Context, id ID, account string, role web.Role) error {
	query := "UPDATE org_invitation SET revoked_at = ?, email = '' WHERE org_id = ? AND invited_by = ? AND used_at IS NULL AND revoked_at IS NULL"
	if role == web.Manager {
		query += " AND role = 'owner'"
	}
	if role == web.Owner {
		return nil
	}
	_, err := db.Exec(ctx, query, rm.now(), id, account)
	return err
}

// revokeTo takes back the open invitations to somebody's address: one that came
// while he was a member, and so could not be taken up, would bring him back.
func (rm *Room) revokeTo(ctx context.Context, id ID, account string) error {
	people, err := rm.Accounts(ctx, []string{account})
	if err != nil || people[account].Email == "" {
		return err
	}
	_, err = db.Exec(ctx, `
		UPDATE org_invitation SET revoked_at = ?, email = ''
		WHERE org_id = ? AND LOWER(email) = LOWER(?) AND used_at IS NULL AND revoked_at IS NULL`, rm.now(), id, people[account].Email)
	return err
}
