package closing

import (
	"context"
	"encoding/hex"
	"io"
	"os"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/closing", web.Owner, "Show how the company is closed, and how far that is.", rm.show, closingPage),
		web.Post("/orgs/{org}/closing", web.Owner, "Ask for the company to be closed in 14 days.", rm.ask, nil, web.StepUp),
		web.Post("/orgs/{org}/closing/call-off", web.Owner, "Call the closing off.", rm.callOff, nil),
		web.GetFile("/orgs/{org}/closing/export", web.Owner, "Download everything the company keeps, as one file.", rm.fetch, web.StepUp),
		web.Get("/closings", web.SignedIn, "List the companies that the caller had closed, with their last export.", rm.closed, closedPage),
		web.GetFile("/closings/{closing}/export", web.SignedIn, "Download the last export of a company that was closed.", rm.fetchClosed, web.StepUp),
		web.Get("/account/erase", web.SignedIn, "Ask before somebody is forgotten.", rm.showErase, erasePage, web.PageOnly, web.StepUp),
		web.Post("/account/erase", web.SignedIn, "Erase the caller's account and whatever names him.", rm.erase, nil, web.StepUp),
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
	Org org.ID `path:"org"`
}

func at(id org.ID, rest string) string { return "/orgs/" + string(id) + "/closing" + rest }

// View is how the closing of a company stands.
type View struct {
	State    string    `json:"state"` // "" when nobody asked
	DaysLeft int       `json:"days_left"`
	Digest   string    `json:"export_sha256,omitempty"`
	Size     int64     `json:"export_bytes"`
	Exported time.Time `json:"exported_at"`

	org org.ID
}

func (rm *Room) show(ctx context.Context, in OrgIn) (View, error) {
	v := View{org: in.Org}
	c, err := openCase(ctx, in.Org)
	if problem.Is(err, "not-found") {
		return v, nil
	}
	v.State, v.DaysLeft, v.Digest, v.Size, v.Exported = c.State, c.left(rm.Now()), hex.EncodeToString(c.Digest), c.Size, c.Exported
	return v, err
}

func (rm *Room) ask(ctx context.Context, in OrgIn) (Moved, error) {
	_, err := rm.Ask(ctx, in.Org, account(ctx))
	return Moved{at(in.Org, "")}, err
}

func (rm *Room) callOff(ctx context.Context, in OrgIn) (Moved, error) {
	return Moved{at(in.Org, "")}, rm.CallOff(ctx, in.Org, account(ctx))
}

func (rm *Room) fetch(ctx context.Context, in OrgIn) (web.File, error) {
	c, err := openCase(ctx, in.Org)
	if problem.Is(err, "not-found") || err == nil && c.Exported.IsZero() {
		return rm.fresh(ctx, in.Org), nil // a company may take everything with it at any time
	}
	if err != nil {
		return web.File{}, err
	}
	return rm.file(c)
}

func (rm *Room) fresh(ctx context.Context, id org.ID) web.File {
	return web.File{Name: "minamori-export.zip", Type: "application/zip", Write: func(w io.Writer) error {
		return rm.pack(ctx, Case{Org: id}, w, func(int, int) error { return nil })
	}}
}

func (rm *Room) file(c Case) (web.File, error) {
	if c.Exported.IsZero() {
		return web.File{}, problem.NotFound()
	}
	return web.File{Name: "minamori-export.zip", Type: "application/zip", Write: func(w io.Writer) error {
		f, err := os.Open(rm.path(c.ID))
		if err != nil {
			return problem.NotFound()
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	}}, nil
}

// ClosedIn names a company that was closed.
type ClosedIn struct {
	Closing string `path:"closing"`
}

// ClosedView lists the companies that the caller had closed, for 14 days.
type ClosedView struct {
	Closed []ClosedRow `json:"closed"`
}

// ClosedRow is one of them.
type ClosedRow struct {
	ID       string    `json:"id"`
	Digest   string    `json:"export_sha256"`
	ClosedAt time.Time `json:"closed_at"`
	Until    time.Time `json:"until"`
}

func (rm *Room) closed(ctx context.Context, _ struct{}) (ClosedView, error) {
	v := ClosedView{Closed: []ClosedRow{}}
	if web.CallerFrom(ctx).Token != nil {
		return v, problem.NotFound() // a key speaks for one company, never for what its maker had closed elsewhere
	}
	cases, err := closedBy(ctx, account(ctx))
	for _, c := range cases {
		if until := c.Exported.Add(ExportFor); rm.Now().Before(until) {
			v.Closed = append(v.Closed, ClosedRow{c.ID, hex.EncodeToString(c.Digest), c.ClosedAt, until})
		}
	}
	return v, err
}

func (rm *Room) fetchClosed(ctx context.Context, in ClosedIn) (web.File, error) {
	c, err := caseWhere(ctx, "id = ? AND asked_by = ? AND state = 'closed'", in.Closing, account(ctx))
	if err != nil {
		return web.File{}, err
	}
	return rm.file(c)
}

// EraseView asks before somebody is forgotten.
type EraseView struct{ alone bool }

func (rm *Room) showErase(ctx context.Context, _ struct{}) (EraseView, error) {
	id, err := rm.Org.OnlyOwnerOf(ctx, account(ctx))
	return EraseView{id != ""}, err
}

func (rm *Room) erase(ctx context.Context, _ struct{}) (Moved, error) {
	return Moved{"/"}, rm.Erase(ctx, account(ctx))
}

// Notices are what the home of a company says while it waits to be closed.
func (rm *Room) Notices(ctx context.Context, id org.ID) ([]ui.NoticeView, error) {
	c, err := openCase(ctx, id)
	if problem.Is(err, "not-found") {
		return nil, nil
	}
	n := ui.NoticeView{Kind: ui.NoticeWarn, Title: ui.T("closing.waits", "n", c.left(rm.Now()))}
	if web.RoleFrom(ctx) == web.Owner {
		n.Link = &ui.Link{Label: ui.T("closing.look"), URL: at(id, "")}
	}
	return []ui.NoticeView{n}, err
}
