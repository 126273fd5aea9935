package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	random "math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"github.com/minamori-project/minamori/domain/assess"
)

// answersInside measures the verb itself, without HTTP.
func (b *bench) answersInside(ctx context.Context) error {
	h, err := enter(ctx, b.data, filepath.Join(b.data, "minamori.db"))
	if err != nil {
		return err
	}
	defer h.close()
	b.answersOf(ctx, h, "SQLite", b.orgs)
	return h.catchUp(ctx)
}

func (b *bench) answersOf(ctx context.Context, h *house, name string, orgs int) {
	const workers = 16
	pack := h.pack()
	given := newGivers(workers, orgs, pack)
	loading, cancel := context.WithTimeout(ctx, b.span())
	defer cancel()
	t := load(loading, workers, func(worker, _ int) error {
		a := given[worker].next()
		_, err := h.assess.Answer(ctx, assess.AnswerInput{
			Org: orgID(a.org), Pack: pack.ID, Item: a.item, Choice: a.choice, Memo: a.memo, Actor: accountID(a.org),
		})
		return err
	})
	b.add("answer with journal and position, "+name, t.String(), "≥ 1000/s, p99 ≤ 50 ms", fmt.Sprintf("assess.Room.Answer, %d at once", workers))
}

// postgresOrgs is how many organisations answer on PostgreSQL: enough that they
// do not wait for each other.
const postgresOrgs = 400

// postgresHalf measures answers on PostgreSQL, in a schema that goes away again.
func (b *bench) postgresHalf(ctx context.Context) error {
	if b.postgres == "" {
		b.add("answer with journal and position, PostgreSQL", "not measured: no -postgres", "≥ 1000/s, p99 ≤ 50 ms", "-")
		return nil
	}
	target, drop, err := ownSchema(b.postgres)
	if err != nil {
		return err
	}
	defer drop()
	h, err := enter(ctx, b.data, target)
	if err != nil {
		return err
	}
	defer h.close()
	fmt.Fprintln(os.Stderr, "PostgreSQL:")
	if err := (&seed{house: h, orgs: postgresOrgs, rounds: 1}).fill(ctx); err != nil {
		return err
	}
	b.answersOf(ctx, h, "PostgreSQL", postgresOrgs)
	if err := h.catchUp(ctx); err != nil {
		return err
	}
	p, err := b.serve(ctx, "--database-url", target)
	if err != nil {
		return err
	}
	b.answersOver(ctx, p, h.pack(), "PostgreSQL", postgresOrgs)
	return p.stop()
}

func ownSchema(base string) (target string, drop func(), err error) {
	admin, err := sql.Open("pgx", base)
	if err != nil {
		return "", nil, err
	}
	name := "bench_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE SCHEMA " + name); err != nil {
		_ = admin.Close()
		return "", nil, err
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() {
		_, _ = admin.Exec("DROP SCHEMA " + name + " CASCADE")
		_ = admin.Close()
	}, nil
}

// giver is somebody who answers one company after the other, all items of each.
type giver struct {
	pack                       *assess.Pack
	random                     *random.Rand
	worker, workers, orgs, org int
	done                       int
}

// given is an answer with a text that nobody wrote before.
type given struct {
	org                int
	item, choice, memo string
}

func newGivers(n, orgs int, pack *assess.Pack) []*giver {
	all := make([]*giver, n)
	for i := range all {
		all[i] = &giver{pack: pack, random: random.New(random.NewPCG(uint64(i), random.Uint64())), worker: i, workers: n, orgs: orgs}
	}
	return all
}

func (g *giver) next() given {
	item := g.done % len(g.pack.Items)
	if item == 0 {
		g.org = g.random.IntN(g.orgs/g.workers)*g.workers + g.worker
	}
	g.done++
	return given{g.org, g.pack.Items[item].ID, choices[g.random.IntN(len(choices))], memo(g.random)}
}
