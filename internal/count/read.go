package count

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// Release is what is shown of a table.
type Release struct {
	Table string
	Made  time.Time
	Total int              // companies, about
	Cells map[string][]int // by dimension; Hidden stands for too few
}

// Read returns the releases of some tables by name, in one query; a table without
// a release is left out.
func Read(ctx context.Context, tables ...string) (map[string]Release, error) {
	if len(tables) == 0 {
		return nil, nil
	}
	args := make([]any, len(tables))
	for i, t := range tables {
		args[i] = t
	}
	type row struct {
		table, dimension string
		made             time.Time
		total, bin, n    int
	}
	all := map[string]Release{}
	err := db.Each(ctx, func(r *row) []any {
		return []any{&r.table, db.At(&r.made), &r.total, &r.dimension, &r.bin, &r.n}
	}, func(r row) error {
		release, ok := all[r.table]
		if !ok {
			release = Release{Table: r.table, Made: r.made, Total: r.total, Cells: map[string][]int{}}
		}
		release.Cells[r.dimension] = append(release.Cells[r.dimension], r.n)
		all[r.table] = release
		return nil
	}, `SELECT r.table_name, r.made_at, r.total, c.dimension, c.bin, c.n FROM count_release r
		JOIN count_cell c ON c.table_name = r.table_name
		WHERE r.table_name IN (?`+strings.Repeat(", ?", len(tables)-1)+`) ORDER BY r.table_name, c.dimension, c.bin`, args...)
	return all, err
}

// Median is the bin in the middle of a dimension, hidden cells left out, and
// whether there is one.
func (r Release) Median(dimension string) (bin int, ok bool) {
	cells := r.Cells[dimension]
	total := 0
	for _, n := range cells {
		total += max(0, n)
	}
	left := (total + 1) / 2
	for bin, n := range cells {
		if n > 0 {
			if left -= n; left <= 0 {
				return bin, true
			}
		}
	}
	return 0, false
}

// Above is about how many companies lie in higher bins of a dimension.
func (r Release) Above(dimension string, bin int) (n int) {
	for b, c := range r.Cells[dimension] {
		if b > bin {
			n += max(0, c)
		}
	}
	return n
}

// Mean is the mean of a dimension when a company of bin i counts as values[i], and
// whether any cell is shown.
func (r Release) Mean(dimension string, values []float64) (mean float64, ok bool) {
	sum, n := 0.0, 0
	for bin, c := range r.Cells[dimension] {
		if c > 0 && bin < len(values) {
			sum, n = sum+float64(c)*values[bin], n+c
		}
	}
	if n == 0 {
		return 0, false
	}
	return sum / float64(n), true
}

// Forget takes a company's digests out of all tables: part of closing it. The
// releases stay, in which it cannot be told.
func Forget(ctx context.Context, org string) error {
	_, err := db.Exec(ctx, "DELETE FROM count_part WHERE org_id = ?", org)
	return err
}

// Names lists the tables that have a release, for who publishes them again.
func Names(ctx context.Context, prefix string) ([]string, error) {
	all, err := db.Rows(ctx, func(s *string) []any { return []any{s} }, "SELECT table_name FROM count_release ORDER BY table_name")
	return slices.DeleteFunc(all, func(name string) bool { return !strings.HasPrefix(name, prefix) }), err
}

// Rounded rounds a count for the report of somebody who sees every one of the
// companies himself, so that nothing is hidden from him; readers of the report are
// told multiples of Step, and nothing where fewer than Least are counted over.
func Rounded(n, of int) (int, bool) {
	if of < Least {
		return 0, false
	}
	return (n + Step/2) / Step * Step, true
}
