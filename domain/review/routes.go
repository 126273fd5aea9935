package review

import (
	"context"
	"slices"

	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the table of this room.
func (rm *Room) Routes() []web.Route {
	return slices.Concat(rm.companyRoutes(), rm.specialistRoutes(), rm.proposalRoutes(), rm.bodyRoutes())
}

func (rm *Room) companyRoutes() []web.Route {
	const (
		all = "/orgs/{org}/snapshots"
		one = all + "/{snapshot}"
	)
	return []web.Route{
		web.Get(all, web.Viewer, "List the frozen snapshots of the company.", rm.list, listPage),
		web.Get(all+"/new", web.Manager, "Show the form that freezes an assessment.", rm.showNew, newPage, web.PageOnly),
		web.Post(all, web.Manager, "Freeze an assessment as it stands.", rm.postNew, nil, web.Again(rm.newAgain)),
		web.Get(one, web.Viewer, "Show a frozen snapshot with what was confirmed and sworn.", rm.show, snapshotPage),
		web.Get(one+"/print", web.Viewer, "Show a frozen snapshot as a sheet of paper.", rm.show, printPage, web.PageOnly),
		web.GetFile(one+"/record.json", web.Viewer, "Fetch a frozen snapshot with all that proves it.", rm.file),
		web.Get(one+"/compare", web.Viewer, "Compare two snapshots.", rm.compare, comparePage),
		web.Get(one+"/withdraw", web.Manager, "Ask before a snapshot is withdrawn.", rm.show, withdrawPage, web.PageOnly),
		web.Post(one+"/withdraw", web.Manager, "Withdraw a snapshot.", rm.postWithdraw, nil),
		web.Get(one+"/erase", web.Owner, "Ask before names and words of a snapshot are erased.", rm.show, erasePage, web.PageOnly, web.StepUp),
		web.Post(one+"/erase", web.Owner, "Erase names and words of a snapshot; its digest stays.", rm.postErase, nil, web.StepUp),
		web.Get(one+"/specialists/new", web.Manager, "Show the form that invites a specialist.", rm.showInvite, invitePage, web.PageOnly, web.StepUp),
		web.Post(one+"/specialists", web.Manager, "Invite a specialist to a snapshot; files are an owner's to show.", rm.postInvite, nil, web.StepUp, web.Again(rm.inviteAgain)),
		web.Post(one+"/specialists/{seat}/end", web.Manager, "End a specialist's right to look.", rm.postEnd, nil),
		web.Get(one+"/oath", web.Owner, "Show what the owner would swear.", rm.showOath, oathPage, web.PageOnly, web.StepUp),
		web.Post(one+"/oath", web.Owner, "Record the owner's self-conformity oath.", rm.postOath, nil, web.StepUp, web.Again(rm.oathAgain)),
		web.Post(one+"/oath/withdraw", web.Owner, "Withdraw the oath.", rm.postOathWithdraw, nil),
	}
}

func (rm *Room) specialistRoutes() []web.Route {
	const one = "/reviewing/{seat}"
	return []web.Route{
		web.Get("/review-invitations/{seat}", web.Public, "Show a specialist's invitation without consuming it.", rm.showInvitation, invitationPage, web.PageOnly),
		web.Post("/review-invitations/{seat}", web.SignedIn, "Take a specialist's invitation up.", rm.accept, nil, web.PageOnly, web.Again(rm.acceptAgain)),
		web.Get("/reviewing", web.SignedIn, "List the snapshots that the caller may look at now.", rm.showReviewing, reviewingPage),
		web.Get(one, web.SignedIn, "Show a snapshot to its specialist.", rm.showSeat, seatPage, noted[SeatIn](rm, pageSnapshot)),
		web.Post(one+"/findings", web.SignedIn, "Keep what a specialist found so far.", rm.postFindings, nil),
		web.GetFile(one+"/items/{item}/evidence/{shown}", web.SignedIn, "Give a specialist an evidence file of the snapshot.", rm.seatFile, noted[SeatFileIn](rm, pageFile)),
		web.Get(one+"/confirm", web.SignedIn, "Show the form that records a confirmation.", rm.showConfirm, confirmPage, web.PageOnly, noted[SeatIn](rm, pageSnapshot)),
		web.Post(one+"/confirm", web.SignedIn, "Record what a specialist confirms, once and for good.", rm.postConfirm, nil, web.Again(rm.confirmAgain)),
		web.Post(one+"/end", web.SignedIn, "Give a seat back.", rm.postGiveBack, nil),
		web.Post("/reviewing/confirmations/{confirmation}/withdraw", web.SignedIn, "Withdraw one's own confirmation.", rm.postUnconfirm, nil),
	}
}

func (rm *Room) proposalRoutes() []web.Route {
	const all = "/orgs/{org}/proposals"
	return []web.Route{
		web.Get(all, web.Member, "List what helpers propose as answers.", rm.showProposals, proposalsPage),
		web.Post(all+"/{proposal}/accept", web.Member, "Make a helper's proposal the company's answer.", rm.postAccept, nil, web.Again(rm.proposalAgain)),
		web.Post(all+"/{proposal}/refuse", web.Member, "Refuse a helper's proposal, with a reason.", rm.postRefuse, nil, web.Again(rm.proposalAgain)),
	}
}

func (rm *Room) bodyRoutes() []web.Route {
	const all = "/orgs/{org}/qualification-checks"
	return []web.Route{
		web.Get(all, web.Manager, "List the qualifications that this named body looked up.", rm.showChecks, checksPage),
		web.Post(all+"/look", web.Manager, "Show the qualification of a code to a named body.", rm.lookHeld, heldPage, web.PageOnly, web.Again(rm.heldAgain)),
		web.Post(all, web.Manager, "Say that a qualification was looked up, and how.", rm.postChecked, nil, web.StepUp, web.Again(rm.checkedAgain)),
		web.Post(all+"/{qualification}/take-back", web.Manager, "Take back what was said of a qualification.", rm.postTakeBack, nil),
	}
}

// under is an input that names a seat.
type under interface{ seat() string }

// noted records a look, before the page is sent.
func noted[In under](rm *Room, page string) web.Option {
	return web.Noted(func(ctx context.Context, in In) error { return rm.look(ctx, in.seat(), page) })
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
	ID string `json:"id,omitempty"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// OrgIn names a company.
type OrgIn struct {
	Org string `path:"org" json:"-"`
}

// SnapshotIn names a snapshot.
type SnapshotIn struct {
	Org      string `path:"org" json:"-"`
	Snapshot string `path:"snapshot" json:"-"`
}

// SeatIn names a seat.
type SeatIn struct {
	Seat string `path:"seat" json:"-"`
}

// SeatFileIn names an evidence file under a seat.
type SeatFileIn struct {
	Seat  string `path:"seat" json:"-"`
	Item  string `path:"item" json:"-"`
	Shown string `path:"shown" json:"-"`
}

func (in SeatIn) seat() string     { return in.Seat }
func (in SeatFileIn) seat() string { return in.Seat }
