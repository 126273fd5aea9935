package org

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) journalRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/journal", web.Manager, "Show what happened in the organisation, newest first.", rm.showJournal, journalPage),
		web.GetFile("/orgs/{org}/journal/export", web.Manager, "Download the whole journal, its head first, one JSON object per line.", rm.exportJournal, web.StepUp),
		web.GetFile("/orgs/{org}/journal/head", web.Manager, "Download the end of the journal's chain.", rm.journalHead),
	}
}

// JournalIn asks for a page of the journal.
type JournalIn struct {
	Org    ID    `path:"org"`
	Before int64 `query:"before"`
}

// JournalView is a page of the journal.
type JournalView struct {
	Entries []journal.Entry `json:"entries"`
	Head    journal.Head    `json:"head"`
	Next    int64           `json:"before,omitempty"` // to be passed as before; 0 on the last page

	org   ID
	first bool
	names map[string]Person
}

func (rm *Room) showJournal(ctx context.Context, in JournalIn) (v JournalView, err error) {
	v.org, v.first = in.Org, in.Before <= 0
	if v.Head, err = journal.HeadOf(ctx, string(in.Org)); err != nil {
		return v, err
	}
	if v.Entries, err = journal.Before(ctx, string(in.Org), in.Before, pageSize+1); err != nil {
		return v, err
	}
	var more bool
	if v.Entries, more = cutPage(v.Entries); more {
		v.Next = v.Entries[len(v.Entries)-1].Seq
	}
	v.names, err = rm.Accounts(ctx, accountsOf(v.Entries))
	return v, err
}

// accountsOf lists who acted and who was acted upon.
func accountsOf(entries []journal.Entry) []string {
	seen := map[string]bool{"system": true}
	var all []string
	add := func(account string) {
		if !seen[account] {
			seen[account] = true
			all = append(all, account)
		}
	}
	for _, e := range entries {
		add(e.Actor)
		if aboutPerson(e) {
			add(e.Subject)
		}
	}
	return all
}

// aboutPerson says that the subject of an entry is an account other than the
// actor's.
func aboutPerson(e journal.Entry) bool {
	switch e.Verb {
	case "org.joined", "org.role-changed", "org.member-removed":
		return e.Subject != e.Actor
	}
	return false
}

func (v JournalView) table(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("org.journal.caption"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "org.journal.what"}, {Key: "org.journal.who"}, {Key: "org.journal.when"}},
		Empty:   &ui.EmptyView{Title: ui.T("org.journal.empty"), Why: ui.T("org.journal.empty.why")},
	}
	for _, e := range v.Entries {
		t.Rows = append(t.Rows, []ui.Words{v.happened(ctx, e), v.who(e.Actor), ui.Plain(moment(ctx, e.At))})
	}
	if v.Next > 0 {
		t.NextURL = v.org.path("/journal?before=" + strconv.FormatInt(v.Next, 10))
	}
	if !v.first {
		t.FirstURL = v.org.path("/journal")
	}
	return t
}

// happened says an entry in words; other rooms bring texts for their verbs, in
// which {item} is the last part of the subject.
// keys: journal.verb.*
func (v JournalView) happened(ctx context.Context, e journal.Entry) ui.Words {
	key := "journal.verb." + e.Verb
	if !i18n.From(ctx).Has(key) {
		return ui.T("org.journal.other", "verb", e.Verb)
	}
	said := ui.T(key, "item", e.Subject[strings.LastIndexByte(e.Subject, '/')+1:])
	var w words
	if e.Erased || json.Unmarshal(e.Body, &w) != nil {
		return said
	}
	parts := []ui.Words{said}
	if aboutPerson(e) {
		parts = append(parts, ui.Plain("　"), v.who(e.Subject))
	}
	if w.Name != "" {
		parts = append(parts, ui.Plain("　"+w.Name))
	}
	if r := web.RoleNamed(w.Role); r.InOrganisation() {
		parts = append(parts, ui.Plain("　"), ui.T("org.role."+r.String()))
	}
	return ui.Join(parts...)
}

func (v JournalView) who(actor string) ui.Words {
	if actor == "system" {
		return ui.T("org.journal.system")
	}
	if p, ok := v.names[actor]; ok && p.Name != "" {
		return ui.Plain(p.Name)
	}
	return ui.T("org.journal.gone")
}

func moment(ctx context.Context, at time.Time) string {
	return i18n.Date(ctx, at) + " " + i18n.Clock(ctx, at)
}

// exportJournal puts the head first, so that a file that was cut is not taken
// for a whole one.
func (rm *Room) exportJournal(ctx context.Context, in OrgIn) (web.File, error) {
	head, err := journal.HeadOf(ctx, string(in.Org))
	return web.File{Name: "journal.ndjson", Type: "application/x-ndjson", Write: func(w io.Writer) error {
		lines := json.NewEncoder(w)
		if err := lines.Encode(head); err != nil {
			return err
		}
		return journal.Export(ctx, string(in.Org), func(e journal.Entry) error { return lines.Encode(e) })
	}}, err
}

func (rm *Room) journalHead(ctx context.Context, in OrgIn) (web.File, error) {
	head, err := journal.HeadOf(ctx, string(in.Org))
	return web.File{Name: "journal-head.json", Type: "application/json", Write: func(w io.Writer) error {
		return json.NewEncoder(w).Encode(head)
	}}, err
}
