package approval

import (
	"context"
	"io"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/web"
)

// pdfFile is the sheet for printing. It binds, so that it stands in plain
// Japanese whatever the reader has chosen; the page explains it in his words.
func (rm *Room) pdfFile(ctx context.Context, in SheetIn) (web.File, error) {
	s, err := sheetOf(ctx, in.Org, in.Sheet)
	if err != nil {
		return web.File{}, err
	}
	if s.Phase(rm.Now()) != Waiting {
		return web.File{}, rm.over(s)
	}
	company, err := rm.Organisation(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	ctx = i18n.Into(ctx, rm.Texts.In(i18n.JA))
	doc := rm.paper(ctx, s, company.Name, company.Number())
	return web.File{Name: i18n.T(ctx, "approval.pdf.file", "number", s.Short()) + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error {
		return doc.WriteTo(ctx, w)
	}}, nil
}

func (rm *Room) paper(ctx context.Context, s Sheet, company, number string) *pdf.Doc {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	d := pdf.New(pdf.Options{
		Title: t("approval.pdf.title"), Author: company, Lang: i18n.From(ctx).Lang.HTML(), Now: s.Created,
		Footer: func(page int) string { return t("approval.pdf.foot", "number", s.Short(), "page", page) },
		Substitutes: pdf.Substitutes{
			Title:   t("approval.pdf.substitutes"),
			Missing: t("approval.pdf.missing", "n", "{n}", "codes", "{codes}"),
			Form:    t("approval.pdf.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	d.Heading(1, t("approval.pdf.title"))
	d.Note(t("approval.pdf.number", "number", s.Short()) + "　" + i18n.Date(ctx, s.Created))
	d.Text(t("approval.pdf.company", "company", company, "number", number))
	d.Heading(2, t("approval.pdf.what", "act", t("approval.act."+s.Act)))
	d.List(s.Sentences)
	d.Text(t("approval.pdf.until", "date", i18n.Date(ctx, s.Expires)))
	d.Heading(2, t("approval.pdf.sign"))
	d.Text(t("approval.pdf.sign.how"))
	d.Space(4)
	d.Figure(170, 48, func(c pdf.Canvas) {
		signatureLines(c, t("approval.pdf.day"), t("approval.pdf.post"), t("approval.pdf.name"))
	})
	d.Note(t("approval.pdf.refuse"))
	return d
}

// signatureLines draws three lines to write on, each with what belongs there.
func signatureLines(c pdf.Canvas, labels ...string) {
	for i, label := range labels {
		y := 12 + 16*float64(i)
		c.TextAt(0, y, label, pdf.Lettering{Size: 11})
		c.Line(58, y+1, 165, y+1, pdf.Pen{Width: 0.3})
	}
}
