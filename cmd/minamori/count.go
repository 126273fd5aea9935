package main

import (
	"context"
	"errors"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
)

// publishEvery is how often it is looked whether a release of numbers is due;
// internal/count decides.
const publishEvery = 24 * time.Hour

// mayCount says which companies may be in numbers about companies: those of which
// it is known who speaks for them, and whose sharing is not paused.
func (h *House) mayCount(ctx context.Context, orgs []string) (map[string]bool, error) {
	may := map[string]bool{}
	for len(orgs) > 0 {
		some := orgs[:min(len(orgs), 500)] // as many as a statement can name
		orgs = orgs[len(some):]
		bound, err := h.Binding.States(ctx, some)
		if err != nil {
			return nil, err
		}
		paused, err := h.Org.PausedAmong(ctx, some)
		if err != nil {
			return nil, err
		}
		for id := range bound {
			may[id] = !paused[org.ID(id)]
		}
	}
	return may, nil
}

// publish is the job that makes releases of numbers about companies.
type publish struct{}

// Kind names the job.
func (publish) Kind() string { return "house.publish" }

func (h *House) publish(ctx context.Context, _ job.Task[publish]) error {
	return errors.Join(h.Assess.PublishPeers(ctx), h.Board.Publish(ctx))
}

// statistics lets most companies of the demonstration count, and makes the first
// release.
func (r *region) statistics() error {
	if err := journal.CatchUp(r.ctx, r.DB, r.Assess.PeerFollower()); err != nil {
		return err
	}
	for i, id := range r.orgs {
		if i%6 == 5 {
			continue // some have not been asked, or said no
		}
		if i > 5 {
			if err := r.Binding.ByLetter(r.ctx, string(id), string(r.orgs[2]), r.today.AddDate(0, 0, -60)); err != nil {
				return err
			}
		}
		if err := r.Assess.JoinStatistics(r.ctx, string(id), r.owners[i]); err != nil {
			return err
		}
	}
	return r.Assess.PublishPeers(r.ctx)
}
