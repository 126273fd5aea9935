package closing

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("closing", schemaFiles) }

const (
	// WaitDays is how long a company waits before it is closed.
	WaitDays = 14
	// ExportFor is how long the export can be fetched after it was made.
	ExportFor = 14 * 24 * time.Hour
)

// Add takes a file into the export.
type Add = func(name string, write func(io.Writer) error) error

// Part contributes to the export of a company, under the folder Room.
type Part struct {
	Room   string
	Export func(ctx context.Context, org string, add Add) error
}

// Closer deletes what a room keeps of a company. It bears being called twice.
type Closer struct {
	Room  string
	Close func(ctx context.Context, org string) error
}

// Eraser deletes what a room keeps of a person. It bears being called twice.
type Eraser struct {
	Room  string
	Erase func(ctx context.Context, account string) error
}

// Config is what a Room stands on.
type Config struct {
	DB      *db.DB
	Now     func() time.Time
	Org     *org.Room
	Jobs    *job.Queue
	Folder  string // where exports lie
	Parts   []Part
	Closers []Closer
	Erasers []Eraser
	// Address returns the mail address of an account, "" when it has gone.
	Address func(ctx context.Context, account string) (string, error)
}

// Room is the capability.
type Room struct{ Config }

// New makes the room.
func New(cfg Config) *Room { return &Room{cfg} }

// Case is a company that asked to be closed.
type Case struct {
	ID       string
	Org      org.ID
	By       string
	Asked    time.Time
	State    string
	Day      string
	Counted  int
	Job      int64
	Digest   []byte
	Size     int64
	Exported time.Time
	Final    bool
	ClosedAt time.Time
}

const columns = "id, org_id, asked_by, asked_at, state, counted_day, counted, export_job, export_digest, export_size, exported_at, final, closed_at"

func (c *Case) fields() []any {
	return []any{&c.ID, &c.Org, &c.By, db.At(&c.Asked), &c.State, &c.Day, &c.Counted, &c.Job, &c.Digest, &c.Size, db.At(&c.Exported), &c.Final, db.At(&c.ClosedAt)}
}

func caseWhere(ctx context.Context, where string, args ...any) (Case, error) {
	c, err := db.One(ctx, (*Case).fields, "SELECT "+columns+" FROM closing_case WHERE "+where, args...)
	if errors.Is(err, db.ErrNone) {
		err = problem.NotFound()
	}
	return c, err
}

func openCase(ctx context.Context, id org.ID) (Case, error) {
	return caseWhere(ctx, "org_id = ? AND state IN ('waiting', 'closing')", id)
}

var japan = time.FixedZone("JST", 9*60*60)

func dayOf(t time.Time) string { return t.In(japan).Format(time.DateOnly) }

// left is how many days a case still waits, at least.
func (c Case) left(now time.Time) int {
	byClock := WaitDays - int(now.Sub(c.Asked)/(24*time.Hour))
	return max(0, WaitDays-c.Counted, byClock)
}

// Ask begins the closing of a company, and the export of everything it keeps.
// keys: problem.closing-open.title, problem.closing-open.hint
func (rm *Room) Ask(ctx context.Context, id org.ID, account string) (c Case, err error) {
	c = Case{ID: db.NewID(), Org: id, By: account, Asked: rm.Now(), State: "waiting", Day: dayOf(rm.Now())}
	return c, rm.DB.Write(ctx, func(ctx context.Context) error {
		if c.Job, err = rm.Jobs.Add(ctx, export{c.ID}, job.For(string(id))); err != nil {
			return err
		}
		n, err := db.Exec(ctx, `
			INSERT INTO closing_case (id, org_id, asked_by, asked_at, state, counted_day, counted, export_job, export_size, final)
			VALUES (?, ?, ?, ?, 'waiting', ?, 0, ?, 0, ?) ON CONFLICT DO NOTHING`, c.ID, id, account, c.Asked, c.Day, c.Job, false)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.New(http.StatusConflict, "closing-open")
		}
		if err := rm.Org.Pause(ctx, id, org.PausedByClosing); err != nil {
			return err
		}
		return rm.note(ctx, c, account, "closing.asked", false)
	})
}

func (rm *Room) note(ctx context.Context, c Case, actor, verb string, revokes bool) error {
	return journal.Note(ctx, journal.Entry{Org: string(c.Org), At: rm.Now(), Actor: actor, Verb: verb, Subject: c.ID, Revokes: revokes}, nil)
}

// CallOff ends the waiting; the company goes on as before.
func (rm *Room) CallOff(ctx context.Context, id org.ID, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "org_id = ? AND state = 'waiting'", id)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE closing_case SET state = 'called-off' WHERE id = ?", c.ID); err != nil {
			return err
		}
		if err := rm.Org.Lift(ctx, id, org.PausedByClosing); err != nil {
			return err
		}
		return rm.note(ctx, c, account, "closing.called-off", false)
	})
}

// Erase forgets a person on request: the account and everything that names it.
// What cannot be undone is refused before anything is done.
func (rm *Room) Erase(ctx context.Context, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		address, err := rm.Address(ctx, account)
		if err != nil {
			return err
		}
		for _, e := range rm.Erasers {
			if err := e.Erase(ctx, account); err != nil {
				return err
			}
		}
		return rm.eraseWords(ctx, account, address)
	})
}

const onRequest = "erased on request"

// eraseWords goes over the journals of all organisations: the entries of the
// account and about it, and every one that holds its address.
func (rm *Room) eraseWords(ctx context.Context, account, address string) error {
	orgs, err := journal.Concerned(ctx, account)
	if err != nil {
		return err
	}
	for _, id := range orgs {
		if _, err := journal.Erase(ctx, id, account, "system", onRequest, rm.Now()); err != nil {
			return err
		}
	}
	places, err := journal.Mentions(ctx, address)
	if err != nil {
		return err
	}
	for _, p := range places {
		if err := journal.Forget(ctx, p, "system", onRequest, rm.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Replay does again, after a restore, the closing that an entry tells of.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	if e.Verb != "closing.begun" {
		return fmt.Errorf("closing: %q is not replayed", e.Verb)
	}
	for _, c := range rm.Closers {
		if err := c.Close(ctx, e.Org); err != nil {
			return err
		}
	}
	return journal.EraseAll(ctx, e.Org, "company closed", rm.Now())
}

// account is who asks.
func account(ctx context.Context) string { return web.CallerFrom(ctx).Account }

func closedBy(ctx context.Context, account string) ([]Case, error) {
	return db.Rows(ctx, (*Case).fields, "SELECT "+columns+" FROM closing_case WHERE asked_by = ? AND state = 'closed' ORDER BY closed_at DESC, id LIMIT 50", account)
}
