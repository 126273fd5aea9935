package desk

import "github.com/minamori-project/minamori/internal/web"

func (rm *Room) caseRoutes() []web.Route     { return nil }
func (rm *Room) letterRoutes() []web.Route   { return nil }
func (rm *Room) claimRoutes() []web.Route    { return nil }
func (rm *Room) consentRoutes() []web.Route  { return nil }
func (rm *Room) reminderRoutes() []web.Route { return nil }
