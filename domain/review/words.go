package review

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// What pages say of the views.

func lines(s string) []string { return strings.Split(s, "\n") }

func short(digest string) string { return digest[:min(12, len(digest))] + "…" }

func nameOr(name string) ui.Words {
	if name == "" {
		return ui.T("review.name.erased")
	}
	return ui.Plain(name)
}

var statusOf = map[assess.State]ui.StatusKind{
	assess.Shown: ui.Proof, assess.Word: ui.Met, assess.Expired: ui.Expired, assess.PartlyMet: ui.Partly, assess.NotMet: ui.NotMet,
	assess.NotKnown: ui.Unknown, assess.Inapplicable: ui.NotApplicable,
}

// stateSign is a state with its shape. What has no answer is not assessed, which is
// not the same as unknown.
func stateSign(s assess.State) ui.Words {
	if k, ok := statusOf[s]; ok {
		return ui.Status(k)
	}
	return ui.StatusAs(ui.Unknown, ui.T("review.open"))
}

func (v ListView) table(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("review.page"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "review.col.number"}, {Key: "review.col.framework"}, {Key: "review.col.at"}, {Key: "review.col.state"}},
		Empty:   &ui.EmptyView{Title: ui.T("review.none"), Why: ui.T("review.none.why")},
	}
	for _, s := range v.Snapshots {
		t.Rows = append(t.Rows, []ui.Words{
			link(snapshotPath(v.org, s.ID), ui.T("review.named", "number", s.Number)), ui.Plain(s.Title), ui.Plain(i18n.Date(ctx, s.At)), ui.T("review.state." + s.State),
		})
	}
	if v.next != "" {
		t.NextURL = snapshotsPath(v.org) + "?after=" + v.next
	}
	if v.back {
		t.FirstURL = snapshotsPath(v.org)
	}
	return t
}

func (v newView) options() (all []ui.Option) {
	for _, p := range v.packs {
		all = append(all, ui.Option{
			Value: p.ID, Label: ui.Rich(p.Title), Chosen: p.ID == v.typed.Pack,
			Hint: ui.T("review.new.answered", "answered", v.answer[p.ID], "total", len(p.Items)),
		})
	}
	return all
}

func (v SnapshotView) pairs(ctx context.Context) []ui.Pair {
	all := []ui.Pair{
		{Key: ui.T("org.company"), Value: nameOr(v.Company)},
		{Key: ui.T("org.number"), Value: ui.Plain(v.Corporate)},
		{Key: ui.T("review.col.framework"), Value: ui.Plain(v.Title + "　" + v.Edition)},
		{Key: ui.T("review.col.at"), Value: ui.Plain(i18n.Date(ctx, v.At) + " " + i18n.Clock(ctx, v.At))},
		{Key: ui.T("review.by"), Value: nameOr(v.By)},
		{Key: ui.T("review.col.state"), Value: ui.T("review.state." + v.State)},
	}
	if !v.verified {
		all = append(all, ui.Pair{Key: ui.T("review.source"), Value: ui.T("review.source.unverified")})
	}
	return all
}

// lead says what comes next, where something does.
func (v SnapshotView) lead() ui.Words {
	switch {
	case v.State == stateConfirmed && !v.star:
		return ui.T("review.lead.looked")
	case v.State == stateFrozen && !v.confirmable:
		return ui.T("review.lead.kept")
	}
	return ui.T("review.lead." + v.State)
}

// onPaper is the view for print: open, and without what can be done.
func (v SnapshotView) onPaper() SnapshotView {
	v.paper, v.role = true, web.Viewer
	return v
}

func (v SnapshotView) acts() []ui.ButtonView {
	at := snapshotPath(v.org, v.ID)
	var all []ui.ButtonView
	if v.star && v.role == web.Owner && v.State == stateConfirmed {
		all = append(all, ui.ButtonView{Label: ui.T("review.oath.go"), URL: at + "/oath"})
	}
	if v.confirmable && v.role >= web.Manager && v.State != stateWithdrawn {
		kind := ui.ButtonSecond
		if v.State == stateFrozen {
			kind = ""
		}
		all = append(all, ui.ButtonView{Kind: kind, Label: ui.T("review.invite"), Icon: "mail", URL: at + "/specialists/new"})
	}
	return append(all,
		ui.ButtonView{Kind: ui.ButtonSecond, Label: ui.T("review.print"), Icon: "print", URL: at + "/print"},
		ui.ButtonView{Kind: ui.ButtonSecond, Label: ui.T("review.json"), URL: at + "/record.json"},
		ui.ButtonView{Kind: ui.ButtonSecond, Label: ui.T("review.compare"), URL: at + "/compare"},
	)
}

