package assess

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

func (st *stage) follow() {
	st.t.Helper()
	if err := journal.CatchUp(context.Background(), st.DB, st.PeerFollower()); err != nil {
		st.t.Fatal(err)
	}
}

func (st *stage) write(f func(ctx context.Context) error) {
	st.t.Helper()
	if err := st.DB.Write(context.Background(), f); err != nil {
		st.t.Fatal(err)
	}
}

// counted is the table of peer statistics, without its empty rows.
func (st *stage) counted() map[string]int {
	st.t.Helper()
	all := map[string]int{}
	type row struct {
		key string
		n   int
	}
	err := st.DB.Read(context.Background(), func(ctx context.Context) error {
		return db.Each(ctx, func(r *row) []any { return []any{&r.key, &r.n} }, func(r row) error {
			all[r.key] = r.n
			return nil
		}, "SELECT pack || ' ' || peer_group || ' ' || area || ' ' || points, n FROM assess_peer WHERE n <> 0")
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return all
}

func (st *stage) peers(org string) *Peers {
	st.t.Helper()
	return st.result("hana", org, pack25).Peers
}

func TestPeersFromFiveOn(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		choices := []string{Done, Partly, NotDone, Done} // 100, 50, 0, 100 points
		for i, c := range choices {
			st.fill(fmt.Sprint("org", i), "hana", c)
		}
		st.want(st.post("hana", "/orgs/half/frameworks/"+pack25+"/items/1", "answer", "done"), http.StatusSeeOther)
		st.follow()
		if p := st.peers("org0"); p != nil {
			t.Errorf("four companies and a half are compared: %+v", p)
		}
		if page := st.get("hana", "/orgs/org0/frameworks/"+pack25+"/result").body(); !strings.Contains(page, "5社に満たないので、くらべません") {
			t.Error("the page does not say why nothing is compared")
		}
		st.fill("org4", "hana", Unknown) // −25 points
		st.follow()
		want := &Peers{Count: 5, SameKind: true, Rank: 3, Median: 50, Deviation: 51, Areas: map[string]int{
			"devices": 50, "passwords": 50, "mail": 50, "network": 50, "paper": 50, "people": 50, "partners": 50, "emergency": 50,
		}}
		got := st.peers("org1")
		for id, a := range got.Areas {
			if a < 44 || a > 50 { // (100 + 50 + 0 + 100 − 25) / 5
				t.Errorf("area %s has %d percent", id, a)
			}
			got.Areas[id] = 50
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("five companies (-want +got):\n%s", d)
		}
		if page := st.get("hana", "/orgs/org1/frameworks/"+pack25+"/result").body(); !strings.Contains(page, "5社の中で、上から3番目") {
			t.Error("the page does not compare")
		}
	})
}

func TestPeersOfAnotherKind(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for i := range 5 {
			st.groups[fmt.Sprint("org", i)] = "ABCDE"[i : i+1]
			st.fill(fmt.Sprint("org", i), "hana", Done)
		}
		st.follow()
		if p := st.peers("org0"); p == nil || p.SameKind || p.Count != 5 {
			t.Errorf("among all companies: %+v", p)
		}
		for i := range 5 { // all become one kind; the room hears of it
			st.groups[fmt.Sprint("org", i)] = "E"
			st.write(func(ctx context.Context) error {
				return journal.Note(ctx, journal.Entry{Org: fmt.Sprint("org", i), At: st.now, Actor: "hana", Verb: "org.edited", Subject: "x"}, nil)
			})
		}
		st.follow()
		if p := st.peers("org0"); p == nil || !p.SameKind || p.Count != 5 {
			t.Errorf("among the same kind: %+v", p)
		}
	})
}

func TestPeersMoveExactlyOnce(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for i := range 6 {
			st.fill(fmt.Sprint("org", i), "hana", Done, NotDone)
		}
		st.follow()
		before := st.counted()
		if before[pack25+" all  52"] != 6 {
			t.Fatalf("six companies are counted as %v", before)
		}
		st.want(st.post("hana", "/orgs/org0/frameworks/"+pack25+"/items/2", "answer", "done", "revision", "1"), http.StatusSeeOther)
		st.follow()
		moved := st.counted()
		if moved[pack25+" all  52"] != 5 || moved[pack25+" all  56"] != 1 {
			t.Errorf("after a change %v", moved)
		}
		again := func(ctx context.Context) error {
			_, err := db.Exec(ctx, "DELETE FROM journal_follower WHERE name = 'assess.peers'")
			return err
		}
		st.write(again) // read again from the first entry
		st.follow()
		if d := cmp.Diff(moved, st.counted()); d != "" {
			t.Errorf("entries read twice count twice (-once +twice):\n%s", d)
		}
		st.write(func(ctx context.Context) error { // rebuilt from nothing
			for _, table := range []string{"assess_peer", "assess_peer_org"} {
				if _, err := db.Exec(ctx, "DELETE FROM "+table); err != nil {
					return err
				}
			}
			return again(ctx)
		})
		st.follow()
		if d := cmp.Diff(moved, st.counted()); d != "" {
			t.Errorf("a rebuilt table differs (-before +after):\n%s", d)
		}
	})
}

func TestHistogram(t *testing.T) {
	h := histogram{{-25, 1}, {0, 1}, {50, 1}, {100, 2}}
	if h.count() != 5 || h.median() != 50 || h.mean() != 45 {
		t.Errorf("count %d, median %d, mean %v", h.count(), h.median(), h.mean())
	}
	if m := (histogram{{10, 1}, {20, 1}}).median(); m != 10 {
		t.Errorf("median of two is %d", m)
	}
}
