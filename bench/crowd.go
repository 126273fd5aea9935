package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
)

// floodPeople is how many ask without thinking, to see that they are turned
// away; calm is the crowd afterwards.
const (
	floodPeople = 10_000
	calmPeople  = 100
)

// outcome is what a crowd met.
type outcome struct {
	took         []time.Duration // of what was answered
	shed, unsaid int             // turned away; without a time to try again
	failed       int
	failure      string
	span         time.Duration
}

func (o *outcome) String() string {
	slices.Sort(o.took)
	s := fmt.Sprintf("%.0f/s, p50 %s, p95 %s, p99 %s, %d turned away, %d failed", float64(len(o.took))/o.span.Seconds(),
		ms(quantile(o.took, .5)), ms(quantile(o.took, .95)), ms(quantile(o.took, .99)), o.shed, o.failed)
	if o.unsaid > 0 {
		s += fmt.Sprintf(", %d WITHOUT Retry-After", o.unsaid)
	}
	if o.failed > 0 {
		s += " (" + o.failure + ")"
	}
	return s
}

// crowds measures many people who think, then more than fit, then the calm after
// them; on SQLite, and on PostgreSQL with three nodes.
func (b *bench) crowds(ctx context.Context) error {
	h, err := enter(ctx, b.data, filepath.Join(b.data, "minamori.db"))
	if err != nil {
		return err
	}
	pack := h.pack()
	h.close()
	p, err := b.serve(ctx)
	if err != nil {
		return err
	}
	if err := b.bareItem(ctx, p, pack); err != nil {
		return err
	}
	b.crowdsAt(ctx, "SQLite", pack, b.orgs, p)
	if err := p.stop(); err != nil || b.postgres == "" {
		return err
	}
	return b.crowdsOnNodes(ctx, pack)
}

// bareItem measures the same bytes without the product.
func (b *bench) bareItem(ctx context.Context, p *process, pack *assess.Pack) error {
	c := &client{addr: p.addr}
	if err := c.ask("/orgs/"+orgID(0)+"/frameworks/"+pack.ID+"/items/"+pack.Items[0].ID, 0, nil); err != nil {
		return err
	}
	page, err := unzip(c.body.Bytes())
	_ = c.conn.Close()
	if err != nil {
		return err
	}
	bare, err := b.bareLoad(ctx, page)
	b.add("bare handler, bytes of an item's page", bare.String(), "-", fmt.Sprintf("%d clients, bench -bare", b.clients))
	return err
}

// crowdsOnNodes spreads the people over three nodes, as a proxy would.
func (b *bench) crowdsOnNodes(ctx context.Context, pack *assess.Pack) error {
	target, drop, err := ownSchema(b.postgres)
	if err != nil {
		return err
	}
	defer drop()
	h, err := enter(ctx, b.data, target)
	if err != nil {
		return err
	}
	err = (&seed{house: h, orgs: b.crowd, rounds: 1}).fill(ctx)
	h.close()
	if err != nil {
		return err
	}
	var nodes []*process
	for i := range 3 {
		data := filepath.Join(b.dir, fmt.Sprintf("node%d", i+1))
		if err := os.MkdirAll(data, 0o700); err != nil {
			return err
		}
		key, err := os.ReadFile(filepath.Join(b.data, "installation.key"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(data, "installation.key"), key, 0o600); err != nil {
			return err
		}
		p, err := start(ctx, b.binary, "serve", "--data", data, "--database-url", target, "--listen", "localhost:0")
		if err != nil {
			return err
		}
		defer func() { _ = p.stop() }()
		nodes = append(nodes, p)
	}
	b.crowdsAt(ctx, "PostgreSQL, 3 nodes", pack, b.crowd, nodes...)
	return nil
}

func (b *bench) crowdsAt(ctx context.Context, where string, pack *assess.Pack, orgs int, nodes ...*process) {
	say := func(what string, people int, think time.Duration, held string) {
		o := crowd(ctx, nodes, pack, orgs, people, think, b.span())
		most := 0.0
		for _, p := range nodes {
			_, m := memory(p.cmd.Process.Pid)
			most = max(most, m)
		}
		b.add(fmt.Sprintf("%s, %s", what, where), o.String(), held, fmt.Sprintf("%d people, think %s, two pages for each answer; memory of a node at most %.0f MB", people, think, most))
	}
	say("crowd", b.crowd, 2*time.Second, "no error")
	say("flood", floodPeople, 0, "503 with Retry-After, no other error")
	say("calm after it", calmPeople, 200*time.Millisecond, "no error")
}

// crowd lets people read two pages for each answer, each with a company of his
// own as far as there are so many.
func crowd(ctx context.Context, nodes []*process, pack *assess.Pack, orgs, people int, think, span time.Duration) *outcome {
	ctx, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	sum := &outcome{span: span}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			c := &client{addr: nodes[i%len(nodes)].addr}
			mine := c.live(ctx, pack, i, orgs, think)
			if c.conn != nil {
				_ = c.conn.Close()
			}
			mu.Lock()
			defer mu.Unlock()
			sum.took = append(sum.took, mine.took...)
			sum.shed, sum.unsaid, sum.failed = sum.shed+mine.shed, sum.unsaid+mine.unsaid, sum.failed+mine.failed
			if mine.failure != "" {
				sum.failure = mine.failure
			}
		})
	}
	wg.Wait()
	return sum
}

// live is one person of a crowd. He begins at a time of his own, and answers
// whatever item comes next.
func (c *client) live(ctx context.Context, pack *assess.Pack, i, orgs int, think time.Duration) (o outcome) {
	pause := func(most time.Duration) {
		if most > 0 {
			select {
			case <-time.After(rand.N(most)):
			case <-ctx.Done():
			}
		}
	}
	org := i % orgs
	for pause(think); ctx.Err() == nil; pause(2 * think) {
		item := pack.Items[rand.IntN(len(pack.Items))].ID
		path := "/orgs/" + orgID(org) + "/frameworks/" + pack.ID + "/items/" + item
		var body []byte
		if rand.IntN(3) == 0 {
			path = "/api/v1" + path
			body, _ = json.Marshal(map[string]any{"answer": choices[rand.IntN(len(choices))], "memo": "場所", "revision": 0})
		}
		c.status, c.again = 0, ""
		began := time.Now()
		err := c.ask(path, org, body)
		switch {
		case err == nil:
			o.took = append(o.took, time.Since(began))
		case c.status == http.StatusServiceUnavailable:
			o.shed++
			if c.again == "" {
				o.unsaid++
			}
		default:
			o.failed, o.failure = o.failed+1, err.Error()
		}
	}
	return o
}
