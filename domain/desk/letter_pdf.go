package desk

import (
	"context"
	"fmt"
	"image/color"
	"io"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/boombuler/barcode/qr"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// partSize is how many letters a file holds: a document has at most 200 pages.
const partSize = 200

func (rm *Room) letterRoutes() []web.Route {
	const desk = "/orgs/{org}/circles/{circle}/desk"
	const one = desk + "/cases/{case}"
	return []web.Route{
		web.Get(desk+"/letters", web.Member, "Show the letters of a circle that still work, and who sends them.", rm.showLetters, lettersPage),
		web.Post(desk+"/sender", web.Member, "Say whom companies call.", rm.setSender, nil, web.Again(rm.senderAgain)),
		web.Post(desk+"/letters", web.Member, "Make a letter for every case that has none.", rm.makeLetters, nil),
		web.GetFile(desk+"/letters.pdf", web.Member, "Download a part of the letters.", rm.lettersFile),
		web.Post(one+"/letter", web.Member, "Make a new letter; the one before it no longer works.", rm.makeLetter, nil),
		web.Post(one+"/letter/revoke", web.Member, "End the letter of a case.", rm.revokeLetter, nil),
		web.GetFile(one+"/letter.pdf", web.Member, "Download the letter of a case.", rm.letterFile),
		web.GetFile(one+"/fax.pdf", web.Member, "Download a cover sheet for a fax.", rm.faxFile),
	}
}

// Sender is whom companies call.
type Sender struct {
	Section string `json:"section"`
	Phone   string `json:"phone"`
}

func (s *Sender) fields() []any { return []any{&s.Section, &s.Phone} }

// sender returns whom companies of a circle call; the zero Sender when nobody
// has said so.
func sender(ctx context.Context, in DeskIn) (Sender, error) {
	all, err := db.Rows(ctx, (*Sender).fields, "SELECT section, phone FROM desk_sender WHERE circle_id = ? AND org_id = ?", in.Circle, in.Org)
	if err != nil || len(all) == 0 {
		return Sender{}, err
	}
	return all[0], nil
}

// LettersView is the letters of a circle.
type LettersView struct {
	Working int    `json:"working"`
	Missing int    `json:"missing"`
	Parts   int    `json:"parts"`
	Sender  Sender `json:"sender"`

	in      DeskIn
	problem *problem.Problem
}

func (rm *Room) showLetters(ctx context.Context, in DeskIn) (v LettersView, err error) {
	v.in = in
	lines, err := rm.lines(ctx, in)
	if err != nil {
		return v, err
	}
	for _, l := range lines {
		if l.Claimed.IsZero() && !l.letterOpen {
			v.Missing++
		}
	}
	if v.Working, err = rm.countLetters(ctx, in); err != nil {
		return v, err
	}
	v.Parts = (v.Working + partSize - 1) / partSize
	v.Sender, err = sender(ctx, in)
	return v, err
}

// SenderIn is whom companies call, as typed.
type SenderIn struct {
	DeskIn
	Sender
}

func (rm *Room) setSender(ctx context.Context, in SenderIn) (Moved, error) {
	return Moved{in.path("/letters")}, rm.SetSender(ctx, in.DeskIn, in.Sender)
}

// SetSender says whom companies of a circle call.
func (rm *Room) SetSender(ctx context.Context, in DeskIn, s Sender) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := rm.circle(ctx, in.Org, in.Circle); err != nil {
			return err
		}
		var v problem.Invalid
		line(&v, "section", &s.Section, false)
		line(&v, "phone", &s.Phone, false)
		if err := v.Or(); err != nil {
			return err
		}
		_, err := db.Exec(ctx, `INSERT INTO desk_sender (circle_id, org_id, section, phone) VALUES (?, ?, ?, ?)
			ON CONFLICT (circle_id) DO UPDATE SET org_id = excluded.org_id, section = excluded.section, phone = excluded.phone`,
			in.Circle, in.Org, s.Section, s.Phone)
		if err != nil {
			return err
		}
		return rm.note(ctx, in.Org, "desk.sender-set", in.Circle, words{Name: s.Section})
	})
}

func (rm *Room) senderAgain(ctx context.Context, in SenderIn, p *problem.Problem) (templ.Component, error) {
	var v LettersView
	err := rm.DB.Read(ctx, func(ctx context.Context) (err error) {
		v, err = rm.showLetters(ctx, in.DeskIn)
		return err
	})
	v.Sender, v.problem = in.Sender, p
	return lettersPage(v), err
}

// MadeView says how many letters were made.
type MadeView struct {
	N  int `json:"made"`
	to string
}

// Next is the list of letters.
func (v MadeView) Next() string { return v.to }

func (rm *Room) makeLetters(ctx context.Context, in DeskIn) (MadeView, error) {
	n, err := rm.MakeLetters(ctx, in)
	return MadeView{n, in.path("/letters")}, err
}

