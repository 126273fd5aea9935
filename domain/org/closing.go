package org

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Export hands over what this room keeps of an organisation, a file each.
func (rm *Room) Export(ctx context.Context, id ID, add func(name string, write func(io.Writer) error) error) error {
	o, err := rm.ByID(ctx, id)
	if err != nil {
		return err
	}
	members, err := rm.Members(ctx, id, "", 1<<20)
	if err != nil {
		return err
	}
	people, err := rm.named(ctx, id, members, web.Owner)
	if err != nil {
		return err
	}
	sites, err := rm.Sites(ctx, id)
	if err != nil {
		return err
	}
	relations, err := rm.Relations(ctx, id)
	if err != nil {
		return err
	}
	circles, err := rm.Circles(ctx, id)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		what any
	}{{"company.json", o}, {"people.json", people}, {"sites.json", sites}, {"relations.json", relations}, {"circles.json", circles}} {
		if err := add(f.name, asJSON(f.what)); err != nil {
			return err
		}
	}
	file, err := rm.exportJournal(ctx, OrgIn{id})
	if err != nil {
		return err
	}
	return add("journal.ndjson", file.Write)
}

func asJSON(v any) func(io.Writer) error {
	return func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
}

// Disband ends what everybody could do for an organisation, before its rows go:
// from now on nobody reaches it. It returns who was a member.
func (rm *Room) Disband(ctx context.Context, id ID) (accounts []string, err error) {
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		accounts, err = db.Rows(ctx, text, "UPDATE org_member SET left_at = ? WHERE org_id = ? AND left_at IS NULL RETURNING account_id", rm.now(), id)
		if err != nil {
			return err
		}
		for _, account := range accounts {
			if rm.Left == nil {
				break
			}
			if err := rm.Left(ctx, id, account); err != nil {
				return err
			}
		}
		return nil
	})
	return accounts, err
}

// Close removes every row of an organisation. Circles that it ran go to whoever
// joined first after it, and end when there is nobody.
func (rm *Room) Close(ctx context.Context, id ID) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.handCirclesOn(ctx, id); err != nil {
			return err
		}
		for _, query := range []string{
			"DELETE FROM org_circle_code WHERE org_id = ?",
			"DELETE FROM org_circle_member WHERE org_id = ?",
			"DELETE FROM org_circle WHERE org_id = ?",
			"DELETE FROM org_invitation WHERE org_id = ?",
			"DELETE FROM org_site WHERE org_id = ?",
			"DELETE FROM org_relation WHERE org_id = ?",
			"DELETE FROM org_pause WHERE org_id = ?",
			"DELETE FROM org_member WHERE org_id = ?",
		} {
			if _, err := db.Exec(ctx, query, id); err != nil {
				return err
			}
		}
		n, err := db.Exec(ctx, "DELETE FROM org_organisation WHERE id = ?", id)
		if err != nil || n == 0 {
			return err
		}
		return journal.Note(ctx, journal.Entry{Org: string(id), At: rm.now(), Actor: "system", Verb: closedVerb, Subject: string(id), Revokes: true}, nil)
	})
}

type heir struct {
	circle string
	org    *ID
}

func (h *heir) fields() []any { return []any{&h.circle, &h.org} }

// handCirclesOn gives the circles of an organisation to the member that has been
// there the longest. Codes that the company gave out are its own, and end.
func (rm *Room) handCirclesOn(ctx context.Context, id ID) error {
	all, err := db.Rows(ctx, (*heir).fields, `
		SELECT c.id, (SELECT m.org_id FROM org_circle_member m
			WHERE m.circle_id = c.id AND m.left_at IS NULL AND m.org_id <> c.org_id ORDER BY m.joined, m.org_id LIMIT 1)
		FROM org_circle c WHERE c.org_id = ?`, id)
	if err != nil {
		return err
	}
	for _, h := range all {
		if h.org == nil {
			if _, err := db.Exec(ctx, "DELETE FROM org_circle_member WHERE circle_id = ?", h.circle); err != nil {
				return err
			}
			continue
		}
		if _, err := db.Exec(ctx, "DELETE FROM org_circle_code WHERE circle_id = ?", h.circle); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE org_circle SET org_id = ? WHERE id = ?", *h.org, h.circle); err != nil {
			return err
		}
		if err := rm.note(ctx, *h.org, "system", "org.circle-inherited", h.circle, words{}); err != nil {
			return err
		}
	}
	return nil
}

