package record

import (
	"context"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Config is what a Room stands on. The functions run in the transaction of their
// context, except KeepFile, which brings its own.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Assess *assess.Room
	Book   *Book

	// Company returns the name and the number of a company, for paper.
	Company func(ctx context.Context, org string) (name, number string, err error)
	// Alone says that a company has one person only.
	Alone func(ctx context.Context, org string) (bool, error)
	// People returns the names of accounts; who is not in it has gone.
	People func(ctx context.Context, accounts []string) (map[string]string, error)

	KeepFile func(ctx context.Context, org string, u web.Upload) (blob string, err error)
	OpenFile func(ctx context.Context, org, blob string) (web.File, error)
	DropFile func(ctx context.Context, org, blob string) error
}

// Room is the verbs of this room.
type Room struct{ Config }

// New builds the room.
func New(cfg Config) *Room { return &Room{cfg} }

type asKey struct{}

// As has the verbs note somebody as who acts where no request is under way: the
// demonstration.
func As(ctx context.Context, account string) context.Context {
	return context.WithValue(ctx, asKey{}, account)
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a, ok := ctx.Value(asKey{}).(string); ok {
		return a
	}
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}

// room refuses what would make a company's records grow without end. The query counts
// what is there.
func room(ctx context.Context, most int, query string, args ...any) error {
	n, err := db.Value[int](ctx, query, args...)
	if err == nil && n >= most {
		err = problem.New(http.StatusConflict, "record-much", "n", most)
	}
	return err
}

// note writes down that something happened. The words hold what can be erased.
func (rm *Room) note(ctx context.Context, org, verb, subject string, words any) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor(ctx), Verb: "record." + verb, Subject: subject}, words)
}
