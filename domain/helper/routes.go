package helper

import (
	"context"
	"slices"

	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	return slices.Concat(rm.companyRoutes(), rm.invitationRoutes(), rm.helpingRoutes(), rm.operatorRoutes())
}

func (rm *Room) companyRoutes() []web.Route {
	const helpers = "/orgs/{org}/helpers"
	return []web.Route{
		web.Get(helpers, web.Viewer, "Show who outside may see what of the company until when, and what helpers advise.", rm.showHelpers, helpersPage),
		web.Get(helpers+"/new", web.Manager, "Show the form for a helper.", rm.showNew, newPage, web.PageOnly, web.StepUp),
		web.Post(helpers, web.Manager, "Invite a helper; files are an owner's to grant.", rm.postNew, nil, web.StepUp, web.Again(rm.newAgain)),
		web.Get(helpers+"/support", web.Manager, "Show the form for a look by the operator's support.", rm.showCall, callPage, web.PageOnly, web.StepUp),
		web.Post(helpers+"/support", web.Manager, "Let the operator's support look for some hours; files are an owner's to grant.", rm.postCall, nil, web.StepUp, web.Again(rm.callAgain)),
		web.Get(helpers+"/{grant}", web.Manager, "Show one grant and who looked at what.", rm.showGrant, grantPage),
		web.Get(helpers+"/{grant}/extend", web.Manager, "Show the form that extends a helper's time.", rm.showExtend, extendPage, web.PageOnly, web.StepUp),
		web.Post(helpers+"/{grant}/extend", web.Manager, "Extend a helper's time.", rm.postExtend, nil, web.StepUp, web.Again(rm.extendAgain)),
		web.Post(helpers+"/{grant}/revoke", web.Manager, "End a grant at once.", rm.postRevoke, nil),
		web.Post("/orgs/{org}/advice/{advice}/done", web.Member, "Mark a helper's advice as done.", rm.postDone, nil),
		web.Post("/orgs/{org}/advice/{advice}/delete", web.Manager, "Delete a helper's advice.", rm.postDrop, nil),
	}
}

func (rm *Room) invitationRoutes() []web.Route {
	return []web.Route{
		web.Get("/help-invitations/{grant}", web.Public, "Show a helper's invitation without consuming it.", rm.showInvitation, invitationPage, web.PageOnly),
		web.Post("/help-invitations/{grant}", web.SignedIn, "Take a helper's invitation up.", rm.accept, nil, web.PageOnly, web.Again(rm.acceptAgain)),
	}
}

const (
	packPath = "/{grant}/frameworks/{pack}"
	itemPath = packPath + "/items/{item}"
	filePath = itemPath + "/evidence/{id}"
)

func (rm *Room) helpingRoutes() []web.Route {
	const helping = "/helping"
	return []web.Route{
		web.Get(helping, web.SignedIn, "List the companies that the caller helps now.", rm.showHelping, helpingPage),
		web.Get(helping+"/{grant}", web.SignedIn, "Show what a company lets its helper see.", rm.overview(Helper), overviewPage, noted[GrantIn](rm, Helper, pageOverview)),
		web.Get(helping+packPath, web.SignedIn, "Show a company's answers to its helper.", rm.pack(Helper), packPage, noted[PackIn](rm, Helper, pageAnswers)),
		web.Get(helping+itemPath, web.SignedIn, "Show one answer of a company to its helper.", rm.item(Helper), itemPage, noted[ItemIn](rm, Helper, pageItem)),
		web.GetFile(helping+filePath, web.SignedIn, "Give a company's evidence file to its helper.", rm.file(Helper), noted[FileIn](rm, Helper, pageFile)),
		web.Post(helping+itemPath+"/advice", web.SignedIn, "Leave advice on an item.", rm.postAdvice, nil, web.Again(rm.adviceAgain)),
		web.Post(helping+itemPath+"/propose", web.SignedIn, "Propose an answer, which the company accepts or refuses.", rm.postPropose, nil, web.Again(rm.proposeAgain)),
		web.Post(helping+"/{grant}/plan", web.SignedIn, "Keep the helper's own next day and note.", rm.postPlan, nil, web.Again(rm.planAgain)),
		web.Post(helping+"/{grant}/end", web.SignedIn, "Give a grant back.", rm.postEnd, nil),
	}
}

func (rm *Room) operatorRoutes() []web.Route {
	const support = "/operator/support"
	return []web.Route{
		web.Get("/operator", web.Operator, "Show counts of the installation, never contents.", rm.showOperator, operatorPage),
		web.Get(support, web.Operator, "List the companies that let support look now.", rm.showSupport, supportPage),
		web.Get(support+"/{grant}", web.Operator, "Show what a company lets support see.", rm.overview(Support), overviewPage, noted[GrantIn](rm, Support, pageOverview)),
		web.Get(support+packPath, web.Operator, "Show a company's answers to support.", rm.pack(Support), packPage, noted[PackIn](rm, Support, pageAnswers)),
		web.Get(support+itemPath, web.Operator, "Show one answer of a company to support.", rm.item(Support), itemPage, noted[ItemIn](rm, Support, pageItem)),
		web.GetFile(support+filePath, web.Operator, "Give a company's evidence file to support.", rm.file(Support), noted[FileIn](rm, Support, pageFile)),
	}
}

// under is an input that names a grant.
type under interface{ grant() string }

// noted records a look, before the page is sent.
func noted[In under](rm *Room, kind Kind, page string) web.Option {
	return web.Noted(func(ctx context.Context, in In) error { return rm.look(ctx, in.grant(), kind, page) })
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// GrantIn names a grant.
type GrantIn struct {
	Grant string `path:"grant" json:"-"`
}

// PackIn names a pack under a grant.
type PackIn struct {
	Grant string `path:"grant" json:"-"`
	Pack  string `path:"pack" json:"-"`
}

// ItemIn names an item under a grant.
type ItemIn struct {
	Grant string `path:"grant" json:"-"`
	Pack  string `path:"pack" json:"-"`
	Item  string `path:"item" json:"-"`
}

// FileIn names an evidence file under a grant.
type FileIn struct {
	Grant string `path:"grant" json:"-"`
	Pack  string `path:"pack" json:"-"`
	Item  string `path:"item" json:"-"`
	ID    string `path:"id" json:"-"`
}

func (in GrantIn) grant() string { return in.Grant }
func (in PackIn) grant() string  { return in.Grant }
func (in ItemIn) grant() string  { return in.Grant }
func (in FileIn) grant() string  { return in.Grant }

// path is the page of a grant, for its helper or for support.
func (k Kind) path(grant string) string {
	if k == Support {
		return "/operator/support/" + grant
	}
	return "/helping/" + grant
}

func (k Kind) itemPath(in ItemIn) string {
	return k.path(in.Grant) + "/frameworks/" + in.Pack + "/items/" + in.Item
}