func (rm *Room) makeLetter(ctx context.Context, in CaseIn) (Moved, error) {
	_, err := rm.MakeLetter(ctx, in)
	return Moved{in.path("")}, err
}

func (rm *Room) revokeLetter(ctx context.Context, in CaseIn) (Moved, error) {
	return Moved{in.path("")}, rm.RevokeLetter(ctx, in)
}

// PartIn asks for a part of the letters, counted from 1.
type PartIn struct {
	DeskIn
	Part int `query:"part"`
}

func (rm *Room) lettersFile(ctx context.Context, in PartIn) (web.File, error) {
	if _, err := rm.circle(ctx, in.Org, in.Circle); err != nil {
		return web.File{}, err
	}
	part := max(in.Part, 1)
	letters, err := rm.letters(ctx, in.DeskIn, (part-1)*partSize, partSize)
	if err != nil {
		return web.File{}, err
	}
	if len(letters) == 0 {
		return web.File{}, problem.NotFound()
	}
	return rm.print(ctx, in.DeskIn, letters, fmt.Sprintf("%02d", part))
}

func (rm *Room) letterFile(ctx context.Context, in CaseIn) (web.File, error) {
	c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
	if err != nil {
		return web.File{}, err
	}
	l, err := lastLetter(ctx, c)
	if err != nil {
		return web.File{}, orNotFound(err)
	}
	if err := l.over(rm.Now()); err != nil {
		return web.File{}, err
	}
	return rm.print(ctx, in.desk(), []sentLetter{{l, c}}, l.Number)
}

