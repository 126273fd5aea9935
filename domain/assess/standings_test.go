package assess

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
)

func TestStandingsAreThoseOfEachPackInTwoQueries(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.fill("mihon", "hana", Done, Partly)
		packs := []string{pack25, pledge6, pledge5}
		for _, item := range []string{"1", "2"} {
			if _, err := st.AddEvidence(context.Background(), EvidenceInput{Org: "mihon", Actor: "hana", At: Place{pack25, item}, Note: "控え"}); err != nil {
				t.Fatal(err)
			}
		}
		err := st.DB.Read(context.Background(), func(ctx context.Context) error {
			want := map[string]Standing{}
			for _, id := range packs {
				s, err := st.Standing(ctx, "mihon", id)
				if err != nil {
					return err
				}
				want[id] = s
			}
			ctx, n := db.Counted(ctx)
			got, err := st.Standings(ctx, "mihon", packs)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if n.N() > 2 {
				t.Errorf("%d queries", n.N())
			}
			if _, err := st.Standings(ctx, "mihon", []string{"nowhere"}); err == nil {
				t.Error("a pack that is not there")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
