package assess

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestProgressCountsEachCompanyAlone(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.want(st.post("hana", question+"1", "answer", Done), 303)
		st.now = st.now.Add(time.Hour)
		st.want(st.post("hana", question+"2", "answer", Unknown), 303)
		st.fill("minato", "hana", Done)
		st.want(st.post("hana", "/orgs/tokai/frameworks/"+pledge6+"/items/"+st.Packs.ByID(pledge6).Items[0].ID, "answer", Done), 303)
		var got map[string]Progress
		err := st.DB.Read(context.Background(), func(ctx context.Context) (err error) {
			got, err = st.Progress(ctx, []string{"mihon", "minato", "tokai"})
			return err
		})
		want := map[string]Progress{
			"mihon":  {Pack: pack25, Started: true, Answered: 2, Total: 25, Last: st.now},
			"minato": {Pack: pack25, Started: true, Answered: 25, Total: 25, Last: st.now},
			"tokai":  {Pack: pack25, Total: 25}, // a pledge is no self-assessment
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Fatal(err, d)
		}
		if got["mihon"].Complete() || !got["minato"].Complete() {
			t.Error("complete is said of the wrong one")
		}
	})
}
