package mapping

import (
	"context"
	"io"
	"net/url"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the table of this room.
func (rm *Room) Routes() []web.Route {
	const pack = "/orgs/{org}/mapped/{pack}"
	return []web.Route{
		web.Get("/orgs/{org}/mapped", web.Viewer, "Show which frameworks can be filled from what is answered elsewhere.", rm.overview, overviewPage),
		web.Get(pack, web.Viewer, "Show item by item what answers elsewhere would come to here, and why.", rm.show, packPage),
		web.Post(pack, web.Member, "Make answers of the chosen rows; each is named by the key that the preview gave it.", rm.apply, nil, web.Again(rm.applyAgain)),
		web.Get(pack+"/items/{item}", web.Viewer, "Show how an item relates to those of other frameworks.", rm.relations, relationsPage),
		web.GetFile(pack+"/relations.json", web.Member, "Fetch every mapping from and to a framework as an OSCAL mapping collection.", rm.collection),
		web.Get(pack+"/move", web.Viewer, "Show what changes from one edition of a framework to a later one.", rm.showMove, movePage),
		web.Post(pack+"/move", web.Member, "Take the chosen answers and their evidence to a later edition.", rm.move, nil, web.Again(rm.moveAgain)),
	}
}

func mappedURL(org string) string { return "/orgs/" + url.PathEscape(org) + "/mapped" }

func packURL(org, pack string) string { return mappedURL(org) + "/" + pack }

func frameworkURL(org, pack string) string {
	return "/orgs/" + url.PathEscape(org) + "/frameworks/" + pack
}

func itemURL(org, pack, item string) string { return frameworkURL(org, pack) + "/items/" + item }

func relationsURL(org, pack, item string) string { return packURL(org, pack) + "/items/" + item }

func collectionURL(org, pack string) string { return packURL(org, pack) + "/relations.json" }

func moveURL(org, pack string) string { return packURL(org, pack) + "/move" }

// Done says how many answers were made, and where to go on.
type Done struct {
	Items int    `json:"items"`
	To    string `json:"next"`
}

// Next is the local path to go to.
func (d Done) Next() string { return d.To }

type orgIn struct {
	Org string `path:"org" json:"-"`
}

type packIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `path:"pack" json:"-"`
}

type itemIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `path:"pack" json:"-"`
	Item string `path:"item" json:"-"`
}

type applyIn struct {
	Org  string   `path:"org" json:"-"`
	Pack string   `path:"pack" json:"-"`
	Rows []string `json:"rows"` // keys of the preview
}

type showMoveIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `path:"pack" json:"-"`
	To   string `query:"to"`
}

type moveIn struct {
	Org  string   `path:"org" json:"-"`
	Pack string   `path:"pack" json:"-"`
	To   string   `json:"to"` // the later edition
	Rows []string `json:"rows"`
}

func (rm *Room) apply(ctx context.Context, in applyIn) (Done, error) {
	n, err := rm.Apply(ctx, choosing(ctx, in.Org, in.Pack, in.Rows))
	return Done{n, packURL(in.Org, in.Pack)}, err
}

// choosing is what the caller ticked. Secret evidence is for managers.
func choosing(ctx context.Context, org, pack string, rows []string) Choosing {
	return Choosing{Org: org, Pack: pack, Actor: web.CallerFrom(ctx).Account, Keys: rows, Secrets: seesSecrets(ctx)}
}

func seesSecrets(ctx context.Context) bool { return web.RoleFrom(ctx) >= web.Manager }

func (rm *Room) applyAgain(ctx context.Context, in applyIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.show(ctx, packIn{in.Org, in.Pack})
	v.problem, v.typed = p, in.Rows
	return packPage(v), err
}

// collection is no answer of the company; what leaves needs a member all the same.
func (rm *Room) collection(ctx context.Context, in packIn) (web.File, error) {
	p, err := rm.pack(in.Pack)
	if err != nil {
		return web.File{}, err
	}
	maps, lang := rm.Atlas.Touching(p.ID), i18n.From(ctx).Lang
	if len(maps) == 0 {
		return web.File{}, problem.NotFound() // OSCAL knows no empty collection
	}
	return web.File{Name: p.ID + "-mapping-collection.json", Type: "application/json", Write: func(w io.Writer) error {
		return rm.Collection(w, p, maps, lang)
	}}, nil
}

func (rm *Room) move(ctx context.Context, in moveIn) (Done, error) {
	to, n, err := rm.MoveOver(ctx, choosing(ctx, in.Org, in.Pack, in.Rows), in.To)
	return Done{n, frameworkURL(in.Org, to)}, err
}

func (rm *Room) moveAgain(ctx context.Context, in moveIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showMove(ctx, showMoveIn{in.Org, in.Pack, in.To})
	v.problem, v.typed = p, in.Rows
	return movePage(v), err
}
