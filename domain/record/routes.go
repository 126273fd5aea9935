package record

import (
	"slices"

	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the table of this room.
func (rm *Room) Routes() []web.Route {
	return slices.Concat(rm.homeRoutes(), rm.dutyRoutes(), rm.ledgerRoutes(), rm.listRoutes(), rm.requestRoutes())
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

func home(org string) string { return "/orgs/" + org + "/records" }
