package assess

import (
	"context"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// Progress is how far a company has come with the self-assessment that holds
// today. It says how much is answered and never what.
type Progress struct {
	Pack     string    `json:"pack"`
	Started  bool      `json:"started"`
	Answered int       `json:"answered"`
	Total    int       `json:"total"`
	Last     time.Time `json:"last_answer"` // zero before the first
}

// Complete says that every item has an answer.
func (p Progress) Complete() bool { return p.Total > 0 && p.Answered >= p.Total }

// Progress returns how far companies have come, those without an answer too, in
// one query. Whether the asker may know is for the caller to decide.
func (rm *Room) Progress(ctx context.Context, orgs []string) (map[string]Progress, error) {
	all := make(map[string]Progress, len(orgs))
	s := rm.diagnosis()
	if s == nil || len(orgs) == 0 {
		return all, nil
	}
	args := []any{s.ID}
	for _, org := range orgs {
		all[org] = Progress{Pack: s.ID, Total: len(s.Items)}
		args = append(args, org)
	}
	type row struct {
		org  string
		n    int
		last time.Time
	}
	fields := func(r *row) []any { return []any{&r.org, &r.n, db.At(&r.last)} }
	err := db.Each(ctx, fields, func(r row) error {
		p := all[r.org]
		p.Started, p.Answered, p.Last = true, r.n, r.last
		all[r.org] = p
		return nil
	}, `SELECT org_id, COUNT(*), MAX(answered_at) FROM assess_answer
		WHERE pack = ? AND org_id IN (?`+strings.Repeat(", ?", len(orgs)-1)+`) GROUP BY org_id`, args...)
	return all, err
}

// Diagnosis is the self-assessment that holds today, or nil.
func (rm *Room) Diagnosis() *Pack {
	if s := rm.diagnosis(); s != nil {
		return s.Pack
	}
	return nil
}

// diagnosis is the self-assessment that holds today, or nil.
func (rm *Room) diagnosis() *sheet {
	for _, p := range rm.Packs.packs {
		if p.Kind == Diagnosis && rm.Packs.Current(p.Family, rm.Now()) == p {
			return rm.sheets[p.ID]
		}
	}
	return nil
}
