package desk

import (
	"context"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func revisionText(n int) string { return strconv.Itoa(n) }

// readCode reads the code of a sheet as people type it.
func readCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(norm.NFKC.String(s)))
}

// sheetItems are the questions of a framework, each chapter named at its first.
func sheetItems(p *assess.Pack) []SheetItem {
	parts := map[string]i18n.Text{}
	for _, x := range p.Parts {
		parts[x.ID] = x.Title
	}
	var all []SheetItem
	for i, x := range p.Items {
		row := SheetItem{ID: x.ID, Number: x.Number, Question: x.Question}
		if i == 0 || p.Items[i-1].Part != x.Part {
			row.Part = parts[x.Part]
		}
		all = append(all, row)
	}
	return all
}

func sheetPack(p *assess.Pack) SheetPack {
	s := SheetPack{ID: p.ID, Title: p.Title, Items: sheetItems(p)}
	for _, c := range p.Choices {
		s.Choices = append(s.Choices, SheetChoice{c.Code, c.Label})
	}
	return s
}

// sheetFileIn names the case. Paper is for the owner and not for whoever prints
// it: plain Japanese unless easy is asked for.
type sheetFileIn struct {
	Org    org.ID `path:"org" json:"-"`
	Circle string `path:"circle" json:"-"`
	Case   string `path:"case" json:"-"`
	Pack   string `query:"framework" json:"-"`
	Easy   bool   `query:"easy" json:"-"`
}

func (rm *Room) sheetFile(ctx context.Context, in sheetFileIn) (web.File, error) {
	at := CaseIn{in.Org, in.Circle, in.Case}
	c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
	if err != nil {
		return web.File{}, err
	}
	p, err := rm.pack(in.Pack)
	if err != nil {
		return web.File{}, err
	}
	desk, err := rm.Org.NameOf(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	lang := i18n.JA
	if in.Easy {
		lang = i18n.Easy
	}
	doc, err := paperSheet{
		pack: sheetPack(p), company: c.Name, number: string(c.CorporateNumber), desk: desk,
		code: caseCode(c.ID), link: rm.PublicURL + at.path("/entry"), at: rm.Now(),
	}.doc(i18n.Into(ctx, rm.Texts.In(lang)))
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: "sheet-" + caseCode(c.ID) + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error {
		return doc.WriteTo(ctx, w)
	}}, nil
}

// errors lead from the head of the page to each field that has to be mended.
// keys: field.assess-behalf-words, field.assess-behalf-channel, field.assess-behalf-told, field.assess-memo-long, field.assess-memo-signs, field.assess-choice
func (v EntryView) errors() (all []ui.FieldError) {
	if v.bad == nil {
		return nil
	}
	for _, f := range v.bad.Fields {
		id := "f-" + f.Name
		if f.Name == "answers" && len(v.Rows) > 0 {
			id = v.Rows[0].id(1)
		}
		if item, ok := strings.CutPrefix(f.Name, "answers."); ok {
			id = "a-" + item + "-1"
		}
		all = append(all, ui.FieldError{ID: id, Text: ui.T("field."+f.Code, f.Args...)})
	}
	return all
}

func (v EntryView) fieldError(name string) ui.Words {
	if v.bad == nil {
		return nil
	}
	for _, f := range v.bad.Fields {
		if f.Name == name {
			return ui.T("field."+f.Code, f.Args...)
		}
	}
	return nil
}

func (r EntryRow) id(key int) string { return "a-" + r.Item + "-" + strconv.Itoa(key) }

func (v EntryView) channel() ui.FieldView {
	f := ui.FieldView{Kind: ui.FieldRadio, Name: "channel", Label: ui.T("desk.entry.channel"), Value: v.typed.Channel, Error: v.fieldError("channel")}
	for _, c := range assess.Channels() {
		// keys: desk.entry.channel.paper, desk.entry.channel.phone, desk.entry.channel.visit
		f.Options = append(f.Options, ui.Option{Value: c, Label: ui.T("desk.entry.channel." + c)})
	}
	return f
}

func (v EntryView) page(ctx context.Context) ui.Page {
	p := ui.Page{Title: i18n.T(ctx, "desk.entry.title", "name", v.Company), Room: ui.Tsunagaru, Scripts: []string{"sheet.js"}, Trail: []ui.Link{
		{Label: ui.T("desk.entry.desk"), URL: v.c.in().desk().path("")},
		{Label: ui.Plain(v.Company), URL: v.c.in().path("")},
		{Label: ui.T("desk.entry.short")},
	}}
	switch {
	case v.saved:
		p.Notice = &ui.NoticeView{Kind: ui.NoticeOK, Title: ui.T("desk.entry.saved"), Text: ui.T("ui.question.answered", "total", v.Total, "n", v.Answered),
			Link: &ui.Link{Label: ui.T("desk.entry.next"), URL: v.c.in().desk().path("/sheet")}}
	case v.bad != nil && len(v.bad.Fields) == 0:
		p.Notice = &ui.NoticeView{Kind: ui.NoticeWarn, Title: ui.T("problem."+v.bad.Code+".title", v.bad.Args...), Text: ui.T("problem."+v.bad.Code+".hint", v.bad.Args...)}
	}
	return p
}

// problem says that no sheet has the code.
func (v findSheetView) problem() ui.Words {
	if v.code == "" || v.found {
		return nil
	}
	return ui.T("desk.find.none")
}
