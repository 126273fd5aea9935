package closing

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
)

// export makes the export of a case.
type export struct {
	Case string `json:"case"`
}

// Kind names the job.
func (export) Kind() string { return "closing.export" }

// closeCase closes the company of a case.
type closeCase struct {
	Case string `json:"case"`
}

// Kind names the job.
func (closeCase) Kind() string { return "closing.close" }

// due counts the days and begins what is due.
type due struct{}

// Kind names the job.
func (due) Kind() string { return "closing.due" }

// Work says what does the jobs of this room.
func (rm *Room) Work() error {
	rm.Jobs.Every("closing.due", time.Hour, due{})
	return errors.Join(
		job.Handle(rm.Jobs, job.Spec{Timeout: 30 * time.Minute, Attempts: 5}, func(ctx context.Context, t job.Task[export]) error {
			return rm.makeExport(ctx, t.Args.Case, false, func(done, total int) error { return t.Progress(ctx, done, total) })
		}),
		job.Handle(rm.Jobs, job.Spec{Timeout: time.Hour, Attempts: 25}, func(ctx context.Context, t job.Task[closeCase]) error {
			return rm.Close(ctx, t.Args.Case)
		}),
		job.Handle(rm.Jobs, job.Spec{Timeout: 10 * time.Minute, Attempts: 3}, func(ctx context.Context, _ job.Task[due]) error {
			return rm.Tick(ctx)
		}),
	)
}

// Tick counts today for every case that waits, begins to close what has waited
// long enough, and removes exports that are over.
func (rm *Room) Tick(ctx context.Context) error {
	now := rm.Now()
	err := rm.DB.Write(ctx, func(ctx context.Context) error {
		cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+columns+" FROM closing_case WHERE state IN ('waiting', 'closing') ORDER BY id")
		if err != nil {
			return err
		}
		for _, c := range cases {
			if err := rm.tick(ctx, c, now); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, rm.sweep(ctx, now))
}

// tick counts a day once. A day in the future was counted by a clock that ran
// ahead: it goes back without counting.
func (rm *Room) tick(ctx context.Context, c Case, now time.Time) error {
	if c.State == "waiting" {
		today := dayOf(now)
		if c.Day > dayOf(now.Add(24*time.Hour)) {
			c.Day = today
		}
		if c.Day < today {
			c.Day, c.Counted = today, c.Counted+1
		}
		if _, err := db.Exec(ctx, "UPDATE closing_case SET counted_day = ?, counted = ? WHERE id = ?", c.Day, c.Counted, c.ID); err != nil {
			return err
		}
		if c.left(now) > 0 {
			return nil
		}
	}
	_, err := rm.Jobs.Add(ctx, closeCase{c.ID}, job.Once())
	return err
}

// Close, the job, does what is left of closing a company. It may have been broken off
// anywhere.
func (rm *Room) Close(ctx context.Context, id string) error {
	var c Case
	err := rm.DB.Write(ctx, func(ctx context.Context) (err error) {
		if c, err = caseWhere(ctx, "id = ? AND state IN ('waiting', 'closing')", id); err != nil {
			return err
		}
		if c.State == "closing" || c.left(rm.Now()) > 0 {
			return nil
		}
		c.State = "closing"
		if _, err := db.Exec(ctx, "UPDATE closing_case SET state = 'closing' WHERE id = ?", id); err != nil {
			return err
		}
		if err := rm.inherit(ctx, c); err != nil {
			return err
		}
		// From here nobody comes in, so that the export is the last word.
		if _, err := rm.Org.Disband(ctx, c.Org); err != nil {
			return err
		}
		return rm.note(ctx, c, "system", "closing.begun", true)
	})
	if err != nil || c.State != "closing" {
		return job.Never(errors.Join(err, errors.New("closing: nothing is due")))
	}
	if !c.Final {
		if err := rm.makeExport(ctx, id, true, func(int, int) error { return nil }); err != nil {
			return err
		}
	}
	for _, closer := range rm.Closers {
		if err := closer.Close(ctx, string(c.Org)); err != nil {
			return err
		}
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := journal.EraseAll(ctx, string(c.Org), "company closed", rm.Now()); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "UPDATE closing_case SET state = 'closed', closed_at = ? WHERE id = ?", rm.Now(), id)
		return err
	})
}

// inherit gives the last export to a present owner when whoever asked is none any
// more: who left must not take everything along (threats T21).
func (rm *Room) inherit(ctx context.Context, c Case) error {
	owners, err := rm.Org.Owners(ctx, c.Org)
	if err != nil || slices.Contains(owners, c.By) {
		return err
	}
	heir := ""
	if len(owners) > 0 {
		heir = owners[0]
	}
	_, err = db.Exec(ctx, "UPDATE closing_case SET asked_by = ? WHERE id = ?", heir, c.ID)
	return err
}

func (rm *Room) path(id string) string { return filepath.Join(rm.Folder, id+".zip") }

// makeExport writes everything into one file. It gets its name when it is whole.
func (rm *Room) makeExport(ctx context.Context, id string, final bool, progress func(done, total int) error) error {
	if err := os.MkdirAll(rm.Folder, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(rm.Folder, "making-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	hash := sha256.New()
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "id = ?", id)
		if err != nil {
			return err
		}
		return rm.pack(ctx, c, io.MultiWriter(tmp, hash), progress)
	})
	size, seekErr := tmp.Seek(0, io.SeekCurrent)
	if err := errors.Join(err, seekErr, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), rm.path(id)); err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE closing_case SET export_digest = ?, export_size = ?, exported_at = ?, final = ? WHERE id = ?",
			hash.Sum(nil), size, rm.Now(), final, id)
		return err
	})
}

func (rm *Room) pack(ctx context.Context, c Case, to io.Writer, progress func(done, total int) error) error {
	z := zip.NewWriter(to)
	for i, p := range rm.Parts {
		if err := progress(i, len(rm.Parts)); err != nil {
			return err
		}
		err := p.Export(ctx, string(c.Org), func(name string, write func(io.Writer) error) error {
			w, err := z.CreateHeader(&zip.FileHeader{Name: p.Room + "/" + name, Method: zip.Deflate, Modified: rm.Now()})
			if err != nil {
				return err
			}
			return write(w)
		})
		if err != nil {
			return err
		}
	}
	return errors.Join(z.Close(), progress(len(rm.Parts), len(rm.Parts)))
}

// sweep removes exports that are over, and what a crash left.
func (rm *Room) sweep(ctx context.Context, now time.Time) error {
	keep := map[string]bool{}
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		return db.Each(ctx, (*Case).fields, func(c Case) error {
			over := c.State == "called-off" || !c.Exported.IsZero() && now.Sub(c.Exported) > ExportFor && c.State == "closed"
			keep[c.ID+".zip"] = !over
			return nil
		}, "SELECT "+columns+" FROM closing_case")
	})
	if err != nil {
		return err
	}
	lying, err := os.ReadDir(rm.Folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range lying {
		info, infoErr := e.Info()
		if infoErr == nil && !keep[e.Name()] && (filepath.Ext(e.Name()) == ".zip" || time.Since(info.ModTime()) > 2*time.Hour) {
			err = errors.Join(err, os.Remove(filepath.Join(rm.Folder, e.Name())))
		}
	}
	return err
}
