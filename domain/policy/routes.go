package policy

import "github.com/minamori-project/minamori/internal/web"

// Routes is the table of this room.
func (rm *Room) Routes() []web.Route { return nil }