// print sets letters, one on a page. They are in plain Japanese for everybody: who
// gets one has not chosen his words yet.
func (rm *Room) print(ctx context.Context, in DeskIn, letters []sentLetter, name string) (web.File, error) {
	from, err := sender(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	circle, err := rm.circle(ctx, in.Org, in.Circle)
	if err != nil {
		return web.File{}, err
	}
	desk, err := rm.Org.NameOf(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	ctx = i18n.Into(ctx, rm.Texts.In(i18n.JA))
	d := rm.blank(ctx, i18n.T(ctx, "desk.paper.title"), desk, rm.Now())
	for _, l := range letters {
		p := paperLetter{sentLetter: l, from: from, circle: circle.Name, desk: desk, code: rm.code(l.ID), link: rm.PublicURL + rm.claimPath(l.Letter), site: rm.PublicURL + "/claim"}
		if err := p.set(ctx, d); err != nil {
			return web.File{}, err
		}
	}
	return pdfFile(ctx, i18n.T(ctx, "desk.paper.file", "name", name), d), nil
}

func (rm *Room) blank(ctx context.Context, title, author string, at time.Time) *pdf.Doc {
	return pdf.New(pdf.Options{
		Title: title, Author: author, Lang: i18n.From(ctx).Lang.HTML(), Now: at,
		Substitutes: pdf.Substitutes{
			Title:   i18n.T(ctx, "desk.sheet.substitutes"),
			Missing: i18n.T(ctx, "desk.sheet.missing", "n", "{n}", "codes", "{codes}"),
			Form:    i18n.T(ctx, "desk.sheet.form", "char", "{char}", "codes", "{codes}"),
		},
	})
}

func pdfFile(ctx context.Context, name string, d *pdf.Doc) web.File {
	return web.File{Name: name + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error { return d.WriteTo(ctx, w) }}
}

// paperLetter is what stands on one letter.
type paperLetter struct {
	sentLetter
	from         Sender
	circle, desk string
	code         string
	link, site   string
}

// set draws the letter as one figure of a whole page. The address stands where the
// window of an envelope for a sheet folded in three (長形3号) shows it.
func (p paperLetter) set(ctx context.Context, d *pdf.Doc) error {
	code, err := qr.Encode(p.link, qr.M, qr.Auto)
	if err != nil {
		return err
	}
	d.Figure(sheetWidth, sheetHeight, func(c pdf.Canvas) {
		s := setter{Canvas: c, ctx: ctx}
		p.head(&s)
		p.body(&s)
		p.codeBox(&s, code.Bounds().Dx(), func(x, y int) bool { return color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y < 128 })
		p.foot(&s)
	})
	return nil
}

const (
	windowX, windowY = 6.0, 3.0
	windowWidth      = 84.0
	senderX          = 104.0
)

func (p paperLetter) head(s *setter) {
	s.y = windowY
	for part := range strings.Lines(p.to.Address) {
		s.rich(windowX, windowWidth, plainRuns(strings.TrimSpace(part)), 10.5, false)
	}
	s.y += 2
	s.rich(windowX, windowWidth, plainRuns(p.to.addressee(s.ctx)), 12, true)
	if p.to.Person != "" {
		s.rich(windowX, windowWidth, plainRuns(s.t("desk.paper.person", "name", p.to.Person)), 11, false)
	}
	if p.to.MemberNumber != "" {
		s.rich(windowX, windowWidth, plainRuns(s.t("desk.paper.member", "number", p.to.MemberNumber)), 9, false)
	}
	s.y = windowY
	s.rich(senderX, sheetWidth-senderX, plainRuns(i18n.Date(s.ctx, p.Created)), 10.5, false)
	for _, line := range []string{p.desk, p.circle, p.from.Section, p.from.Phone} {
		if line != "" {
			s.rich(senderX, sheetWidth-senderX, plainRuns(line), 10.5, false)
		}
	}
}

// addressee is the first line of an address: 御中 stands after a company alone,
// and is left out where a person with 様 follows.
func (c Case) addressee(ctx context.Context) string {
	if c.Person != "" {
		return c.Name
	}
	return i18n.T(ctx, "desk.paper.to", "name", c.Name)
}

func (p paperLetter) body(s *setter) {
	s.y = 62
	s.rich(0, sheetWidth, plainRuns(s.t("desk.paper.heading")), 15, true)
	s.y += 2
	for _, key := range []string{"desk.paper.why", "desk.paper.what", "desk.paper.cost", "desk.paper.free"} {
		s.rich(0, sheetWidth, plainRuns(s.t(key, "desk", p.desk, "circle", p.circle)), 11.5, false)
		s.y += 1.5
	}
	s.y += 1
	for i, key := range []string{"desk.paper.step.1", "desk.paper.step.2", "desk.paper.step.3"} {
		s.rich(0, 8, plainRuns(fmt.Sprintf("%d.", i+1)), 11.5, true)
		s.y -= sheetLine * 11.5 / sheetText
		s.rich(8, sheetWidth-8, plainRuns(s.t(key)), 11.5, false)
	}
	s.y += 3
}

// codeBox is what is needed at the screen: the camera's code, and what is typed.
func (p paperLetter) codeBox(s *setter, modules int, dark func(x, y int) bool) {
	const high, camera = 56.0, 48.0
	top := s.y
	s.Polygon([]pdf.Point{{X: 0, Y: top}, {X: sheetWidth, Y: top}, {X: sheetWidth, Y: top + high}, {X: 0, Y: top + high}}, pdf.Pen{Width: 0.5})
	s.qr(3, top+4, camera, modules, dark)
	x, wide := camera+8, sheetWidth-camera-11
	s.y = top + 4
	s.rich(x, wide, plainRuns(s.t("desk.paper.typed")), 10, false)
	s.rich(x, wide, plainRuns(p.site), 11.5, true)
	s.y += 2
	s.rich(x, wide, plainRuns(s.t("desk.paper.number", "number", p.Number[:4]+"-"+p.Number[4:])), 13, true)
	s.rich(x, wide, plainRuns(s.t("desk.paper.code", "code", p.code)), 17, true)
	s.y += 1
	s.rich(x, wide, plainRuns(s.t("desk.paper.until", "date", i18n.Deadline(s.ctx, p.Expires))), 10, false)
	s.y = top + high + 3
}

func (p paperLetter) foot(s *setter) {
	for _, key := range []string{"desk.paper.secret", "desk.paper.unknown"} {
		s.rich(0, sheetWidth, plainRuns(s.t(key)), 10.5, false)
		s.y++
	}
	s.rich(0, sheetWidth, plainRuns(s.t("desk.paper.call", "desk", p.desk, "section", p.from.Section, "phone", p.from.Phone)), 12, true)
}

// faxFile is a cover sheet: it says that there is something, not what.
func (rm *Room) faxFile(ctx context.Context, in CaseIn) (web.File, error) {
	c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
	if err != nil {
		return web.File{}, err
	}
	from, err := sender(ctx, in.desk())
	if err != nil {
		return web.File{}, err
	}
	desk, err := rm.Org.NameOf(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	ctx = i18n.Into(ctx, rm.Texts.In(i18n.JA))
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	d := rm.blank(ctx, t("desk.fax.title"), desk, rm.Now())
	d.Heading(1, t("desk.fax.title"))
	d.Text(c.addressee(ctx))
	if c.Person != "" {
		d.Text(t("desk.paper.person", "name", c.Person))
	}
	d.Text(i18n.Date(ctx, rm.Now()) + "\n" + desk + "　" + from.Section + "\n" + from.Phone)
	d.Heading(2, t("desk.fax.about"))
	d.Text(t("desk.copy.body", "name", c.Name, "desk", desk, "url", rm.PublicURL))
	d.Note(t("desk.fax.wrong", "phone", from.Phone))
	return pdfFile(ctx, t("desk.fax.file"), d), nil
}
