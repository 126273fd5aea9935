package board

import "github.com/minamori-project/minamori/internal/web"

// Routes is the table of this room.
func (rm *Room) Routes() []web.Route {
	const at = "/orgs/{org}/board"
	return []web.Route{
		web.Get(at, web.Viewer, "Show the executives where the company stands.", rm.show, boardPage),
		web.Get(at+"/paper", web.Viewer, "Show one page for the board, to print and stamp.", rm.show, paperPage, web.PageOnly),
		web.GetFile(at+"/board.pdf", web.Viewer, "Take the page for the board as PDF.", rm.pdfFile),
		web.Post(at+"/results", web.Manager, "Keep the levels of today as a result.", rm.keep, nil),
		web.Get(at+"/goals", web.Owner, "Show the form for the levels that are wanted.", rm.showGoals, goalsPage, web.PageOnly, web.StepUp),
		web.Post(at+"/goals", web.Owner, "Say which levels are wanted.", rm.saveGoals, nil, web.StepUp),
		web.Get(at+"/profile", web.Manager, "Show the form for what puts the company into a group.", rm.showProfile, profilePage, web.PageOnly),
		web.Post(at+"/profile", web.Manager, "Say what puts the company into a group.", rm.saveProfile, nil, web.Again(rm.profileAgain)),
		web.Post(at+"/statistics", web.Manager, "Let the company's kept results count in what companies are compared with, or take that back.", rm.saveStatistics, nil),
		// A page alone: a key of one company must not show another.
		web.Get(at+"/sites", web.Manager, "Show the companies that one looks after side by side.", rm.sites, sitesPage, web.PageOnly),
	}
}

func boardPath(org string) string { return "/orgs/" + org + "/board" }

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

type orgIn struct {
	Org string `path:"org" json:"-"`
}
