package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/web"
)

// Who asked for a company to be closed and was removed in the fourteen days gets
// nothing of it: the last export is for an owner who is there at the end.
func TestLastExportIsAPresentOwners(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		first, stays := s.cast["owner"], s.somebodyNew("stays")
		s.must(s.Org.AddMember(ctx, org.ID(s.a), stays, web.Owner))
		s.send(s.login(first), "/orgs/"+s.a+"/closing", map[string]any{})
		id := s.value("SELECT id FROM closing_case WHERE org_id = ?", s.a)
		s.send(s.login(stays), "/orgs/"+s.a+"/people/"+first+"/remove", map[string]any{})
		for range 20 {
			*s.clock = s.clock.Add(24 * time.Hour)
			s.tick(t)
		}
		s.must(s.Closing.Close(ctx, id))
		for account, want := range map[string]bool{first: false, stays: true} {
			session := s.login(account)
			list := s.do(getAs(session, "/api/v1/closings"))
			file := s.do(getAs(session, "/closings/"+id+"/export"))
			if strings.Contains(list.Body.String(), id) != want || (file.Code == http.StatusOK) != want {
				t.Errorf("%s, export %d, want to get it: %t", list.Body, file.Code, want)
			}
		}
	})
}

func getAs(session, path string) asked {
	return asked{session: session, method: http.MethodGet, path: path}
}
