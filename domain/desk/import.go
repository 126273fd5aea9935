package desk

import "github.com/minamori-project/minamori/internal/web"

func (rm *Room) importRoutes() []web.Route { return nil }
