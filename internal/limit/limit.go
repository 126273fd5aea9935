package limit

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"sync"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the table of the buckets.
func Schema() db.Schema { return db.Embedded("limit", schemaFiles) }

// Rule is how often something may happen.
type Rule struct {
	Name  string        // is stored, in the digest: another name begins anew
	Burst int           // so many at once
	Every time.Duration // and one more after each of these
}

// slack is how far the clocks of nodes may differ before a full bucket is taken
// for one that was filled by a clock that ran ahead.
const slack = 5 * time.Minute

// Keeper keeps the buckets.
type Keeper struct {
	db   *db.DB
	now  func() time.Time
	hash func(string) []byte

	mu   sync.Mutex
	here map[string]int64 // of a Keeper without a database
}

// New keeps buckets in the database. hash hides the keys; it must be the same on
// all nodes.
func New(d *db.DB, now func() time.Time, hash func(string) []byte) *Keeper {
	return &Keeper{db: d, now: now, hash: hash}
}

// InProcess keeps buckets in memory: for a command or a test that runs alone and
// has no table of them.
func InProcess(now func() time.Time) *Keeper {
	plain := func(s string) []byte { sum := sha256.Sum256([]byte(s)); return sum[:] }
	return &Keeper{now: now, hash: plain, here: map[string]int64{}}
}

// Try counts one of what the rule bounds, and says whether it may happen. Inside
// a Write the count is undone with it; otherwise it stays.
func (k *Keeper) Try(ctx context.Context, r Rule, key string) (ok bool, err error) {
	return k.TryN(ctx, r, key, 1)
}

// TryN is Try for something that weighs n. What weighs more than the burst can
// never happen.
func (k *Keeper) TryN(ctx context.Context, r Rule, key string, n int) (ok bool, err error) {
	digest, now := k.digest(r, key), k.now().UnixMicro()
	if k.db == nil {
		return k.tryHere(r, digest, now, n), nil
	}
	err = k.db.Write(ctx, func(ctx context.Context) error {
		ok, err = r.fill(ctx, digest, now, n)
		return err
	})
	return ok && err == nil, err
}

// Together runs tries that count all or, when f fails, none. (In memory they
// count one by one: there is nothing to undo them.)
func (k *Keeper) Together(ctx context.Context, f func(ctx context.Context) error) error {
	if k.db == nil {
		return f(ctx)
	}
	return k.db.Write(ctx, f)
}

func (k *Keeper) digest(r Rule, key string) string {
	return hex.EncodeToString(k.hash("limit " + r.Name + "\x00" + key)[:16])
}

// fill puts n drops into a bucket. The row changes when there is room, or when it
// lies in a time that cannot be: then it is set just above full, which tells the
// two apart.
func (r Rule) fill(ctx context.Context, digest string, now int64, n int) (bool, error) {
	if n > r.Burst {
		return false, nil
	}
	drops, full := r.span(n), now+r.span(r.Burst)
	empty, err := db.Rows(ctx, func(n *int64) []any { return []any{n} }, `
		INSERT INTO limit_bucket (key, empty) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET empty = CASE
			WHEN limit_bucket.empty > ? THEN ?
			WHEN limit_bucket.empty < ? THEN ?
			ELSE limit_bucket.empty + ? END
		WHERE limit_bucket.empty <= ? OR limit_bucket.empty > ?
		RETURNING empty`,
		digest, now+drops,
		full+slack.Microseconds(), full+1,
		now, now+drops,
		drops,
		full-drops, full+slack.Microseconds())
	return len(empty) == 1 && empty[0] <= full, err
}

// span is how long n drops take to run out, in microseconds.
func (r Rule) span(n int) int64 { return int64(n) * r.Every.Microseconds() }

// most bounds the memory of a Keeper without a database.
const most = 10_000

func (k *Keeper) tryHere(r Rule, digest string, now int64, n int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	drops, full := r.span(n), now+r.span(r.Burst)
	switch empty := k.here[digest]; {
	case empty > full+slack.Microseconds():
		k.here[digest] = full + 1
		return false
	case empty > full-drops || n > r.Burst:
		return false
	default:
		if len(k.here) >= most {
			clear(k.here)
		}
		k.here[digest] = max(empty, now) + drops
		return true
	}
}

// Sweep removes the buckets that are empty.
func (k *Keeper) Sweep(ctx context.Context) error {
	if k.db == nil {
		return nil
	}
	return k.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM limit_bucket WHERE empty < ?", k.now().UnixMicro())
		return err
	})
}
