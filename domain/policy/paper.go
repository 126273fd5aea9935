package policy

import (
	"context"
	"io"
	"strconv"

	"github.com/minamori-project/minamori/format/docx"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/web"
)

// The document as files, in the language of the page.

func (rm *Room) pdfFile(ctx context.Context, in VersionIn) (web.File, error) {
	v, err := rm.showVersion(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	company, err := rm.Company(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: v.fileName(ctx) + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error {
		return v.pdf(ctx, company.Name).WriteTo(ctx, w)
	}}, nil
}

func (v View) pdf(ctx context.Context, company string) *pdf.Doc {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	lang := i18n.From(ctx).Lang
	d := pdf.New(pdf.Options{
		Title: v.Title, Author: company, Lang: lang.HTML(), Now: v.now,
		Footer: func(page int) string { return t("policy.file.foot", "n", v.Shown.Number, "page", page) },
		// The marks {n}, {codes} and {char} are filled in by pdf.
		Substitutes: pdf.Substitutes{
			Title:   t("policy.file.substitutes"),
			Missing: t("policy.file.missing", "n", "{n}", "codes", "{codes}"),
			Form:    t("policy.file.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	d.Heading(1, v.Title)
	d.Note(v.stamp(ctx))
	for _, c := range v.Sections {
		if c.JA == "" {
			continue
		}
		d.Heading(2, c.numbered(lang))
		for _, line := range lines(c.body(lang)) {
			d.Text(line)
		}
	}
	d.Space(4)
	d.Note(t("policy.digest") + v.Shown.Digest)
	return d
}

func (c Chapter) numbered(lang i18n.Lang) string {
	if lang == i18n.EN {
		return strconv.Itoa(c.place) + ". " + c.title(lang)
	}
	return strconv.Itoa(c.place) + "　" + c.title(lang)
}

// stamp says which version it is and that it is none in force.
func (v View) stamp(ctx context.Context) string {
	switch v.Shown.State {
	case Approved:
		return i18n.T(ctx, "policy.now.approved", "n", v.Shown.Number, "date", i18n.Date(ctx, v.Shown.Approved))
	case Draft:
		return i18n.T(ctx, "policy.now.draft", "n", v.Shown.Number)
	case Replaced:
		return i18n.T(ctx, "policy.now.replaced", "n", v.Shown.Number)
	}
	return i18n.T(ctx, "policy.now.withdrawn", "n", v.Shown.Number)
}

func (v View) fileName(ctx context.Context) string {
	return v.Title + "_" + i18n.T(ctx, "policy.version", "n", v.Shown.Number)
}

func (rm *Room) docxFile(ctx context.Context, in VersionIn) (web.File, error) {
	v, err := rm.showVersion(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	company, err := rm.Company(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	const kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	return web.File{Name: v.fileName(ctx) + ".docx", Type: kind, Write: func(w io.Writer) error {
		_, err := v.docx(ctx, company.Name).WriteTo(w)
		return err
	}}, nil
}

// docx numbers the paragraphs of rules, so that people can point at one.
func (v View) docx(ctx context.Context, company string) *docx.Doc {
	lang := i18n.From(ctx).Lang
	tag := "ja-JP"
	if lang == i18n.EN {
		tag = "en-GB"
	}
	at := v.Shown.Changed
	if !v.Shown.Approved.IsZero() {
		at = v.Shown.Approved
	}
	d := docx.New(docx.Properties{Title: v.Title, Creator: company, Lang: tag, Created: at, Footer: i18n.T(ctx, "policy.version", "n", v.Shown.Number)})
	d.Title(v.Title)
	if v.Shown.State != Approved {
		d.Right(v.stamp(ctx))
	}
	for _, c := range v.Sections {
		if c.JA == "" {
			continue
		}
		d.Heading(1, c.numbered(lang))
		if v.template.Kind == "rules" {
			d.Numbered(lines(c.body(lang)))
			continue
		}
		for _, line := range lines(c.body(lang)) {
			d.Paragraph(line)
		}
	}
	return d
}

func (rm *Room) showPublic(ctx context.Context, in PublicIn) (PublicView, error) {
	d, version, err := rm.open(ctx, in.Public)
	if err != nil {
		return PublicView{}, err
	}
	t, err := rm.template(d.Template)
	if err != nil {
		return PublicView{}, err
	}
	lang := i18n.From(ctx).Lang
	v := PublicView{
		Title: t.Title.in(lang), Company: t.fill("{company}", lang, version.Settings), Approved: i18n.ISO(version.Approved), Version: version.Number, version: version, template: t,
	}
	v.chapters, err = chaptersOf(ctx, d.Org, version.ID)
	for _, c := range v.chapters {
		if c.JA != "" {
			v.Sections = append(v.Sections, PublicSection{c.TitleJA, c.TitleEN, c.JA, c.EN})
		}
	}
	return v, err
}
