package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
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
	return p.stop()
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
