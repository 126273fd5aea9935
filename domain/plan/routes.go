package plan

import (
	"strings"

	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the table of this room.
func (rm *Room) Routes() []web.Route {
	const plan, step, calendars = "/orgs/{org}/plan", "/orgs/{org}/plan/steps/{step}", "/orgs/{org}/plan/calendars"
	return []web.Route{
		web.Get(plan, web.Viewer, "Show who does what until when.", rm.list, listPage),
		web.Get(plan+"/new", web.Member, "Show the form for a step, with what the framework suggests.", rm.showNew, stepPage, web.PageOnly),
		web.Post(plan, web.Member, "Add a step about an item of a framework.", rm.add, nil, web.Again(rm.addAgain)),
		web.GetFile(plan+"/plan.ics", web.Member, "Take the plan and the yearly duties as a calendar.", rm.icsFile),
		web.GetFile(plan+"/plan.xlsx", web.Member, "Take the plan as a spreadsheet.", rm.excelFile),
		web.Get(step, web.Viewer, "Show a step.", rm.show, stepPage),
		web.Post(step, web.Member, "Write a step anew.", rm.edit, nil, web.Again(rm.editAgain)),
		web.Post(step+"/said", web.Member, "Note that somebody says a step is done, or take that back; the state does not change.", rm.say, nil),
		web.Post(step+"/remove", web.Member, "Take a step out of the plan.", rm.remove, nil),
		web.Get(calendars, web.Member, "List one's calendar addresses; a manager sees those of all.", rm.addresses, addressesPage),
		web.Get(calendars+"/new", web.Member, "Show the form for a calendar address.", rm.newAddress, newAddressPage, web.PageOnly, web.StepUp),
		web.Post(calendars, web.Member, "Make a calendar address; it is shown once.", rm.makeAddress, addressPage, web.StepUp, web.Again(rm.makeAddressAgain)),
		web.Post(calendars+"/{calendar}/end", web.Member, "End a calendar address.", rm.endOne, nil),
		// Whoever has the address has the right: no login, and the limits of strangers.
		web.GetFile("/calendar/{address}", web.Public, "Read a plan by its secret address, as calendar programs do.", rm.addressFile),
	}
}

func planPath(org string) string       { return "/orgs/" + org + "/plan" }
func stepPath(org, step string) string { return planPath(org) + "/steps/" + step }
func calendarsPath(org string) string  { return planPath(org) + "/calendars" }

// ending makes calendar programs see what an address is.
const ending = ".ics"

func cutEnding(address string) (string, bool) { return strings.CutSuffix(address, ending) }

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	ID string `json:"id,omitempty"`
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

type orgIn struct {
	Org string `path:"org" json:"-"`
}

type stepIn struct {
	Org  string `path:"org" json:"-"`
	Step string `path:"step" json:"-"`
}

type addressedIn struct {
	Address string `path:"address" json:"-"`
}