// OnlyOwnerOf says of which organisation an account is the only owner, "" when
// of none.
func (rm *Room) OnlyOwnerOf(ctx context.Context, account string) (ID, error) {
	ids, err := db.Rows(ctx, func(id *ID) []any { return []any{id} }, `
		SELECT m.org_id FROM org_member m WHERE m.account_id = ? AND m.role = 'owner' AND m.left_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM org_member o WHERE o.org_id = m.org_id AND o.role = 'owner' AND o.left_at IS NULL AND o.account_id <> m.account_id)
		ORDER BY m.org_id LIMIT 1`, account)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// Erase takes an account out of all organisations and forgets the words of its
// invitations. The row of a membership stays as a number without a name, so that
// old answers have an author. Whoever is the only owner somewhere is refused.
// keys: problem.erase-last-owner.title, problem.erase-last-owner.hint
func (rm *Room) Erase(ctx context.Context, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		alone, err := rm.OnlyOwnerOf(ctx, account)
		if err != nil {
			return err
		}
		if alone != "" {
			return problem.New(http.StatusConflict, "erase-last-owner")
		}
		orgs, err := db.Rows(ctx, func(id *ID) []any { return []any{id} },
			"SELECT org_id FROM org_member WHERE account_id = ? AND left_at IS NULL ORDER BY org_id", account)
		if err != nil {
			return err
		}
		for _, id := range orgs {
			if err := rm.end(ctx, id, account, memberLeft, func(Member) bool { return true }); err != nil {
				return err
			}
		}
		return rm.forgetInvitations(ctx, account)
	})
}

// forgetInvitations erases the address from the entries of the invitations that
// brought somebody in.
func (rm *Room) forgetInvitations(ctx context.Context, account string) error {
	type used struct {
		id  string
		org ID
	}
	all, err := db.Rows(ctx, func(u *used) []any { return []any{&u.id, &u.org} },
		"SELECT id, org_id FROM org_invitation WHERE used_by = ?", account)
	if err != nil {
		return err
	}
	for _, u := range all {
		if _, err := journal.Erase(ctx, string(u.org), u.id, "system", "erased on request", rm.now()); err != nil {
			return err
		}
	}
	return nil
}

// MakeOwner makes an account an owner, a member or not: for recovery alone, which
// has looked whether that is right.
func (rm *Room) MakeOwner(ctx context.Context, id ID, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, `
			INSERT INTO org_member (org_id, account_id, role, since) VALUES (?, ?, 'owner', ?)
			ON CONFLICT (org_id, account_id) DO UPDATE SET role = 'owner', left_at = NULL`, id, account, rm.now())
		if err != nil || n == 0 {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.joined", account, words{Role: web.Owner.String()})
	})
}

// Expel ends a membership without asking who stays: for undoing a recovery.
func (rm *Room) Expel(ctx context.Context, id ID, account string) error {
	err := rm.end(ctx, id, account, memberRemoved, func(Member) bool { return true })
	if problem.Is(err, "not-found") {
		return nil
	}
	return err
}

// ByNumber lists the organisations with a number, official or ours, at most two:
// more than one is not to be told apart by it.
func (rm *Room) ByNumber(ctx context.Context, number string) ([]ID, error) {
	return db.Rows(ctx, func(id *ID) []any { return []any{id} },
		"SELECT id FROM org_organisation WHERE corporate_number = ? OR internal_number = ? ORDER BY id LIMIT 2", number, number)
}

// Owners lists the accounts that own an organisation.
func (rm *Room) Owners(ctx context.Context, id ID) ([]string, error) {
	return db.Rows(ctx, text, "SELECT account_id FROM org_member WHERE org_id = ? AND role = 'owner' AND left_at IS NULL ORDER BY since, account_id", id)
}
