package assess

import (
	"context"
	"strconv"
	"sync/atomic"
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

// Answers of many people at once, each with its entry in the journal.
func BenchmarkAnswers(b *testing.B) {
	st := newStage(b, dbtest.SQLite(b, schemas()))
	items, choices := st.Packs.ByID(pack25).Items, []string{Done, Partly, NotDone, Unknown}
	var next atomic.Int64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := int(next.Add(1))
			_, err := st.Answer(context.Background(), AnswerInput{
				Org: "org" + strconv.Itoa(n/25%400), Pack: pack25, Item: items[n%25].ID, Choice: choices[n/25%4], Actor: "hana",
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
