package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/domain/mapping"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
)

// star3 is the pack with 81 criteria.
const star3 = "scs-star3-2026"

// stars measures the page of 81 criteria, with evidence, of every company.
func (b *bench) stars(ctx context.Context) error {
	h, err := enter(ctx, b.data, filepath.Join(b.data, "minamori.db"))
	if err != nil {
		return err
	}
	pack := h.packs.ByID(star3)
	err = h.seedStars(ctx, pack, b.orgs)
	h.close()
	if err != nil {
		return err
	}
	p, err := b.serve(ctx)
	if err != nil {
		return err
	}
	all := clients(b.clients, p.addr)
	ask := func(worker, call int) error {
		i := (worker*b.orgs/b.clients + call*7) % b.orgs
		return all[worker].ask("/orgs/"+orgID(i)+"/frameworks/"+star3+"?depth=3", i, nil)
	}
	if err := ask(0, 0); err != nil {
		return err
	}
	page, err := unzip(all[0].body.Bytes())
	if err != nil {
		return err
	}
	bare, err := b.bareLoad(ctx, page)
	if err != nil {
		return err
	}
	loading, cancel := context.WithTimeout(ctx, b.span())
	defer cancel()
	t := load(loading, b.clients, ask)
	b.add("page of 81 criteria with evidence", t.String(), "≥ 1000/s, p95 ≤ 25 ms", fmt.Sprintf("%d clients, gzip, %d bytes", b.clients, len(page)))
	b.add("  bare handler, same bytes", fmt.Sprintf("%s; %.1f times the page", bare, bare.perSecond()/t.perSecond()), "-", "bench -bare, no writers")
	return errors.Join(p.stop(), b.elsewhere(ctx))
}

// elsewhere measures what the answers to one framework are worth in the others, and
// how long a table of many companies takes.
func (b *bench) elsewhere(ctx context.Context) error {
	h, err := enter(ctx, b.data, filepath.Join(b.data, "minamori.db"))
	if err != nil {
		return err
	}
	defer h.close()
	if err := b.project(ctx, h); err != nil {
		return err
	}
	for _, orgs := range []int{300, 10_000} {
		if orgs <= b.orgs {
			if err := b.table(ctx, h, orgs); err != nil {
				return err
			}
		}
	}
	return nil
}

// project reads all standings of a company and follows all maps from them.
func (b *bench) project(ctx context.Context, h *house) error {
	atlas, err := mapping.Load(content.Mappings(), h.packs)
	if err != nil {
		return err
	}
	var ids []string
	for _, p := range h.packs.Packs() {
		ids = append(ids, p.ID)
	}
	var reading, following []time.Duration
	for i := range 300 {
		var all map[string]assess.Standing
		began := time.Now()
		err := h.db.Read(ctx, func(ctx context.Context) (err error) {
			all, err = h.assess.Standings(ctx, orgID(i%b.orgs), ids)
			return err
		})
		if err != nil {
			return err
		}
		reading = append(reading, time.Since(began))
		began = time.Now()
		atlas.Project(all, time.Now())
		following = append(following, time.Since(began))
	}
	b.add("one company's answers over all maps", "p50 "+ms(atRank(following, .5))+", p95 "+ms(atRank(following, .95)), "≤ 10 ms",
		fmt.Sprintf("%d maps; reading the standings before it p95 %s", len(atlas.Maps()), ms(atRank(reading, .95))))
	return nil
}

// atRank is the time that so large a part of them stayed under.
func atRank(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[int(q*float64(len(all)-1))]
}

// table writes one Excel of the 81 criteria of many companies and looks how much
// memory it needs at most.
func (b *bench) table(ctx context.Context, h *house, orgs int) error {
	pack := h.packs.ByID(star3)
	var most uint64
	rows := func(yield func(exchange.CompanyAnswers, error) bool) {
		for i := range orgs {
			choices := map[string]string{}
			err := h.db.Read(ctx, func(ctx context.Context) error {
				answers, err := h.assess.Answers(ctx, orgID(i), star3)
				for id, a := range answers {
					choices[id] = a.Choice
				}
				return err
			})
			if i%100 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
			if !yield(exchange.CompanyAnswers{Company: exchange.Company{Name: orgID(i)}, Choices: choices}, err) {
				return
			}
		}
	}
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		return err
	}
	ctx = i18n.Into(ctx, texts.In(i18n.JA))
	began := time.Now()
	if err := exchange.WriteMany(ctx, io.Discard, pack, rows); err != nil {
		return err
	}
	held := "≤ 2 s"
	if orgs > 300 {
		held = "memory that does not grow"
	}
	b.add(fmt.Sprintf("Excel of 81 criteria, %d companies", orgs), time.Since(began).Round(time.Millisecond).String(), held,
		fmt.Sprintf("reading included; heap at most %d MB", most>>20))
	return nil
}

// seedStars answers all criteria for every company and shows half of them by
// evidence, unless that is there.
func (h *house) seedStars(ctx context.Context, pack *assess.Pack, orgs int) error {
	var there int
	err := h.db.Read(ctx, func(ctx context.Context) (err error) {
		there, err = db.Value[int](ctx, "SELECT COUNT(*) FROM assess_answer WHERE pack = ?", pack.ID)
		return err
	})
	if err != nil || there > 0 {
		return err
	}
	for i := 0; i < orgs; i += orgsPerWrite {
		err := h.db.Write(ctx, func(ctx context.Context) error {
			for k := i; k < min(orgs, i+orgsPerWrite); k++ {
				if err := starsOf(ctx, pack, k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func starsOf(ctx context.Context, pack *assess.Pack, i int) error {
	random := rand.New(rand.NewPCG(uint64(i), 81))
	states := []string{assess.Met, assess.Met, assess.Met, assess.Partly, assess.NotMetChoice, assess.Unknown}
	var answers, evidence, proofs []any
	at := time.Now().AddDate(0, 0, -random.IntN(200))
	for k := range pack.Items {
		x := &pack.Items[k]
		answers = append(answers, orgID(i), pack.ID, x.ID, states[random.IntN(len(states))], memo(random), db.Text(at), accountID(i), 1)
		if k%2 == 0 {
			id := fmt.Sprintf("benchev%06d-%02d", i, k)
			evidence = append(evidence, id, orgID(i), pack.ID, x.ID, "", memo(random), "", db.Text(at), accountID(i), assess.KindStatement, x.Needs[0], db.Text(at.AddDate(1, 0, 0)))
			proofs = append(proofs, orgID(i), pack.ID, x.ID, id)
		}
	}
	return all(ctx,
		statement{"INSERT INTO assess_answer (org_id, pack, item, choice, memo, answered_at, answered_by, revision) VALUES " + places(8, len(answers)), answers},
		statement{`INSERT INTO assess_evidence (id, org_id, pack, item, blob_id, name, note, collected_at, collected_by, kind, form, valid_until)
			VALUES ` + places(12, len(evidence)), evidence},
		statement{"INSERT INTO assess_proof (org_id, pack, item, evidence_id) VALUES " + places(4, len(proofs)), proofs},
	)
}

// places are the marks of rows with so many columns.
func places(columns, values int) string {
	row := "(" + strings.Repeat(", ?", columns)[2:] + ")"
	return strings.Repeat(", "+row, values/columns)[2:]
}
