package org

import "github.com/minamori-project/minamori/internal/web"

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route { return nil }
