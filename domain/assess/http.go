package assess

import (
	"context"
	"errors"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
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
		web.Get(pack, web.Viewer, "List the items of a framework with what is answered.", rm.list, listPage),
		web.Get(pack+"/result", web.Viewer, "Show what the answers come to: points, areas, next things, peers, trend.", rm.result, resultPage),
		web.Get(pack+"/result/print", web.Viewer, "Show the result as a sheet of paper.", rm.result, printPage, web.PageOnly),
		web.GetFile(pack+"/result.pdf", web.Viewer, "Fetch the result as a PDF.", rm.pdfFile),
		web.GetFile(pack+"/result.csv", web.Viewer, "Fetch the result as a table for spreadsheets.", rm.csvFile),
		web.Get(pack+"/start", web.Viewer, "Lead to the first item without an answer.", rm.start, nil),
		web.Get(item, web.Viewer, "Show one item, its answer, what was answered before, and its evidence.", rm.showItem, itemPage),
		web.Post(item, web.Member, "Answer an item.", rm.saveAnswer, nil, web.Again(rm.answerAgain), web.Limit(web.UploadLimit)),
		web.Post(item+"/choice", web.Member, "Keep a choice at the moment it is made.", rm.saveChoice, choiceSavedPage, web.PageOnly, web.Limit(web.UploadLimit)),
		web.Post(item+"/evidence", web.Member, "Add a file as evidence for an item.", rm.saveEvidence, nil, web.PageOnly, web.Limit(web.UploadLimit)),
		web.GetFile(item+"/evidence/{id}", web.Viewer, "Fetch a file that was added as evidence.", rm.openEvidence),
	}
}

type evidenceIn struct {
	Org  string     `path:"org" json:"-"`
	Pack string     `path:"pack" json:"-"`
	Item string     `path:"item" json:"-"`
	File web.Upload `json:"evidence"`
	Note string     `json:"note"`
}

func (rm *Room) saveEvidence(ctx context.Context, in evidenceIn) (startView, error) {
	_, err := rm.AddEvidence(ctx, in.Org, in.Pack, in.Item, web.CallerFrom(ctx).Account, in.Note, in.File)
	return startView{itemURL(in.Org, in.Pack, in.Item)}, err
}

type evidenceFileIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `path:"pack" json:"-"`
	Item string `path:"item" json:"-"`
	ID   string `path:"id" json:"-"`
}

func (rm *Room) openEvidence(ctx context.Context, in evidenceFileIn) (web.File, error) {
	e, err := evidenceNamed(ctx, in.Org, in.Pack, in.Item, in.ID)
	if errors.Is(err, db.ErrNone) {
		return web.File{}, problem.NotFound()
	}
	if err != nil {
		return web.File{}, err
	}
	f, err := rm.OpenFile(ctx, in.Org, e.Blob)
	if err != nil {
		return web.File{}, err
	}
	f.Name, f.Inline = e.Name, false
	return f, nil
}
