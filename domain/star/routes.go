package star

import (
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the table of this room. Helpers have no role and reach none of it.
func (rm *Room) Routes() []web.Route {
	const at = "/orgs/{org}/stars"
	return []web.Route{
		web.Get(at, web.Viewer, "Show the ways to a star and how far they are gone.", rm.overview, overviewPage),
		web.Get(at+"/guide", web.Member, "Show the three questions that tell which star fits.", rm.showGuide, guidePage, web.PageOnly),
		web.Post(at+"/guide", web.Member, "Answer the three questions.", rm.postGuide, nil, web.Again(rm.guideAgain)),
		web.Get(at+"/security-action", web.Viewer, "Show what is there and what is missing for one star and two.", rm.showAction, actionPage),
		web.Get(at+"/sheet", web.Viewer, "Show what to type into the system of SECURITY ACTION.", rm.showSheet, sheetPage),
		web.Get(at+"/declarations/new", web.Manager, "Show the form for a declaration ID.", rm.showDeclare, declarePage, web.PageOnly),
		web.Post(at+"/declarations", web.Manager, "Enter the declaration ID that came back.", rm.postDeclare, nil, web.Again(rm.declareAgain)),
		web.Get(at+"/registrations/new", web.Manager, "Show the form for a registration of ★3.", rm.showRegister, registerPage, web.PageOnly),
		web.Post(at+"/registrations", web.Manager, "Enter the registration of ★3 that came back.", rm.postRegister, nil, web.Again(rm.registerAgain)),
		web.Get(at+"/declarations/{declaration}/seen", web.Manager, "Show the form for a look at the official list.", rm.showSeen, seenPage, web.PageOnly),
		web.Post(at+"/declarations/{declaration}/seen", web.Manager, "Note that a number was seen in the official list.", rm.postSeen, nil, web.Again(rm.seenAgain)),
		web.Get(at+"/declarations/{declaration}/stop", web.Manager, "Ask before a declaration or registration is noted as stopped.", rm.showStop, stopPage, web.PageOnly),
		web.Post(at+"/declarations/{declaration}/stop", web.Manager, "Note that a declaration or registration was stopped.", rm.postStop, nil, web.Again(rm.stopAgain)),
		web.Get(at+"/star3", web.Viewer, "Show how far the company is with the criteria of ★3.", rm.showStar3, star3Page),
		web.Get(at+"/star4", web.Viewer, "Show the numbers and titles of ★4.", rm.showStar4, star4Page),
		web.Get(at+"/next/{pack}", web.Viewer, "List the things to do that move most for their effort.", rm.showNext, nextPage),
		web.Get(at+"/letters/{criteria}/{requirement}", web.Viewer, "Show a text with questions for the IT vendor.", rm.showLetter, letterPage),
	}
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// OrgIn names the organisation of a route.
type OrgIn struct {
	Org string `path:"org" json:"-"`
}

func home(org string) string       { return "/orgs/" + org + "/stars" }
func actionHome(org string) string { return home(org) + "/security-action" }
func star3Home(org string) string  { return home(org) + "/star3" }
func packHome(org, pack string) string {
	return "/orgs/" + org + "/frameworks/" + pack
}

func itemHome(org string, p *assess.Pack, x *assess.Item) string {
	return packHome(org, p.ID) + "/items/" + x.ID
}

// homeOf is the page on which a declaration stands.
func homeOf(org string, s Scheme) string {
	if s == SCS {
		return star3Home(org)
	}
	return actionHome(org)
}
