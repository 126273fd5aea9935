package helper

import (
	"context"
	"encoding/json"
	"io"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// What this room does when a company or a person goes.

// Export hands over who could see what of a company, and what was advised.
func (rm *Room) Export(ctx context.Context, id org.ID, add func(name string, write func(io.Writer) error) error) error {
	grants, err := db.Rows(ctx, (*Grant).fields, "SELECT "+grantColumns+" FROM helper_grant WHERE org_id = ? ORDER BY created, id", id)
	if err != nil {
		return err
	}
	rows, err := rm.grantRows(ctx, id, grants, web.Owner)
	if err != nil {
		return err
	}
	looks, err := db.Rows(ctx, (*Look).fields,
		"SELECT grant_id, account_id, page, day, looks, last_at FROM helper_look WHERE org_id = ? ORDER BY day, grant_id, page, account_id", id)
	if err != nil {
		return err
	}
	advice, err := adviceTo(ctx, id)
	if err != nil {
		return err
	}
	for name, what := range map[string]any{"helpers.json": rows, "helper-looks.json": exportedLooks(looks), "helper-advice.json": adviceViews(advice)} {
		if err := add(name, func(w io.Writer) error { return json.NewEncoder(w).Encode(what) }); err != nil {
			return err
		}
	}
	return nil
}

type exportedLook struct {
	Grant string `json:"grant"`
	Look
}

func exportedLooks(looks []Look) []exportedLook {
	all := make([]exportedLook, len(looks))
	for i, l := range looks {
		all[i] = exportedLook{l.Grant, l}
	}
	return all
}

// Close removes every row of a company.
func (rm *Room) Close(ctx context.Context, id org.ID) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, query := range []string{
			"DELETE FROM helper_look WHERE org_id = ?",
			"DELETE FROM helper_advice WHERE org_id = ?",
			"DELETE FROM helper_grant WHERE org_id = ?",
		} {
			if _, err := db.Exec(ctx, query, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Erase ends what an account could see as a helper and forgets what it said of
// itself. The number of the account stays, so that looks and advice have an
// author; the words of the journal go.
func (rm *Room) Erase(ctx context.Context, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		grants, err := db.Rows(ctx, (*Grant).fields, "SELECT "+grantColumns+" FROM helper_grant WHERE account_id = ? ORDER BY id", account)
		if err != nil {
			return err
		}
		for _, g := range grants {
			if g.Ended.IsZero() {
				if err := rm.end(ctx, g, endGivenBack, "helper.given-back"); err != nil {
					return err
				}
			}
			if _, err := journal.Erase(ctx, string(g.Org), g.ID, "system", "erased on request", rm.Now()); err != nil {
				return err
			}
		}
		return forgetSelf(ctx, account)
	})
}

func forgetSelf(ctx context.Context, account string) error {
	_, err := db.Exec(ctx, "UPDATE helper_grant SET helper_name = '', helper_org = '', helper_org_id = '', qualification = '' WHERE account_id = ?", account)
	return err
}