func (v SnapshotView) endings() (all []ui.ButtonView) {
	at := snapshotPath(v.org, v.ID)
	if v.State != stateWithdrawn {
		all = append(all, ui.ButtonView{Kind: ui.ButtonDanger, Label: ui.T("review.withdraw"), URL: at + "/withdraw"})
	}
	if v.role == web.Owner {
		all = append(all, ui.ButtonView{Kind: ui.ButtonDanger, Label: ui.T("review.erase"), URL: at + "/erase"})
	}
	return all
}

func (v SnapshotView) withdrawal() ui.ConfirmView {
	at := snapshotPath(v.org, v.ID)
	return ui.ConfirmView{
		Title:        ui.T("review.withdraw.title", "number", v.Number),
		Consequences: []ui.Words{ui.T("review.withdraw.seats"), ui.T("review.withdraw.records"), ui.T("review.withdraw.stays")},
		Action:       at + "/withdraw", Yes: ui.T("review.withdraw"), Danger: true, No: ui.Link{Label: ui.T("review.back"), URL: at},
	}
}

func (v SnapshotView) erasure() ui.ConfirmView {
	at := snapshotPath(v.org, v.ID)
	return ui.ConfirmView{
		Title:        ui.T("review.erase.title", "number", v.Number),
		Consequences: []ui.Words{ui.T("review.erase.gone"), ui.T("review.erase.stays"), ui.T("review.erase.final")},
		Action:       at + "/erase", Yes: ui.T("review.erase"), Danger: true, No: ui.Link{Label: ui.T("review.back"), URL: at},
	}
}

// keys: review.open
func (v SnapshotView) facts() (all []ui.Fact) {
	for _, s := range assess.States() {
		if n := v.Tally.Of(s); n > 0 {
			all = append(all, ui.Fact{Name: stateSign(s), Number: ui.Plain(i18n.Number(n))})
		}
	}
	return all
}

func (v SnapshotView) table(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("review.items"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "review.col.item"}, {Key: "review.col.state"}, {Key: "review.col.words"}, {Key: "review.col.evidence"}},
	}
	for _, x := range v.Items {
		t.Rows = append(t.Rows, []ui.Words{ui.Plain(x.Sign + " " + x.Title), stateSign(x.State), x.words(ctx), evidence(x.Evidence, "")})
	}
	return t
}

// words is what was written about an item, or a dash.
func (x ItemView) words(context.Context) ui.Words {
	if x.Words.Memo == "" && len(x.pairs()) == 0 {
		return ui.Plain("–")
	}
	return itemWords(x)
}

// keys: review.from.mapped, review.from.helper, review.from.imported, review.from.check
func (x ItemView) pairs() (all []ui.Pair) {
	for _, p := range []struct{ key, said string }{
		{"review.reason", x.Words.Reason}, {"review.covers", x.Words.Scope}, {"review.except", x.Words.Exception}, {"review.told", x.Words.Told},
	} {
		if p.said != "" {
			all = append(all, ui.Pair{Key: ui.T(p.key), Value: ui.Plain(p.said)})
		}
	}
	if x.Source != "" {
		all = append(all, ui.Pair{Key: ui.T("review.from." + x.Source), Value: ui.Plain(x.Words.Source)})
	}
	return all
}

func (c ConfirmationView) closeTies() (all []string) {
	for _, tie := range c.Ties {
		if tie != TieNone {
			all = append(all, tie)
		}
	}
	return all
}

func (c ConfirmationView) pairs(ctx context.Context) []ui.Pair {
	place := ui.T("review.outside")
	if c.Inside {
		place = ui.T("review.inside")
	}
	all := []ui.Pair{
		{Key: ui.T("review.confirmed.at"), Value: ui.Plain(i18n.Date(ctx, c.At))},
		{Key: ui.T("review.qualification"), Value: c.title},
		{Key: ui.T("review.number"), Value: nameOr(c.Registered)},
		{Key: ui.T("review.place"), Value: place},
		{Key: ui.T("review.found"), Value: ui.T("review.found.n", "confirmed", c.Confirmed, "not", c.NotConfirmed, "untouched", c.Untouched)},
	}
	if c.Expires != "" {
		all = append(all, ui.Pair{Key: ui.T("review.expires"), Value: ui.Plain(dayShown(ctx, c.Expires))})
	}
	if c.Checked && c.CheckedAt != nil {
		all = append(all, ui.Pair{Key: ui.T("review.checked.by"), Value: ui.T("review.checked", "body", c.CheckedBy, "date", i18n.Date(ctx, *c.CheckedAt))})
	}
	return all
}

