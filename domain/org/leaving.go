package org

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Ending is something that ends when somebody leaves.
// keys: org.ending.*
type Ending struct {
	Kind string `json:"kind"` // names the text org.ending.<kind>
	Name string `json:"name"` // what it is called; never a secret
}

// words says an ending on a page.
func (e Ending) words() ui.Words {
	if e.Name == "" {
		return ui.T("org.ending." + e.Kind)
	}
	return ui.Join(ui.T("org.ending."+e.Kind), ui.Plain("　"+e.Name))
}

// Endings lists what would end if an account left the organisation: what this
// room keeps, and what the others say.
func (rm *Room) Endings(ctx context.Context, id ID, account string) ([]Ending, error) {
	all := []Ending{{Kind: "role"}}
	addresses, err := db.Rows(ctx, text, `
		SELECT email FROM org_invitation WHERE org_id = ? AND invited_by = ? AND used_at IS NULL AND revoked_at IS NULL AND expires > ?
		ORDER BY created, id`, id, account, rm.now())
	for _, a := range addresses {
		all = append(all, Ending{"invitation", a})
	}
	if err != nil {
		return nil, err
	}
	circles, err := db.Rows(ctx, text, `
		SELECT c.name FROM org_circle_code k JOIN org_circle c ON c.id = k.circle_id
		WHERE k.org_id = ? AND k.made_by IN (?, '') AND k.used_at IS NULL AND k.expires > ? ORDER BY k.created, k.id`, id, account, rm.now())
	for _, c := range circles {
		all = append(all, Ending{"circle-code", c})
	}
	if err != nil || rm.Ends == nil {
		return all, err
	}
	more, err := rm.Ends(ctx, id, account)
	return append(all, more...), err
}

func text(s *string) []any { return []any{s} }

// revokeCodes ends the codes for circles that somebody made and that wait; of
// those made before anybody was noted, all of the organisation.
func (rm *Room) revokeCodes(ctx context.Context, id ID, account string) error {
	_, err := db.Exec(ctx, "DELETE FROM org_circle_code WHERE org_id = ? AND made_by IN (?, '') AND used_at IS NULL", id, account)
	return err
}

// handoverEntries bounds what a sheet lists of somebody's acts.
const handoverEntries = 400

// handover is the sheet for whoever takes over from somebody: what he did and
// what of his waits. It names things and holds no secret.
func (rm *Room) handover(ctx context.Context, in PersonIn) (web.File, error) {
	m, err := member(ctx, in.Org, in.Account)
	if err != nil {
		return web.File{}, err
	}
	o, err := rm.ByID(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	people, err := rm.Accounts(ctx, []string{in.Account})
	if err != nil {
		return web.File{}, err
	}
	ends, err := rm.Endings(ctx, in.Org, in.Account)
	if err != nil {
		return web.File{}, err
	}
	entries, err := journal.ByActor(ctx, string(in.Org), in.Account, handoverEntries)
	doc := handoverSheet(ctx, handover{o, people[in.Account].Name, m, ends, entries, rm.now()})
	return web.File{Name: i18n.T(ctx, "org.handover.file") + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error {
		return doc.WriteTo(ctx, w)
	}}, err
}

type handover struct {
	company Organisation
	name    string
	member  Member
	ends    []Ending
	entries []journal.Entry
	now     time.Time
}

func handoverSheet(ctx context.Context, h handover) *pdf.Doc {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	d := pdf.New(pdf.Options{
		Title: t("org.handover.title"), Author: h.company.Name, Lang: i18n.From(ctx).Lang.HTML(), Now: h.now,
		Footer: func(page int) string { return t("org.handover.foot", "page", page) },
		Substitutes: pdf.Substitutes{
			Title:   t("org.pdf.substitutes"),
			Missing: t("org.pdf.missing", "n", "{n}", "codes", "{codes}"),
			Form:    t("org.pdf.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	d.Heading(1, t("org.handover.title"))
	d.Note(h.company.Name + "　" + h.company.Number() + "　" + i18n.Date(ctx, h.now))
	d.Text(t("org.handover.who", "name", h.name, "role", t("org.role."+h.member.Role.String()), "date", i18n.Date(ctx, h.member.Since)))
	d.Heading(2, t("org.handover.ends"))
	var lines []string
	for _, e := range h.ends {
		lines = append(lines, strings.TrimSpace(t("org.ending."+e.Kind)+"　"+e.Name))
	}
	d.List(lines)
	d.Heading(2, t("org.handover.did"))
	d.Table([]pdf.Column{{Title: t("org.journal.when"), Width: 40}, {Title: t("org.journal.what")}}, didRows(ctx, h.entries))
	d.Heading(2, t("org.handover.next"))
	d.Text(t("org.handover.next.what"))
	d.Stamp(t("org.handover.from"), t("org.handover.to"))
	return d
}

func didRows(ctx context.Context, entries []journal.Entry) (rows [][]string) {
	var v JournalView
	for _, e := range entries {
		rows = append(rows, []string{i18n.Date(ctx, e.At), v.said(ctx, e)})
	}
	return rows
}

// said is happened without readings, for paper.
func (v JournalView) said(ctx context.Context, e journal.Entry) string {
	key := "journal.verb." + e.Verb
	if !i18n.From(ctx).Has(key) {
		return i18n.T(ctx, "org.journal.other", "verb", e.Verb)
	}
	return i18n.T(ctx, key, "item", e.Subject[strings.LastIndexByte(e.Subject, '/')+1:])
}
