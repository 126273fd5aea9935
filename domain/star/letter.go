package star

import (
	"cmp"
	"context"
	"strings"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Letter is the text for the IT vendor about a requirement, in plain Japanese: vendors
// here read Japanese, whatever the person who sends it reads. company may be "".
func Letter(t *i18n.Localizer, company string, r *assess.Requirement) string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(t.T("star.letter.to"))
	line("")
	if company != "" {
		line(t.T("star.letter.greeting", "company", company))
	}
	line(t.T("star.letter.why", "title", r.Title.JA))
	line(t.T("star.letter.ask", "n", len(r.VendorQuestions)))
	line("")
	for i, q := range r.VendorQuestions {
		line(t.T("star.letter.question", "n", i+1, "question", q.JA))
	}
	line("")
	line(t.T("star.letter.answers"))
	line(t.T("star.letter.cost"))
	line("")
	if company != "" {
		line(company)
	}
	return b.String()
}

// LetterIn names a requirement of a pack.
type LetterIn struct {
	Org         string `path:"org" json:"-"`
	Pack        string `path:"criteria" json:"-"`
	Requirement string `path:"requirement" json:"-"`
}

// LetterView is a text to send to the IT vendor.
type LetterView struct {
	Requirement string `json:"requirement"`
	Text        string `json:"text"`

	org  string
	pack *assess.Pack
	r    *assess.Requirement
}

func (rm *Room) showLetter(ctx context.Context, in LetterIn) (LetterView, error) {
	p := rm.Assess.Packs.ByID(in.Pack)
	if p == nil {
		return LetterView{}, problem.NotFound()
	}
	r := requirement(p, in.Requirement)
	if r == nil || len(r.VendorQuestions) == 0 {
		return LetterView{}, problem.NotFound()
	}
	o, err := rm.Organisation(ctx, in.Org)
	if err != nil {
		return LetterView{}, err
	}
	text := Letter(rm.Texts.In(i18n.JA), cmp.Or(o.OpenName(), o.Name), r)
	return LetterView{Requirement: r.ID, Text: text, org: in.Org, pack: p, r: r}, nil
}