// keys: review.verdict.confirmed, review.verdict.not_confirmed, review.verdict.none
func verdictWords(verdict string) ui.Words {
	if verdict == "" {
		return ui.T("review.verdict.none")
	}
	return ui.T("review.verdict." + verdict)
}

func (c ConfirmationView) table(v SnapshotView) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("review.findings"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "review.col.item"}, {Key: "review.col.found"}, {Key: "review.col.advice"}},
	}
	title := map[string]string{}
	for _, x := range v.Items {
		title[x.Item] = x.Sign + " " + x.Title
	}
	for _, f := range c.Findings {
		if f.Verdict != "" || f.Advice != "" {
			t.Rows = append(t.Rows, []ui.Words{ui.Plain(title[f.Item]), verdictWords(f.Verdict), finding(f)})
		}
	}
	return t
}

func dayShown(ctx context.Context, day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, i18n.Tokyo)
	if err != nil {
		return day
	}
	return i18n.Date(ctx, t)
}

func (s SeatView) who() ui.Words {
	switch {
	case s.Name != "":
		return ui.Plain(s.Name)
	case s.Email != "":
		return ui.Plain(s.Email)
	}
	return ui.T("review.name.erased")
}

func (v SnapshotView) looks(ctx context.Context, seat string) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("review.looks"), Stack: true,
		Columns: []ui.Column{{Key: "review.looks.day"}, {Key: "review.looks.what"}, {Key: "review.looks.n", Number: true}, {Key: "review.looks.last"}},
	}
	for _, l := range v.Looks {
		if l.Seat == seat {
			t.Rows = append(t.Rows, []ui.Words{
				ui.Plain(dayShown(ctx, l.Day)), ui.T("review.page." + l.Page), ui.Plain(i18n.Number(l.Looks)), ui.Plain(i18n.Clock(ctx, l.Last)),
			})
		}
	}
	return t
}

func (v CompareView) tallies(ctx context.Context) ui.TableView {
	t := ui.TableView{Caption: ui.T("review.stand"), Stack: true, Columns: []ui.Column{
		{Key: "review.col.state"}, {Name: i18n.T(ctx, "review.named", "number", v.Older.Number), Number: true}, {Name: i18n.T(ctx, "review.named", "number", v.Newer.Number), Number: true},
	}}
	for _, s := range assess.States() {
		if was, is := v.Was.Of(s), v.Is.Of(s); was+is > 0 {
			t.Rows = append(t.Rows, []ui.Words{stateSign(s), ui.Plain(i18n.Number(was)), ui.Plain(i18n.Number(is))})
		}
	}
	return t
}

func (v CompareView) table() ui.TableView {
	t := ui.TableView{
		Caption: ui.T("review.compare"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "review.col.item"}, {Key: "review.col.was"}, {Key: "review.col.is"}, {Key: "review.col.also"}},
		Empty:   &ui.EmptyView{Title: ui.T("review.compare.same")},
	}
	for _, c := range v.Changes {
		also := ui.Plain("–")
		switch {
		case c.Words && c.Evidence:
			also = ui.T("review.compare.both")
		case c.Words:
			also = ui.T("review.compare.words")
		case c.Evidence:
			also = ui.T("review.compare.evidence")
		}
		was := ui.Plain("–")
		if c.Was != "" {
			was = stateSign(c.Was)
		}
		t.Rows = append(t.Rows, []ui.Words{ui.Plain(c.Sign + " " + c.Title), was, stateSign(c.Is), also})
	}
	return t
}

// group is a requirement on the specialist's page.
type group struct {
	id    string
	title ui.Words
	items []ItemView
}

func (v SeatPageView) groups(context.Context) (all []group) {
	titles := map[string]ui.Words{}
	if v.pack != nil {
		for _, r := range v.pack.Requirements {
			titles[r.ID] = ui.Join(ui.Plain(r.ID+" "), ui.Rich(r.Title))
		}
	}
	for _, x := range v.Items {
		id := x.facts.Requirement
		if len(all) == 0 || all[len(all)-1].id != "part-"+id {
			title := titles[id]
			if title == nil {
				title = ui.T("review.items")
			}
			all = append(all, group{id: "part-" + id, title: title})
		}
		g := &all[len(all)-1]
		g.items = append(g.items, x)
	}
	return all
}

func (v SeatPageView) fileBase(item string) string {
	if !v.Files {
		return ""
	}
	return seatPath(v.Seat) + "/items/" + item + "/evidence/"
}

func verdicts(chosen string) (all []ui.Option) {
	for _, code := range []string{Confirmed, NotConfirmed, ""} {
		all = append(all, ui.Option{Value: code, Label: verdictWords(code), Chosen: code == chosen})
	}
	return all
}

