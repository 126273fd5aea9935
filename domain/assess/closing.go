package assess

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// kept is an answer, present or past, as a company takes it with it.
type kept struct {
	Pack      string    `json:"framework"`
	Item      string    `json:"item"`
	Choice    string    `json:"answer"`
	Memo      string    `json:"memo"`
	At        time.Time `json:"answered_at"`
	By        string    `json:"answered_by"` // account; its name as long as it has one
	Revision  int       `json:"revision"`
	Behalf    string    `json:"words_of,omitempty"`
	Channel   string    `json:"channel,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Scope     string    `json:"scope,omitempty"`
	Exception string    `json:"exception,omitempty"`
	Source    string    `json:"source,omitempty"`
}

func (k *kept) fields() []any {
	return []any{&k.Pack, &k.Item, &k.Choice, &k.Memo, db.At(&k.At), &k.By, &k.Revision, &k.Behalf, &k.Channel, &k.Reason, &k.Scope, &k.Exception, &k.Source}
}

// Export hands over every answer of a company with its history, as JSON and as a
// table. The evidence itself is among the files.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	const columns = "pack, item, choice, memo, answered_at, answered_by, revision, behalf_words, behalf_channel, reason, scope, exception, source"
	all, err := db.Rows(ctx, (*kept).fields, "SELECT "+columns+" FROM assess_answer WHERE org_id = ? UNION ALL SELECT "+columns+
		" FROM assess_answer_past WHERE org_id = ? ORDER BY 1, 2, 7", org, org)
	if err != nil {
		return err
	}
	accounts := map[string]bool{}
	for _, k := range all {
		accounts[k.By] = true
	}
	names, err := rm.names(ctx, accounts)
	if err != nil {
		return err
	}
	for i := range all {
		if name := names[all[i].By]; name != "" {
			all[i].By = name
		}
	}
	if err := rm.exportEvidence(ctx, org, add); err != nil {
		return err
	}
	err = add("answers.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(all) })
	if err != nil {
		return err
	}
	return add("answers.csv", func(w io.Writer) error { return writeKept(w, all) })
}

// keptEvidence is a piece of evidence as a company takes it with it; the file
// itself is among the files, under its id.
type keptEvidence struct {
	Evidence
	Pack   string
	Places []Place
}

// keptComment is what somebody said about an item.
type keptComment struct {
	Pack, Item, Words, By string
	At                    time.Time
}

func (rm *Room) exportEvidence(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	type row struct {
		Evidence
		at Place
	}
	fields := func(r *row) []any { return append(r.Evidence.fields(), &r.at.Pack, &r.at.Item) }
	all := []keptEvidence{}
	err := db.Each(ctx, fields, func(r row) error {
		if n := len(all); n == 0 || all[n-1].ID != r.ID {
			all = append(all, keptEvidence{Evidence: r.Evidence, Pack: r.at.Pack})
		}
		all[len(all)-1].Places = append(all[len(all)-1].Places, r.at)
		return nil
	}, `SELECT e.id, e.kind, e.form, e.blob_id, e.url, e.name, e.note, e.digest, e.sensitivity, e.collected_at, e.valid_until, e.collected_by, e.source, e.ref, e.against, p.pack, p.item
		FROM assess_evidence e JOIN assess_proof p ON p.evidence_id = e.id WHERE e.org_id = ? ORDER BY e.id, p.pack, p.item`, org)
	if err != nil {
		return err
	}
	said, err := db.Rows(ctx, func(c *keptComment) []any { return []any{&c.Pack, &c.Item, &c.Words, &c.By, db.At(&c.At)} },
		"SELECT pack, item, words, said_by, said_at FROM assess_comment WHERE org_id = ? ORDER BY said_at, id", org)
	if err != nil {
		return err
	}
	return errors.Join(
		add("evidence.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(all) }),
		add("comments.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(said) }))
}

func writeKept(w io.Writer, all []kept) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("\ufeff" + quoted([]string{"framework", "item", "answer", "memo", "answered_at", "answered_by"})) // the error stays in out
	for _, k := range all {
		_, _ = out.WriteString(quoted([]string{cell(k.Pack), cell(k.Item), cell(k.Choice), cell(k.Memo), k.At.Format(time.RFC3339), cell(k.By)}))
	}
	return out.Flush()
}

// Close removes every row of a company.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"assess_answer", "assess_answer_past", "assess_result", "assess_evidence", "assess_proof", "assess_reminder", "assess_mention", "assess_comment", "assess_statistics"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", org); err != nil {
				return err
			}
		}
		_, err := db.Exec(ctx, "DELETE FROM assess_peer_org WHERE org_id = ?", org)
		return err
	})
}
