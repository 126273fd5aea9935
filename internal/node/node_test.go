package node

import (
	"context"
	"testing"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/problem"
)

func TestKeysMustBeAlike(t *testing.T) {
	dbtest.Each(t, []db.Schema{Schema()}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for i, step := range []struct {
			key, code string
			accept    bool
		}{
			{key: "one"}, {key: "one"}, {key: "two", code: "key-differs"}, {key: "one"},
			{key: "two", accept: true}, {key: "two"}, {key: "one", code: "key-differs"},
		} {
			if step.accept {
				if err := Accept(ctx, d, step.key); err != nil {
					t.Fatal(err)
				}
			}
			err, code := Agree(ctx, d, step.key), ""
			if p := problem.As(err); p != nil {
				code = p.Code
			} else if err != nil {
				t.Fatal(err)
			}
			if code != step.code {
				t.Errorf("step %d: key %q gives %q, want %q", i, step.key, code, step.code)
			}
		}
	})
}
