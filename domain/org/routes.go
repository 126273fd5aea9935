package org

import (
	"slices"

	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	return slices.Concat(rm.homeRoutes(), rm.companyRoutes(), rm.listRoutes(), rm.peopleRoutes(), rm.invitationRoutes(),
		rm.circleRoutes(), rm.journalRoutes(), rm.pauseRoutes())
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// OrgIn names the organisation of a route.
type OrgIn struct {
	Org ID `path:"org"`
}

// path is a page of an organisation.
func (id ID) path(rest string) string { return "/orgs/" + string(id) + rest }

// pageSize is how many rows a page of a list shows.
const pageSize = 50

// cutPage takes the row too many off a list that was asked for one more than a
// page, and says whether there was one.
func cutPage[T any](rows []T) ([]T, bool) {
	if len(rows) <= pageSize {
		return rows, false
	}
	return rows[:pageSize], true
}
