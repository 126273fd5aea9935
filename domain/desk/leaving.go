package desk

import (
	"context"
	"encoding/json"
	"io"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
)

// What this room hands over when a company goes, and forgets when a person does.

// Erase forgets a person in the lists of desks, where both his name and his
// address stand. An address alone may be that of a whole company, and stays.
func (rm *Room) Erase(ctx context.Context, name, address string) error {
	if name == "" || address == "" {
		return nil
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE desk_case SET person = '', email = '' WHERE person = ? AND LOWER(email) = LOWER(?)", name, address)
		return err
	})
}

type exportedCase struct {
	Case
	Contacts []Contact `json:"contacts"`
}

// Export hands over what a company lets desks see and how often they looked, and,
// when it runs a desk itself, its own list.
func (rm *Room) Export(ctx context.Context, id org.ID, add func(name string, write func(io.Writer) error) error) error {
	consents, err := consentsOf(ctx, id)
	if err != nil {
		return err
	}
	looks, err := looksAt(ctx, id)
	if err != nil {
		return err
	}
	cases, err := exportedCases(ctx, id)
	if err != nil {
		return err
	}
	return add("desk.json", func(w io.Writer) error {
		return json.NewEncoder(w).Encode(map[string]any{"consents": append([]Consent{}, consents...), "looks": append([]Look{}, looks...), "cases": cases})
	})
}

// contactOf is a contact with its case.
type contactOf struct {
	Contact
	of string
}

func (c *contactOf) fields() []any {
	return []any{&c.ID, &c.of, &c.Kind, &c.Words, &c.By, db.At(&c.At)}
}

func exportedCases(ctx context.Context, id org.ID) ([]exportedCase, error) {
	cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.org_id = ? ORDER BY c.created, c.id", id)
	if err != nil {
		return nil, err
	}
	contacts, err := db.Rows(ctx, (*contactOf).fields, "SELECT id, case_id, kind, words, made_by, at FROM desk_contact WHERE org_id = ? ORDER BY at, id", id)
	by := map[string][]Contact{}
	for _, c := range contacts {
		by[c.of] = append(by[c.of], c.Contact)
	}
	all := make([]exportedCase, len(cases))
	for i, c := range cases {
		all[i] = exportedCase{c, by[c.ID]}
	}
	return all, err
}
