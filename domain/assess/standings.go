package assess

import (
	"context"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
)

// Standings returns where a company stands in several packs, in two queries
// however many they are.
func (rm *Room) Standings(ctx context.Context, org string, packs []string) (map[string]Standing, error) {
	args := []any{org}
	for _, id := range packs {
		if _, err := rm.sheet(id); err != nil {
			return nil, err
		}
		args = append(args, id)
	}
	answers, evidence := map[string]map[string]Answer{}, map[string]map[string][]Evidence{}
	if len(packs) > 0 {
		in := " IN (?" + strings.Repeat(", ?", len(packs)-1) + ")"
		if err := answersTo(ctx, in, args, answers); err != nil {
			return nil, err
		}
		if err := evidenceFor(ctx, in, args, evidence); err != nil {
			return nil, err
		}
	}
	all := make(map[string]Standing, len(packs))
	for _, id := range packs {
		all[id] = Stand(rm.sheets[id].Pack, answers[id], evidence[id], rm.Now())
	}
	return all, nil
}

func answersTo(ctx context.Context, in string, args []any, all map[string]map[string]Answer) error {
	type row struct {
		pack string
		Answer
	}
	fields := func(r *row) []any { return append([]any{&r.pack}, r.Answer.fields()...) }
	return db.Each(ctx, fields, func(r row) error {
		if all[r.pack] == nil {
			all[r.pack] = map[string]Answer{}
		}
		all[r.pack][r.Item] = r.Answer
		return nil
	}, "SELECT pack, "+answerColumns+" FROM assess_answer WHERE org_id = ? AND pack"+in, args...)
}

func evidenceFor(ctx context.Context, in string, args []any, all map[string]map[string][]Evidence) error {
	type row struct {
		pack string
		Evidence
	}
	fields := func(r *row) []any { return append([]any{&r.pack, &r.Item}, r.Evidence.fields()...) }
	return db.Each(ctx, fields, func(r row) error {
		if all[r.pack] == nil {
			all[r.pack] = map[string][]Evidence{}
		}
		all[r.pack][r.Item] = append(all[r.pack][r.Item], r.Evidence)
		return nil
	}, "SELECT p.pack, p.item, "+evidenceColumns+` FROM assess_proof p JOIN assess_evidence e ON e.id = p.evidence_id
		WHERE p.org_id = ? AND p.pack`+in+" ORDER BY collected_at DESC, id", args...)
}
