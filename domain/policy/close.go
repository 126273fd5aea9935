package policy

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/minamori-project/minamori/internal/db"
)

// taken is a document as a company takes it with it.
type taken struct {
	Document
	Versions []takenVersion `json:"versions"`
}

type takenVersion struct {
	Version
	Sections []Chapter `json:"sections"`
}

// Export hands over every document of a company with all its versions.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	documents, err := db.Rows(ctx, (*Document).fields, "SELECT "+documentColumns+" FROM policy_document d WHERE d.org_id = ? ORDER BY d.created, d.id", org)
	if err != nil {
		return err
	}
	versions, err := db.Rows(ctx, (*Version).fields, "SELECT "+versionColumns+" FROM policy_version v WHERE v.org_id = ? ORDER BY v.document_id, v.number", org)
	if err != nil {
		return err
	}
	chapters, err := db.Rows(ctx, (*Chapter).fields, "SELECT "+chapterColumns+" FROM policy_section s WHERE s.org_id = ? ORDER BY s.version_id, s.place", org)
	if err != nil {
		return err
	}
	sections := map[string][]Chapter{}
	for _, c := range chapters {
		sections[c.version] = append(sections[c.version], c)
	}
	all := make([]taken, len(documents))
	for i, d := range documents {
		all[i].Document = d
		for _, v := range versions {
			if v.Document != d.ID {
				continue
			}
			err = errors.Join(err, v.read())
			all[i].Versions = append(all[i].Versions, takenVersion{v, sections[v.ID]})
		}
	}
	if err != nil {
		return err
	}
	return add("policies.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(all) })
}

// Close removes every row of a company.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"policy_section", "policy_version", "policy_document"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", org); err != nil {
				return err
			}
		}
		return nil
	})
}

// Erase has nothing to remove: the rows name accounts, and the names that stand in
// a document are the company's words.
func (rm *Room) Erase(context.Context, string) error { return nil }
