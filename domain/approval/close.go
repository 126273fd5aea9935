package approval

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
)

// What this room does when a company or a person goes.

// Close removes the sheets of an organisation that is closed; the signed papers
// go with its files.
func (rm *Room) Close(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM approval_sheet WHERE org_id = ?", id)
		return err
	})
}

// Export hands over the sheets of a company; the signed papers are among its files.
func (rm *Room) Export(ctx context.Context, id string, add func(name string, write func(io.Writer) error) error) error {
	all, err := db.Rows(ctx, (*Sheet).fields, "SELECT "+sheetColumns+" FROM approval_sheet WHERE org_id = ? ORDER BY created, id", id)
	if err != nil {
		return err
	}
	if all == nil {
		all = []Sheet{}
	}
	return add("papers.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(all) })
}

// Erase forgets a person in the sheets of all companies: whoever an act is about
// (his account, name or address stands in what is signed) and whoever signed. That
// something was approved, and when, stays.
func (rm *Room) Erase(ctx context.Context, account, name, address string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		all, err := db.Rows(ctx, (*Sheet).fields, "SELECT "+sheetColumns+" FROM approval_sheet ORDER BY id")
		if err != nil {
			return err
		}
		for _, s := range all {
			if err := s.forget(ctx, account, name, address); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s Sheet) forget(ctx context.Context, account, name, address string) error {
	about := slices.ContainsFunc(slices.Concat(s.inputs, s.Sentences), func(text string) bool {
		return text == account || name != "" && strings.Contains(text, name) || address != "" && strings.Contains(strings.ToLower(text), strings.ToLower(address))
	})
	if about {
		if _, err := db.Exec(ctx, "UPDATE approval_sheet SET inputs = '[]', sentences = '[]' WHERE id = ?", s.ID); err != nil {
			return err
		}
	}
	if s.Signer == "" || s.Signer != name {
		return nil
	}
	_, err := db.Exec(ctx, "UPDATE approval_sheet SET signer = '' WHERE id = ?", s.ID)
	return err
}
