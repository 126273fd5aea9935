package recovery

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/limit"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	return slices.Concat(rm.ownerRoutes(), rm.askerRoutes(), rm.caseRoutes(), rm.operatorRoutes())
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

func caller(ctx context.Context) string { return web.CallerFrom(ctx).Account }

func casePath(id string) string { return "/recovery/cases/" + id }

func ownerPath(id org.ID) string { return "/orgs/" + string(id) + "/recovery" }

// strangers bounds what one network tries: an office behind one address that asks
// twice stays below it.
var strangers = limit.Rule{Name: "recovery", Burst: 10, Every: 5 * time.Minute}

func (rm *Room) tooOften(ctx context.Context) error {
	ok, err := rm.Limits.Try(ctx, strangers, web.Client(ctx))
	if err == nil && !ok {
		err = problem.New(429, "too-many")
	}
	return err
}

func (rm *Room) ownerRoutes() []web.Route {
	const here = "/orgs/{org}/recovery"
	return []web.Route{
		web.Get(here, web.Owner, "Show the sealed code and who became or asks to become the owner.", rm.showOwner, ownerPage),
		web.Post(here+"/code", web.Owner, "Make the sealed code; the one before it ends.", rm.makeCode, madePage, web.StepUp),
		web.Post(here+"/sheet", web.Owner, "Set the sealed code that was just made on a sheet for the safe.", rm.sheetFile, nil, web.PageOnly),
	}
}

// OrgIn names the organisation of a route.
type OrgIn struct {
	Org org.ID `path:"org" json:"-"`
}

// OwnerView is how a company is prepared for the loss of its owner.
type OwnerView struct {
	MadeAt time.Time `json:"code_made_at"` // zero without a code
	MadeBy string    `json:"code_made_by"`
	Owners int       `json:"owners"`
	Cases  []CaseRow `json:"cases"`

	org org.ID
}

// CaseRow is a case in a list.
type CaseRow struct {
	ID    string    `json:"id"`
	Way   string    `json:"way"`
	State string    `json:"state"`
	Asked time.Time `json:"asked_at"`
	Left  int       `json:"days_left"`

	Number string `json:"-"`
}

func (rm *Room) rowOf(c Case) CaseRow {
	r := CaseRow{ID: c.ID, Way: c.Way, State: c.State, Asked: c.Asked, Number: c.Number}
	switch c.State {
	case "notice":
		r.Left = c.left(rm.Now())
	case "done":
		r.Left = c.undoable(rm.Now())
	}
	return r
}

// undoable is how many days a case that is done can still be undone.
func (c Case) undoable(now time.Time) int {
	over := c.Done.Add(NoticeDays * 24 * time.Hour)
	if c.State != "done" || now.After(over) {
		return 0
	}
	return int(over.Sub(now)/(24*time.Hour)) + 1
}

type made struct {
	at time.Time
	by string
}

func (m *made) fields() []any { return []any{db.At(&m.at), &m.by} }

func (rm *Room) showOwner(ctx context.Context, in OrgIn) (OwnerView, error) {
	v := OwnerView{org: in.Org, Cases: []CaseRow{}}
	owners, err := rm.Org.Owners(ctx, in.Org)
	if err != nil {
		return v, err
	}
	v.Owners = len(owners)
	code, err := db.One(ctx, (*made).fields, "SELECT made_at, made_by FROM recovery_code WHERE org_id = ?", in.Org)
	switch {
	case err == nil:
		names, err := rm.People(ctx, []string{code.by})
		if err != nil {
			return v, err
		}
		v.MadeAt, v.MadeBy = code.at, names[code.by]
	case !errors.Is(err, db.ErrNone):
		return v, err
	}
	cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+columns+" FROM recovery_case WHERE org_id = ? AND state <> 'asked' ORDER BY asked_at DESC, id LIMIT 20", in.Org)
	for _, c := range cases {
		v.Cases = append(v.Cases, rm.rowOf(c))
	}
	return v, err
}

// MadeView shows a sealed code, once.
type MadeView struct {
	Code string `json:"code"`
	org  org.ID
}

func (rm *Room) makeCode(ctx context.Context, in OrgIn) (MadeView, error) {
	code, err := rm.MakeCode(ctx, in.Org, caller(ctx))
	return MadeView{code, in.Org}, err
}

// standing is a line of what the home of a company says: a case, or its code.
type standing struct{ what, id string }

func (l *standing) fields() []any { return []any{&l.what, &l.id} }

// Notices are what the home of a company says: that somebody becomes the owner,
// and to its only owner that nobody could follow him.
func (rm *Room) Notices(ctx context.Context, id org.ID) (all []ui.NoticeView, err error) {
	lines, err := db.Rows(ctx, (*standing).fields, `
		SELECT state, id FROM recovery_case WHERE org_id = ? AND (state = 'notice' OR state = 'done' AND done_at > ?)
		UNION ALL SELECT 'code', org_id FROM recovery_code WHERE org_id = ? ORDER BY 2`, id, rm.Now().Add(-NoticeDays*24*time.Hour), id)
	prepared := false
	for _, l := range lines {
		if l.what == "code" {
			prepared = true
			continue
		}
		all = append(all, ui.NoticeView{Kind: ui.NoticeNow, Title: ui.T("recovery.notice." + l.what), Link: &ui.Link{Label: ui.T("recovery.notice.look"), URL: casePath(l.id)}})
	}
	if err != nil || prepared || web.RoleFrom(ctx) != web.Owner {
		return all, err
	}
	owners, err := rm.Org.Owners(ctx, id)
	if len(owners) < 2 {
		all = append(all, ui.NoticeView{Kind: ui.NoticeSay, Title: ui.T("recovery.prompt"), Link: &ui.Link{Label: ui.T("recovery.prompt.do"), URL: ownerPath(id)}})
	}
	return all, err
}
