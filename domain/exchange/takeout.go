package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Takeout is everything that a company has answered, in one Excel with a sheet for each
// framework. It is made in the background.
type Takeout struct {
	ID      string    `json:"id"`
	MadeBy  string    `json:"made_by"`
	Created time.Time `json:"created"`
	Ready   bool      `json:"ready"`

	job  int64
	blob string
}

// keepTakeout is how long a made file can be fetched.
const keepTakeout = 24 * time.Hour

// maxTakeout bounds a made file.
const maxTakeout = 64 << 20

func (rm *Room) takeoutOf(ctx context.Context, org, id string) (Takeout, error) {
	t, err := db.One(ctx, func(t *Takeout) []any { return []any{&t.ID, &t.job, &t.blob, &t.MadeBy, db.At(&t.Created)} },
		"SELECT id, job_id, blob_id, made_by, created FROM exchange_takeout WHERE id = ? AND org_id = ?", id, org)
	if errors.Is(err, db.ErrNone) || err == nil && rm.Now().Sub(t.Created) > keepTakeout {
		return t, problem.NotFound()
	}
	t.Ready = t.blob != ""
	return t, err
}

// TakingOut is the job that makes one. It does not name the company, since what the
// queue keeps of it outlives a company that is closed. Lang is the register of who asked.
type TakingOut struct {
	Takeout string    `json:"takeout"`
	Lang    i18n.Lang `json:"lang"`
}

// Kind names the job.
func (TakingOut) Kind() string { return "exchange.takeout" }

// AskTakeout has everything of a company put into one file.
func (rm *Room) AskTakeout(ctx context.Context, org string) (string, error) {
	id := db.NewID()
	err := rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.dropTakeouts(ctx, org, rm.Now()); err != nil { // one at a time: the newest holds all
			return err
		}
		n, err := rm.Jobs.Add(ctx, TakingOut{id, i18n.From(ctx).Lang}, job.For(org))
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "INSERT INTO exchange_takeout (id, org_id, job_id, blob_id, made_by, created) VALUES (?, ?, ?, '', ?, ?)",
			id, org, n, actor(ctx), db.Text(rm.Now())); err != nil {
			return err
		}
		return rm.note(ctx, org, "takeout-asked", id, words{})
	})
	return id, err
}

// MakeTakeout is the job.
func (rm *Room) MakeTakeout(ctx context.Context, t job.Task[TakingOut]) error {
	err := rm.Make(ctx, t.Args, func(done, total int) error { return t.Progress(ctx, done, total) })
	var p *problem.Problem
	if errors.As(err, &p) && p.Status < 500 {
		return job.Never(err) // the company or the takeout is no longer there
	}
	return err
}

// Make makes the file of a takeout and tells how far it is. Done twice, it makes the
// file once: the second finds it.
func (rm *Room) Make(ctx context.Context, in TakingOut, tell func(done, total int) error) error {
	ctx = i18n.Into(ctx, rm.Texts.In(in.Lang))
	org, all, err := rm.answered(ctx, in)
	if err != nil || all == nil {
		return err
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(rm.writeAll(ctx, w, all, tell)) }()
	defer r.Close()
	_, err = rm.Files.Put(ctx, org, "system", "minamori-"+i18n.ISO(rm.Now())+".xlsx", r, maxTakeout, func(ctx context.Context, f blob.File) error {
		n, err := db.Exec(ctx, "UPDATE exchange_takeout SET blob_id = ? WHERE id = ? AND org_id = ? AND blob_id = ''", f.ID, in.Takeout, org)
		if err == nil && n == 0 {
			err = problem.NotFound()
		}
		return err
	})
	if err == nil {
		err = tell(len(all), len(all))
	}
	return err
}

// answered reads the answers to every framework that a company has begun. It is nil
// when the file is there already.
func (rm *Room) answered(ctx context.Context, in TakingOut) (org string, all []*taken, err error) {
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		org, err = db.Value[string](ctx, "SELECT org_id FROM exchange_takeout WHERE id = ?", in.Takeout)
		if errors.Is(err, db.ErrNone) {
			return problem.NotFound()
		}
		if err != nil {
			return err
		}
		t, err := rm.takeoutOf(ctx, org, in.Takeout)
		if err != nil || t.Ready {
			return err
		}
		all = []*taken{}
		for _, p := range rm.Assess.Packs.Packs() {
			x, err := rm.take(ctx, org, p.ID)
			if err != nil {
				return err
			}
			for _, r := range x.records {
				if r.Answer.Revision > 0 {
					all = append(all, x)
					break
				}
			}
		}
		return nil
	})
	return org, all, err
}

func (rm *Room) writeAll(ctx context.Context, w io.Writer, all []*taken, tell func(done, total int) error) error {
	f := excelize.NewFile()
	defer f.Close()
	index, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	for i, x := range all {
		name := fmt.Sprintf("%d %s", i+1, x.pack.ID)
		name = name[:min(len(name), 31)] // what Excel allows; ids are ASCII
		if _, err := f.NewSheet(name); err != nil {
			return err
		}
		if err := x.sheet(ctx, f, name); err != nil {
			return err
		}
		if err := index.SetRow(fmt.Sprintf("A%d", i+1), []any{name, x.pack.Title.In(x.lang), x.pack.Edition, i18n.ISO(x.at)}); err != nil {
			return err
		}
		if err := tell(i, len(all)); err != nil {
			return err
		}
	}
	if err := index.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// takeoutFile hands a made file out.
func (rm *Room) takeoutFile(ctx context.Context, org, id string) (web.File, error) {
	t, err := rm.takeoutOf(ctx, org, id)
	if err != nil {
		return web.File{}, err
	}
	if !t.Ready {
		return web.File{}, problem.NotFound()
	}
	f, err := rm.Files.Get(ctx, org, t.blob)
	if err != nil {
		return web.File{}, err
	}
	return rm.Files.AsWebFile(f), nil
}

// dropTakeouts deletes the made files of a company that were asked for by a time.
func (rm *Room) dropTakeouts(ctx context.Context, org string, until time.Time) error {
	blobs, err := db.Rows(ctx, func(s *string) []any { return []any{s} },
		"DELETE FROM exchange_takeout WHERE org_id = ? AND created <= ? RETURNING blob_id", org, db.Text(until))
	if err != nil {
		return err
	}
	for _, b := range blobs {
		if b == "" {
			continue
		}
		if err := rm.Files.Delete(ctx, org, actor(ctx), b); err != nil {
			return err
		}
	}
	return nil
}

// Tidy removes what waited too long: files that nobody applied, made files, reports,
// and workbooks that no operator kept.
func (rm *Room) Tidy(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		now := rm.Now()
		orgs, err := db.Rows(ctx, func(s *string) []any { return []any{s} }, "SELECT DISTINCT org_id FROM exchange_takeout WHERE created <= ?", db.Text(now.Add(-keepTakeout)))
		if err != nil {
			return err
		}
		for _, o := range orgs {
			if err := rm.dropTakeouts(ctx, o, now.Add(-keepTakeout)); err != nil {
				return err
			}
		}
		if _, err := db.Exec(ctx, "DELETE FROM exchange_intake WHERE state = 'waiting' AND created <= ? OR created <= ?", db.Text(now.Add(-keepIntake)), db.Text(now.Add(-keepReport))); err != nil {
			return err
		}
		_, err = db.Exec(ctx, "DELETE FROM exchange_workbook WHERE NOT kept AND loaded_at <= ?", db.Text(now.Add(-keepUnkept)))
		return err
	})
}
