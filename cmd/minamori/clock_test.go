package main

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/journal"
)

const day = 24 * time.Hour

func (s *stage) jump(by time.Duration) { *s.clock = s.clock.Add(by) }

func (s *stage) lives(session string) bool {
	w := s.do(asked{session: session, method: http.MethodGet, path: "/api/v1/orgs"})
	return w.Code == http.StatusOK
}

// The clock of the machine jumps: nothing breaks, and nothing lives longer.
func TestClockJump(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		t.Run("sessions", func(t *testing.T) { sessionsOverJumps(t, s) })
		t.Run("journal", func(t *testing.T) { journalOverJumps(t, s) })
		t.Run("pages", func(t *testing.T) { pagesBeforeTheirAnswers(t, s) })
		t.Run("links", func(t *testing.T) { linksOverJumps(t, s) })
	})
}

// A session that began under a clock that ran ahead must not outlive the rule by
// the difference, and neither must its fresh proof.
func sessionsOverJumps(t *testing.T, s *stage) {
	account := s.cast["owner"]
	before := s.login(account)
	s.jump(day)
	if s.lives(before) {
		t.Error("a session lives a day after its last use")
	}
	ahead := s.login(account)
	s.jump(-day)
	tokens := asked{session: ahead, method: http.MethodPost, path: "/api/v1/orgs/" + s.a + "/tokens", kind: "application/json", body: "{}"}
	if w := s.do(tokens); w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized {
		t.Errorf("a proof of tomorrow counts today: %d", w.Code)
	}
	s.jump(auth.AtMost + auth.IdleFor + time.Minute)
	if s.lives(ahead) {
		t.Error("a session that began under a clock a day ahead outlives twelve hours")
	}
	s.jump(-auth.AtMost - auth.IdleFor - time.Minute)
	if err := s.Accounts.Sweep(context.Background()); err != nil {
		t.Error(err)
	}
	s.jump(day)
	if s.lives(ahead) {
		t.Error("it lives again when its day comes")
	}
	s.jump(-day)
	again := s.login(account)
	if !s.lives(again) {
		t.Error("after the clock was put right, a new login does not work")
	}
}

// The order of the journal is that of its numbers, not of the clock.
func journalOverJumps(t *testing.T, s *stage) {
	owner := s.login(s.cast["owner"])
	for i, by := range []time.Duration{day, -2 * day, day} {
		s.jump(by)
		if by != 0 {
			owner = s.login(s.cast["owner"])
		}
		s.send(owner, "/orgs/"+s.a+"/sites", map[string]any{"name": "倉庫" + string(rune('一'+i)), "country": "JP", "prefecture": "21"})
	}
	report, err := journal.Verify(context.Background(), s.DB, nil, nil)
	if err != nil || !report.OK() {
		t.Errorf("the journal: %+v, %v", report, err)
	}
	w := s.do(asked{session: s.login(s.cast["owner"]), method: http.MethodGet, path: "/api/v1/orgs/" + s.a + "/journal"})
	var v struct {
		Entries []struct {
			Seq int64     `json:"seq"`
			At  time.Time `json:"at"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || len(v.Entries) < 3 {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	for i := 1; i < len(v.Entries); i++ {
		if v.Entries[i].Seq != v.Entries[i-1].Seq-1 {
			t.Errorf("entry %d follows %d", v.Entries[i].Seq, v.Entries[i-1].Seq)
		}
	}
	if newest, third := v.Entries[0].At, v.Entries[2].At; !newest.Before(third) {
		t.Errorf("the test did not move the clock: %s after %s", newest, third)
	}
}

var negative = regexp.MustCompile(`[>「（ ][-−]\d+ ?(日|時間|days?|hours?)`)

// Answers of tomorrow have no negative age, and no page breaks over them.
func pagesBeforeTheirAnswers(t *testing.T, s *stage) {
	owner := s.login(s.cast["owner"])
	item := "/orgs/" + s.a + "/frameworks/" + pack25 + "/items/11"
	var v struct{ Answer struct{ Revision int } }
	w := s.do(asked{session: owner, method: http.MethodGet, path: "/api/v1" + item})
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	s.jump(day)
	s.send(s.login(s.cast["owner"]), item, map[string]any{"answer": "done", "revision": v.Answer.Revision})
	s.jump(-day)
	owner = s.login(s.cast["owner"])
	for _, r := range s.Routes {
		if r.Method != http.MethodGet || r.View == nil || !strings.Contains(r.Path, "{org}") {
			continue
		}
		w := s.do(asked{session: owner, method: http.MethodGet, path: s.path(r, s.a)})
		if w.Code >= 500 {
			t.Errorf("%s: %d", name(r), w.Code)
		}
		if m := negative.FindString(w.Body.String()); m != "" {
			t.Errorf("%s shows a negative age: %s", name(r), m)
		}
	}
	// Saying it once more under the right clock works.
	s.send(owner, item, map[string]any{"answer": "partly", "revision": v.Answer.Revision + 1})
}

// A link that was made under a clock that ran ahead is not open for longer.
func linksOverJumps(t *testing.T, s *stage) {
	s.jump(day)
	link, err := s.Accounts.RecoveryLink(context.Background(), "http://localhost:8080", "owner001@example.jp")
	if err != nil {
		t.Fatal(err)
	}
	s.jump(-day + 2*time.Hour)
	w := s.do(asked{method: http.MethodGet, path: strings.TrimPrefix(link, "http://localhost:8080")})
	if w.Code == http.StatusOK {
		t.Error("a recovery link of tomorrow is open two hours after it was made")
	}
}
