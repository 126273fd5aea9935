package org

import (
	"context"

	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) pauseRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/sharing", web.Owner, "Show what others may see, and whether sharing is paused.", rm.showSharing, sharingPage),
		web.Post("/orgs/{org}/sharing/resume", web.Owner, "Confirm what is shared, and share again.", rm.resume, nil, web.StepUp),
	}
}

// Tie is something by which somebody outside may see or do something.
// keys: org.tie.*
type Tie struct {
	Kind string `json:"kind"` // names the text org.tie.<kind>
	Name string `json:"name"`
	URL  string `json:"-"` // where it is ended
}

// SharingView is what others may see of the organisation.
type SharingView struct {
	Stops   []Stop `json:"paused_by"`
	Ties    []Tie  `json:"ties"`
	People  int    `json:"people"`
	Waiting int    `json:"open_invitations"`

	org ID
}

func (rm *Room) showSharing(ctx context.Context, in OrgIn) (v SharingView, err error) {
	v = SharingView{org: in.Org, Stops: []Stop{}, Ties: []Tie{}}
	if v.Stops, err = rm.Stops(ctx, in.Org); err != nil {
		return v, err
	}
	circles, err := rm.Circles(ctx, in.Org)
	if err != nil {
		return v, err
	}
	for _, c := range circles {
		v.Ties = append(v.Ties, Tie{"circle", c.Name, in.Org.path("/circles/" + c.ID)})
	}
	if rm.Ties != nil {
		more, err := rm.Ties(ctx, in.Org)
		if err != nil {
			return v, err
		}
		v.Ties = append(v.Ties, more...)
	}
	people, err := rm.Members(ctx, in.Org, "", listLimit)
	if err != nil {
		return v, err
	}
	open, err := rm.openInvitations(ctx, in.Org)
	v.People, v.Waiting = len(people), len(open)
	return v, err
}

// mayResume says that looking and confirming is what is missing.
func (v SharingView) mayResume() bool { return len(v.Stops) == 1 && v.Stops[0].Why == PausedByRestore }

func (rm *Room) resume(ctx context.Context, in OrgIn) (Moved, error) {
	return Moved{in.Org.path("/sharing")}, rm.Resume(ctx, in.Org)
}

// PauseNotices are what the home of the organisation says while it is paused.
func (rm *Room) PauseNotices(ctx context.Context, id ID) ([]ui.NoticeView, error) {
	stops, err := rm.Stops(ctx, id)
	var all []ui.NoticeView
	for _, p := range stops {
		n := ui.NoticeView{Kind: ui.NoticeWarn, Title: ui.T("org.pause.title"), Text: ui.T("org.pause.why." + p.Why)}
		if web.RoleFrom(ctx) == web.Owner {
			n.Link = &ui.Link{Label: ui.T("org.pause.look"), URL: id.path("/sharing")}
		}
		all = append(all, n)
	}
	return all, err
}
