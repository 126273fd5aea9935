package assess

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/count"
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

// counted is what companies add to the statistics.
func (st *stage) counted() map[string]string {
	st.t.Helper()
	all := map[string]string{}
	type row struct{ org, share string }
	err := st.DB.Read(context.Background(), func(ctx context.Context) error {
		return db.Each(ctx, func(r *row) []any { return []any{&r.org, &r.share} }, func(r row) error {
			all[r.org] = r.share
			return nil
		}, "SELECT org_id, pack || ' ' || peer_group || ' ' || points || ' ' || areas FROM assess_peer_org")
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

// countable makes n companies that finished with a choice and let their numbers count.
func (st *stage) countable(prefix string, n int, choice string) {
	st.t.Helper()
	for i := range n {
		org := fmt.Sprint(prefix, i)
		st.fill(org, "hana", choice)
		st.want(st.post("taro", "/orgs/"+org+"/frameworks/"+pack25+"/statistics", "counts", "true"), http.StatusSeeOther)
	}
	st.follow()
}

func (st *stage) release() {
	st.t.Helper()
	if err := st.PublishPeers(context.Background()); err != nil {
		st.t.Fatal(err)
	}
}

func TestPeersAreComparedInReleases(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.countable("few", 4, Done)
		st.release()
		if p := st.peers("few0"); p != nil {
			t.Errorf("four companies are compared: %+v", p)
		}
		if page := st.get("hana", "/orgs/few0/frameworks/"+pack25+"/result").body(); !strings.Contains(page, "10社に満たないので、くらべません") {
			t.Error("the page does not say why nothing is compared")
		}
		st.countable("half", 26, Partly)
		st.countable("best", 16, Done)
		if p := st.peers("few0"); p != nil {
			t.Errorf("something is compared before a release: %+v", p)
		}
		st.release()
		p := st.peers("half1")
		if p == nil || !p.SameKind || p.Count < 30 || p.Count > 60 || p.Count%5 != 0 || p.Median != 50 {
			t.Fatalf("46 companies, most with 50 points: %+v", p)
		}
		if mean := p.Areas["mail"]; mean < 55 || mean > 75 { // 26 with 50 and 20 with 90, about
			t.Errorf("area: %d percent", mean)
		}
		if best := st.peers("few0"); best.Rank >= p.Rank && p.Rank != 1 || best.Deviation < p.Deviation {
			t.Errorf("the best stand at %+v, the others at %+v", best, p)
		}
		if page := st.get("hana", "/orgs/half1/frameworks/"+pack25+"/result").body(); !strings.Contains(page, "社の中で、上から") {
			t.Error("the page does not compare")
		}
	})
}

// Only companies that consent and of which it is known who speaks for them count;
// who takes the consent back is not in the next release.
func TestWhoCountsInReleases(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for i := range 30 {
			st.fill(fmt.Sprint("silent", i), "hana", Done) // nobody asked them
		}
		st.countable("unbound", 30, Done)
		st.follow()
		st.mayNot = "unbound"
		st.release()
		if p := st.peers("silent0"); p != nil {
			t.Errorf("companies count that must not: %+v", p)
		}
		st.mayNot = ""
		st.release()
		if p := st.peers("silent0"); p == nil {
			t.Fatal("thirty companies that consent are not released")
		}
		for i := range 30 {
			st.want(st.post("taro", fmt.Sprint("/orgs/unbound", i, "/frameworks/", pack25, "/statistics"), "counts", "false"), http.StatusSeeOther)
		}
		st.now = st.now.Add(count.Every)
		st.release()
		if p := st.peers("silent0"); p != nil {
			t.Errorf("all took their consent back: %+v", p)
		}
		if w := st.post("hana", "/orgs/unbound0/frameworks/"+pack25+"/statistics", "counts", "true"); w.Code != http.StatusForbidden {
			t.Errorf("a member decides: %d", w.Code)
		}
	})
}

// What a company adds follows its answers, and is the same however often entries
// are read again.
func TestSharesFollowAnswers(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for i := range 3 {
			st.fill(fmt.Sprint("org", i), "hana", Done, NotDone)
		}
		st.want(st.post("hana", "/orgs/half/frameworks/"+pack25+"/items/1", "answer", "done"), http.StatusSeeOther)
		st.follow()
		before := st.counted()
		if len(before) != 3 || !strings.HasPrefix(before["org0"], pack25+" E/small 52 ") {
			t.Fatalf("three companies finished: %v", before)
		}
		st.want(st.post("hana", "/orgs/org0/frameworks/"+pack25+"/items/2", "answer", "done", "revision", "1"), http.StatusSeeOther)
		st.follow()
		moved := st.counted()
		if !strings.HasPrefix(moved["org0"], pack25+" E/small 56 ") || moved["org1"] != before["org1"] {
			t.Errorf("after a change %v", moved)
		}
		st.write(func(ctx context.Context) error { // read again from the first entry, over nothing
			if _, err := db.Exec(ctx, "DELETE FROM assess_peer_org"); err != nil {
				return err
			}
			_, err := db.Exec(ctx, "DELETE FROM journal_follower WHERE name = 'assess.peers'")
			return err
		})
		st.follow()
		st.follow()
		if d := cmp.Diff(moved, st.counted()); d != "" {
			t.Errorf("shares made anew differ (-before +after):\n%s", d)
		}
	})
}
