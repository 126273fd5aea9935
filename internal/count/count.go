package count

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this package.
func Schema() db.Schema { return db.Embedded("count", schemaFiles) }

const (
	// Least is the fewest companies that any number stands for, and that must have
	// changed before a new release.
	Least = 5
	// Group is how many companies a table needs: Least others, the reader, and four
	// that one attacker may own.
	Group = Least + 1 + 4
	// Step is what counts are rounded to.
	Step = 5
	// Blur is how far a count is moved at most before it is rounded.
	Blur = 8
	// Every is how long a release stands at least.
	Every = 7 * 24 * time.Hour
)

// Hidden is the count of a cell that stands for too few companies.
const Hidden = -1

// Dimension is one question with its number of bins.
type Dimension struct {
	Name string
	Bins int
}

// Table is one fixed set of figures over one group.
type Table struct {
	Name       string // names the group too, as "assess.points self-diagnosis-25 E/small"
	Dimensions []Dimension
}

// Part is what one company adds: a bin for each dimension of the table.
type Part struct {
	Org  string
	Bins []int
}

// Counter makes and reads releases.
type Counter struct {
	// Derive returns a secret of a purpose and an id (auth.Keeper.Derive).
	derive func(purpose, id string) string
	now    func() time.Time
}

// New makes a Counter. derive returns the secret of a purpose and an id.
func New(derive func(purpose, id string) string, now func() time.Time) *Counter {
	return &Counter{derive, now}
}

const purpose = "count blur"

// Publish makes a new release of a table out of all its parts, if the rules allow
// one, and says whether it did. It must be called inside db.Write.
func (c *Counter) Publish(ctx context.Context, t Table, parts []Part) (bool, error) {
	if err := t.check(parts); err != nil {
		return false, err
	}
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(a, b Part) int { return strings.Compare(a.Org, b.Org) })
	digests := make([][]byte, len(parts))
	for i, p := range parts {
		digests[i] = c.digest(t, p)
	}
	due, err := c.due(ctx, t, parts, digests)
	if err != nil || !due {
		return false, err
	}
	return true, c.replace(ctx, t, parts, digests)
}

func (t Table) check(parts []Part) error {
	for i, p := range parts {
		if len(p.Bins) != len(t.Dimensions) {
			return fmt.Errorf("count: part %d of %s has %d bins, not %d", i, t.Name, len(p.Bins), len(t.Dimensions))
		}
		for d, b := range p.Bins {
			if b < 0 || b >= t.Dimensions[d].Bins {
				return fmt.Errorf("count: %s has no bin %d in %s", t.Name, b, t.Dimensions[d].Name)
			}
		}
	}
	return nil
}

// digest is kept of a part instead of its bins; without the key nobody can try
// the few possible ones.
func (c *Counter) digest(t Table, p Part) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%v", c.derive(purpose, t.Name), t.Name, p.Org, p.Bins))
	return sum[:]
}

// due says whether a release may be made now.
func (c *Counter) due(ctx context.Context, t Table, parts []Part, digests [][]byte) (bool, error) {
	var made time.Time
	_, err := db.One(ctx, func(*struct{}) []any { return []any{db.At(&made)} }, "SELECT made_at FROM count_release WHERE table_name = ?", t.Name)
	if errors.Is(err, db.ErrNone) {
		return len(parts) >= c.group(t), nil
	}
	if err != nil || c.now().Sub(made) < Every {
		return false, err
	}
	changed, err := changedSince(ctx, t, parts, digests)
	return changed >= Least+c.secret(t, "changes"+db.Text(made), Least), err
}

// group is how many companies a table needs. The last few are a secret of the
// table: the day on which a release appears would otherwise tell how many there are.
func (c *Counter) group(t Table) int { return Group + c.secret(t, "group", Least) }

// secret is a number below n that only the key tells. How many changes a release
// waits for is one as well: whoever changes four companies of his own would
// otherwise see by the release whether a fifth has changed.
func (c *Counter) secret(t Table, of string, n int) int {
	sum := sha256.Sum256([]byte(c.derive(purpose, t.Name) + "\x00" + of))
	return int(binary.BigEndian.Uint64(sum[:8]) % uint64(n))
}

