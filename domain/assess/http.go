package assess

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

type packIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `path:"pack" json:"-"`
}

// Routes is the table of this room.
func (rm *Room) Routes() []web.Route {
	const pack = "/orgs/{org}/frameworks/{pack}"
	const item = pack + "/items/{item}"
	return []web.Route{
		web.Get("/orgs/{org}", web.Viewer, "Show where the company stands and its next three things.", rm.home, homePage),
		web.Get("/orgs/{org}/frameworks", web.Viewer, "List the frameworks and how far the company is with each.", rm.frameworks, frameworksPage),
		web.Get(pack, web.Viewer, "List the items of a framework with what is answered.", rm.list, listPage),
		web.Get(pack+"/result", web.Viewer, "Show what the answers come to: points, areas, next things, peers, trend.", rm.result, resultPage),
		web.Get(pack+"/result/print", web.Viewer, "Show the result as a sheet of paper.", rm.result, printPage, web.PageOnly),
		web.GetFile(pack+"/result.pdf", web.Viewer, "Fetch the result as a PDF.", rm.pdfFile),
		web.GetFile(pack+"/result.csv", web.Viewer, "Fetch the result as a table for spreadsheets.", rm.csvFile),
		web.Post(pack+"/statistics", web.Manager, "Let the company's results count in what companies are compared with, or take that back.", rm.saveStatistics, nil),
		web.Get(pack+"/start", web.Viewer, "Lead to the first item without an answer.", rm.start, nil),
		web.Get(item, web.Viewer, "Show one item, its answer, what was answered before, and its evidence.", rm.showItem, itemPage),
		web.Post(item, web.Member, "Answer an item.", rm.saveAnswer, nil, web.Again(rm.answerAgain), web.Limit(web.UploadLimit)),
		web.Post(item+"/choice", web.Member, "Keep a choice at the moment it is made.", rm.saveChoice, choiceSavedPage, web.PageOnly, web.Limit(web.UploadLimit)),
		web.Post(item+"/evidence", web.Member, "Add a file as evidence for an item.", rm.saveEvidence, nil, web.PageOnly, web.Limit(web.UploadLimit)),
		web.Get(item+"/comments", web.Viewer, "Show what people of the company said about an item.", rm.comments, commentsPage),
		web.Post(item+"/comments", web.Member, "Say something about an item, and ask somebody.", rm.comment, nil, web.Again(rm.commentAgain)),
		web.Post(item+"/comments/seen", web.Member, "Say that one has read what one was asked here.", rm.seen, nil),
		web.Get("/orgs/{org}/evidence", web.Viewer, "Show all evidence: what gets old, what is missing, what proves what.", rm.vault, vaultPageOf),
		web.Get("/orgs/{org}/evidence/{evidence}", web.Viewer, "Show a piece of evidence and what it is for.", rm.piece, piecePage),
		web.Post("/orgs/{org}/evidence/{evidence}/serves", web.Member, "Say that evidence serves further items.", rm.serves, nil),
		web.Post("/orgs/{org}/evidence/{evidence}/renew", web.Member, "Say that somebody looked again and it still is so.", rm.renew, nil),
		web.GetFile(item+"/evidence/{id}", web.Viewer, "Fetch a file that was added as evidence.", rm.openEvidence),
		web.Get(item+"/evidence/{id}/remove", web.Member, "Ask before a file is taken away.", rm.askRemoval, removalPage, web.PageOnly),
		web.Post(item+"/evidence/{id}/remove", web.Member, "Take away a file that was added as evidence.", rm.removeEvidence, nil),
	}
}

type evidenceIn struct {
	Org         string     `path:"org" json:"-"`
	Pack        string     `path:"pack" json:"-"`
	Item        string     `path:"item" json:"-"`
	File        web.Upload `json:"evidence"`
	Note        string     `json:"note"`
	Link        string     `json:"link"`
	Form        string     `json:"form"` // what it shows
	Sensitivity string     `json:"sensitivity"`
	ValidUntil  string     `json:"valid_until"` // a day, 2027-03-31
}

func (rm *Room) saveEvidence(ctx context.Context, in evidenceIn) (onward, error) {
	until, err := endOf(in.ValidUntil)
	if err != nil {
		return onward{}, err
	}
	_, err = rm.AddEvidence(ctx, EvidenceInput{
		Org: in.Org, Actor: web.CallerFrom(ctx).Account, At: Place{in.Pack, in.Item}, Note: in.Note, File: in.File,
		Link: in.Link, Form: in.Form, Sensitivity: in.Sensitivity, ValidUntil: until,
	})
	return onward{itemURL(in.Org, in.Pack, in.Item)}, err
}

// endOf is the end of a day in Japan: what holds until a day holds on that day.
func endOf(day string) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	t := Date(day).Time()
	var v problem.Invalid
	v.Check(!t.IsZero(), "valid_until", "assess-valid-until")
	return t.AddDate(0, 0, 1), v.Or()
}

type evidenceFileIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `path:"pack" json:"-"`
	Item string `path:"item" json:"-"`
	ID   string `path:"id" json:"-"`
}

func (rm *Room) openEvidence(ctx context.Context, in evidenceFileIn) (web.File, error) {
	return rm.evidenceFile(ctx, in, web.RoleFrom(ctx) >= web.Manager)
}

// evidenceFile is a file as a download: it came from somewhere, and is never
// opened inside a page. What is secret does not exist for those who may not see it.
func (rm *Room) evidenceFile(ctx context.Context, in evidenceFileIn, secrets bool) (web.File, error) {
	e, err := evidenceNamed(ctx, in.Org, in.Pack, in.Item, in.ID)
	if err != nil {
		return web.File{}, err
	}
	if e.Blob == "" || e.Sensitivity == Secret && !secrets {
		return web.File{}, problem.NotFound()
	}
	f, err := rm.OpenFile(ctx, in.Org, e.Blob)
	if err != nil {
		return web.File{}, err
	}
	f.Name, f.Inline = e.Name, false
	return f, nil
}

// removalView asks before a file is taken away.
type removalView struct {
	in   evidenceFileIn
	name string
	s    *sheet
}

func (rm *Room) askRemoval(ctx context.Context, in evidenceFileIn) (removalView, error) {
	s, _, err := rm.position(in.Pack, in.Item)
	if err != nil {
		return removalView{}, err
	}
	if err := rm.maySee(ctx, in.Org, in.ID); err != nil {
		return removalView{}, err
	}
	e, err := evidenceNamed(ctx, in.Org, in.Pack, in.Item, in.ID)
	return removalView{in, e.Name, s}, err
}

// removeEvidence takes away what the caller may see: what he may not does not exist.
func (rm *Room) removeEvidence(ctx context.Context, in evidenceFileIn) (onward, error) {
	if err := rm.maySee(ctx, in.Org, in.ID); err != nil {
		return onward{}, err
	}
	err := rm.RemoveEvidence(ctx, in.Org, in.Pack, in.Item, in.ID, web.CallerFrom(ctx).Account)
	return onward{itemURL(in.Org, in.Pack, in.Item)}, err
}

func (v removalView) confirm() ui.ConfirmView {
	at := itemURL(v.in.Org, v.in.Pack, v.in.Item)
	return ui.ConfirmView{
		Title: ui.T("assess.remove", "name", v.name), Consequences: []ui.Words{ui.T("assess.remove.gone"), ui.T("assess.remove.journal")},
		Action: at + "/evidence/" + v.in.ID + "/remove", Yes: ui.T("assess.remove.yes"), Danger: true,
		No: ui.Link{Label: ui.T("assess.remove.no"), URL: at},
	}
}
