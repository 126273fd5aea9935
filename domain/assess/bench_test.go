package assess

import (
	"testing"

	"github.com/minamori-project/minamori/internal/db/dbtest"
)

// Pages as a browser gets them, through the whole server but without a network.
func BenchmarkPages(b *testing.B) {
	st := newStage(b, dbtest.SQLite(b, schemas()))
	st.fill("mihon", "hana", Done, Partly, NotDone, Unknown)
	for _, page := range []struct{ name, path string }{
		{"question", question + "11"}, {"list", here}, {"home", "/orgs/mihon"}, {"result", here + "/result"},
	} {
		b.Run(page.name, func(b *testing.B) {
			for b.Loop() {
				st.want(st.get("hana", page.path), 200)
			}
		})
	}
}