// changedSince is how many companies came, went or changed since the release.
func changedSince(ctx context.Context, t Table, parts []Part, digests [][]byte) (int, error) {
	now := make(map[string][]byte, len(parts))
	for i, p := range parts {
		now[p.Org] = digests[i]
	}
	type row struct {
		org    string
		digest []byte
	}
	changed, same := 0, 0
	err := db.Each(ctx, func(r *row) []any { return []any{&r.org, &r.digest} }, func(r row) error {
		if d, ok := now[r.org]; ok && bytes.Equal(d, r.digest) {
			same++
		} else {
			changed++ // went or changed
			delete(now, r.org)
		}
		return nil
	}, "SELECT org_id, digest FROM count_part WHERE table_name = ?", t.Name)
	return changed + len(now) - same, err // and those that came
}

// replace writes a release over the one before. Of a group that has become too
// small nothing is shown any more.
func (c *Counter) replace(ctx context.Context, t Table, parts []Part, digests [][]byte) error {
	for _, table := range []string{"count_cell", "count_part", "count_release"} {
		if err := db.Later(ctx, nil, "DELETE FROM "+table+" WHERE table_name = ?", t.Name); err != nil {
			return err
		}
	}
	if len(parts) < c.group(t) {
		return nil
	}
	blur := c.blurOf(t, digests)
	err := db.Later(ctx, nil, "INSERT INTO count_release (table_name, made_at, total) VALUES (?, ?, ?)", t.Name, c.now(), blur.count("", 0, len(parts)))
	if err != nil {
		return err
	}
	for i, p := range parts {
		if err := db.Later(ctx, nil, "INSERT INTO count_part (table_name, org_id, digest) VALUES (?, ?, ?)", t.Name, p.Org, digests[i]); err != nil {
			return err
		}
	}
	for d, dimension := range t.Dimensions {
		if err := writeDimension(ctx, t, dimension, blur.dimension(dimension, d, parts)); err != nil {
			return err
		}
	}
	return nil
}

func writeDimension(ctx context.Context, t Table, d Dimension, cells []int) error {
	for bin, n := range cells {
		err := db.Later(ctx, nil, "INSERT INTO count_cell (table_name, dimension, bin, n) VALUES (?, ?, ?, ?)", t.Name, d.Name, bin, n)
		if err != nil {
			return err
		}
	}
	return nil
}

// blur is the randomness of one release: keyed by everything that is in it.
type blur struct{ seed []byte }

func (c *Counter) blurOf(t Table, digests [][]byte) blur {
	h := sha256.New()
	h.Write([]byte(c.derive(purpose, t.Name)))
	for _, d := range digests {
		h.Write(d)
	}
	return blur{h.Sum(nil)}
}

// count moves a count by the sum of two equal chances and rounds it: small moves
// are likelier, and none is certain.
func (b blur) count(dimension string, bin, n int) int {
	sum := sha256.Sum256(fmt.Appendf(bytes.Clone(b.seed), "\x00%s\x00%d", dimension, bin))
	first, second := binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])
	moved := n + int(first%(Blur+1)) + int(second%(Blur+1)) - Blur
	return max(0, (moved+Step/2)/Step*Step)
}

// dimension counts the bins, and hides each cell where it or the rest of the
// dimension comes to too few.
func (b blur) dimension(d Dimension, at int, parts []Part) []int {
	cells := make([]int, d.Bins)
	for _, p := range parts {
		cells[p.Bins[at]]++
	}
	total := 0
	for bin, n := range cells {
		cells[bin] = b.count(d.Name, bin, n)
		total += cells[bin]
	}
	shown := make([]int, d.Bins)
	for bin, n := range cells {
		shown[bin] = n
		if n < Least || total-n < Least {
			shown[bin] = Hidden
		}
	}
	return shown
}