func (v confirmView) options() (all []ui.Option) {
	for _, q := range v.qualifications {
		o := ui.Option{Value: q.Code, Label: ui.Rich(q.Title), Chosen: q.Code == v.typed.Qualification}
		if q.Training {
			o.Hint = ui.T("review.qualification.training")
		}
		all = append(all, o)
	}
	return all
}

// keys: review.tie.say.none, review.tie.say.paid, review.tie.say.group, review.tie.say.employee
func (v confirmView) ties() (all []ui.Option) {
	for _, tie := range Ties() {
		if v.inside && tie == TieNone {
			continue // what is known he need not deny
		}
		all = append(all, ui.Option{Value: tie, Label: ui.T("review.tie.say." + tie), Chosen: tie == v.typed.Tie})
	}
	return all
}

func (v ReviewingView) codes(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("review.reviewing.qualifications"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "review.qualification"}, {Key: "review.number"}, {Key: "review.checked.by"}, {Key: "review.checks.code"}},
	}
	for _, q := range v.Qualifications {
		by := ui.T("review.unchecked")
		if q.CheckedBy != "" && q.CheckedAt != nil {
			by = ui.T("review.checked", "body", q.CheckedBy, "date", i18n.Date(ctx, *q.CheckedAt))
		}
		t.Rows = append(t.Rows, []ui.Words{v.rm.qualificationWords(q.Qualification), ui.Plain(q.Number), by, ui.Plain(q.Code)})
	}
	return t
}

// qualificationWords is what a qualification is called in the reader's register.
func (rm *Room) qualificationWords(code string) ui.Words {
	if q := rm.qualification(code); q != nil {
		return ui.Rich(q.Title)
	}
	return ui.Plain(code)
}

func (p ProposalView) helper(ctx context.Context) string {
	if p.Helper == "" {
		return i18n.T(ctx, "review.name.erased")
	}
	return p.Helper
}

func (p ProposalView) revision() string { return strconv.Itoa(p.Revision) }

func (p ProposalView) pairs() []ui.Pair {
	now := ui.T("review.open")
	if p.Now != "" {
		now = ui.Plain(p.NowWord)
	}
	all := []ui.Pair{{Key: ui.T("review.proposals.now"), Value: now}}
	if p.NowMemo != "" {
		all = append(all, ui.Pair{Key: ui.T("review.proposals.memo"), Value: ui.Plain(p.NowMemo)})
	}
	return append(all, ui.Pair{Key: ui.T("review.proposals.proposed"), Value: ui.Plain(p.Word)})
}

func (v ProposalsView) words(p ProposalView) string {
	if v.problem != nil && v.typed.Proposal == p.ID && v.typed.Words != "" {
		return v.typed.Words
	}
	return p.Words
}

func (v ProposalsView) reasonProblem(p ProposalView) ui.Words {
	if v.typed.Proposal != p.ID {
		return nil
	}
	return ui.FieldProblem(v.problem, "reason")
}

// keys: review.proposals.accepted, review.proposals.refused
func (v ProposalsView) decided(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("review.proposals.decided"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "review.col.item"}, {Key: "review.proposals.proposed"}, {Key: "review.proposals.decision"}, {Key: "review.proposals.reason"}},
	}
	for _, p := range v.Decided {
		at := ""
		if p.Decided != nil {
			at = "　" + i18n.Date(ctx, *p.Decided)
		}
		t.Rows = append(t.Rows, []ui.Words{
			ui.Plain(p.Title), ui.Plain(p.Word + "（" + p.helper(ctx) + "）"), ui.Join(ui.T("review.proposals."+p.State), ui.Plain(at+"　"+p.By)), ui.Plain(p.Reason),
		})
	}
	return t
}

func (c CheckRow) pairs(ctx context.Context, rm *Room) []ui.Pair {
	return []ui.Pair{
		{Key: ui.T("review.qualification"), Value: rm.qualificationWords(c.Qualification)},
		{Key: ui.T("review.number"), Value: ui.Plain(c.Number)},
		{Key: ui.T("review.checks.at"), Value: ui.Plain(i18n.Date(ctx, c.At))},
		{Key: ui.T("review.held.how"), Value: ui.Plain(c.How)},
	}
}

func (v heldView) pairs() []ui.Pair {
	return []ui.Pair{
		{Key: ui.T("review.name"), Value: ui.Plain(v.said.Name)},
		{Key: ui.T("review.qualification"), Value: v.rm.qualificationWords(v.said.Code)},
		{Key: ui.T("review.number"), Value: ui.Plain(v.said.Number)},
	}
}
