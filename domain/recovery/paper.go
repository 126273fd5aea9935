package recovery

import (
	"context"
	"io"
	"strings"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// SheetIn is the sealed code that was just shown: it is kept nowhere, so that the
// page that shows it sends it along.
type SheetIn struct {
	Org  org.ID `path:"org" json:"-"`
	Code string `json:"code"`
}

func (rm *Room) sheetFile(ctx context.Context, in SheetIn) (f web.File, err error) {
	return f, rm.DB.Read(ctx, func(ctx context.Context) error {
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM recovery_code WHERE org_id = ? AND hash = ?", in.Org, hashOf(in.Code))
		if err == nil && n == 0 {
			err = problem.NotFound()
		}
		if err != nil {
			return err
		}
		company, err := rm.Org.ByID(ctx, in.Org)
		f = rm.file(ctx, "recovery.sheet.title", func(ctx context.Context, d *pdf.Doc) { rm.sheet(ctx, d, company, in.Code) })
		return err
	})
}

// file sets a document of one page in plain Japanese.
func (rm *Room) file(ctx context.Context, title string, set func(ctx context.Context, d *pdf.Doc)) web.File {
	ctx = i18n.Into(ctx, rm.Texts.In(i18n.JA))
	d := pdf.New(pdf.Options{
		Title: i18n.T(ctx, title), Lang: i18n.From(ctx).Lang.HTML(), Now: rm.Now(),
		Substitutes: pdf.Substitutes{
			Title:   i18n.T(ctx, "recovery.pdf.substitutes"),
			Missing: i18n.T(ctx, "recovery.pdf.missing", "n", "{n}", "codes", "{codes}"),
			Form:    i18n.T(ctx, "recovery.pdf.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	set(ctx, d)
	return web.File{Name: i18n.T(ctx, title) + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error { return d.WriteTo(ctx, w) }}
}

// sheet is folded twice, so that the code lies inside, and closed.
// keys: recovery.sheet.title, recovery.letter.title
func (rm *Room) sheet(ctx context.Context, d *pdf.Doc, company org.Organisation, code string) {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	d.Heading(1, t("recovery.sheet.title"))
	d.Text(t("recovery.sheet.company", "company", company.Name, "number", company.Number()))
	d.Note(t("recovery.sheet.made", "date", i18n.Date(ctx, rm.Now())))
	d.Text(t("recovery.sheet.what"))
	d.Space(53) // the folds lie at the thirds of A4
	d.Figure(170, 4, fold)
	d.Space(4)
	d.Figure(170, 24, func(c pdf.Canvas) { boxed(c, code) })
	d.Text(t("recovery.sheet.how", "url", rm.PublicURL+"/recovery"))
	d.List([]string{t("recovery.sheet.once"), t("recovery.sheet.told"), t("recovery.sheet.replaced")})
	d.Space(35)
	d.Figure(170, 4, fold)
	d.Heading(2, t("recovery.sheet.keep"))
	d.List([]string{t("recovery.sheet.keep.fold"), t("recovery.sheet.keep.safe"), t("recovery.sheet.keep.who")})
}

// fold is the line along which the sheet is folded.
func fold(c pdf.Canvas) { c.Line(0, 2, 170, 2, pdf.Pen{Width: 0.3, Dash: pdf.Dashed, Shade: 120}) }

func boxed(c pdf.Canvas, code string) {
	c.Polygon([]pdf.Point{{X: 0, Y: 1}, {X: 170, Y: 1}, {X: 170, Y: 21}, {X: 0, Y: 21}}, pdf.Pen{Width: 0.5})
	c.TextAt(85, 11, code, pdf.Lettering{Size: 24, Bold: true, Align: pdf.Middle})
}

func (rm *Room) letterFile(ctx context.Context, in LetterIn) (web.File, error) {
	if err := in.check(); err != nil {
		return web.File{}, err
	}
	code, err := rm.Letter(ctx, in.Recovery, caller(ctx))
	return rm.file(ctx, "recovery.letter.title", func(ctx context.Context, d *pdf.Doc) { rm.letter(ctx, d, in, code) }), err
}

// letter is read by whoever opens the mail of a company, who may know nothing.
func (rm *Room) letter(ctx context.Context, d *pdf.Doc, in LetterIn, code string) {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	d.Figure(170, 46, func(c pdf.Canvas) {
		y := 5.0
		for _, line := range append(strings.Split(strings.TrimSpace(in.Address), "\n"), "", t("recovery.letter.to", "name", strings.TrimSpace(in.Addressee))) {
			for _, part := range broken(c, strings.TrimSpace(line), 88) {
				c.TextAt(0, y, part, pdf.Lettering{Size: 11})
				y += 5.5
			}
		}
		c.TextAt(170, 5, i18n.Date(ctx, rm.Now()), pdf.Lettering{Size: 10, Align: pdf.End})
		c.TextAt(170, 11, t("recovery.letter.case", "number", short(in.Recovery)), pdf.Lettering{Size: 10, Align: pdf.End})
	})
	d.Heading(1, t("recovery.letter.title"))
	d.Text(t("recovery.letter.why"))
	d.Text(t("recovery.letter.know", "url", rm.PublicURL+"/recovery"))
	d.Space(2)
	d.Figure(170, 24, func(c pdf.Canvas) { boxed(c, code) })
	d.Heading(2, t("recovery.letter.unknown"))
	d.List([]string{t("recovery.letter.unknown.nothing"), t("recovery.letter.unknown.hand"), t("recovery.letter.unknown.call")})
	d.Note(t("recovery.letter.then"))
}

// broken cuts a line of an address where its place ends, in millimetres.
func broken(c pdf.Canvas, line string, width float64) []string {
	var all []string
	part := ""
	for _, r := range line {
		if c.Width(part+string(r), pdf.Lettering{Size: 11}) > width {
			all, part = append(all, part), ""
		}
		part += string(r)
	}
	return append(all, part)
}
