package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Kind is what a column holds, whichever database it stands in.
type Kind string

// The kinds of columns.
const (
	Texts  Kind = "text"
	Bytes  Kind = "bytes"
	Bools  Kind = "bool"
	Ints   Kind = "int"
	Floats Kind = "float"
)

// Column is one column of a table.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// Table is a table as it stands in the database, for copying it as a whole.
type Table struct {
	Name    string   `json:"table"`
	Columns []Column `json:"columns"`
}

// Tables lists the tables of the database in an order in which their rows can be
// put in: a table comes after those that it refers to.
func Tables(ctx context.Context) ([]Table, error) {
	t, err := fromContext(ctx)
	if err != nil {
		return nil, err
	}
	q := &liteCatalogue
	if t.db.Dialect == Postgres {
		q = &pgCatalogue
	}
	names, err := Rows(ctx, func(s *string) []any { return []any{s} }, q.tables)
	if err != nil {
		return nil, err
	}
	all := make([]Table, len(names))
	refers := map[string][]string{}
	for i, name := range names {
		all[i].Name = name
		if all[i].Columns, err = Rows(ctx, (*Column).fields, q.columns, name); err != nil {
			return nil, err
		}
		if refers[name], err = Rows(ctx, func(s *string) []any { return []any{s} }, q.refers, name); err != nil {
			return nil, err
		}
	}
	return inOrder(all, refers)
}

// catalogue is how a database tells of its tables.
type catalogue struct{ tables, columns, refers string }

var liteCatalogue = catalogue{
	tables:  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
	columns: "SELECT name, type FROM pragma_table_info(?) ORDER BY cid",
	refers:  `SELECT DISTINCT "table" FROM pragma_foreign_key_list(?)`,
}

var pgCatalogue = catalogue{
	tables: `SELECT table_name::text FROM information_schema.tables
		WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1`,
	columns: `SELECT column_name::text, data_type::text FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = ? AND is_generated = 'NEVER' ORDER BY ordinal_position`,
	refers: `SELECT DISTINCT f.relname::text FROM pg_constraint c
		JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
		JOIN pg_namespace n ON n.oid = t.relnamespace
		WHERE c.contype = 'f' AND n.nspname = current_schema() AND t.relname = ?`,
}

func (c *Column) fields() []any { return []any{&c.Name, &kindOf{&c.Kind}} }

// kindOf scans the declared type of a column.
type kindOf struct{ kind *Kind }

// Scan reads what the catalogue of either database calls the type.
func (k *kindOf) Scan(v any) error {
	declared := strings.ToLower(fmt.Sprint(v))
	*k.kind = Texts
	for _, known := range []struct {
		part string
		kind Kind
	}{
		{"bool", Bools}, {"bytea", Bytes}, {"blob", Bytes}, {"int", Ints},
		{"double", Floats}, {"real", Floats}, {"float", Floats}, {"numeric", Floats},
	} {
		if strings.Contains(declared, known.part) {
			*k.kind = known.kind
			return nil
		}
	}
	return nil
}

func inOrder(all []Table, refers map[string][]string) ([]Table, error) {
	var out []Table
	done := map[string]bool{}
	for len(out) < len(all) {
		before := len(out)
		for _, t := range all {
			ready := !slices.ContainsFunc(refers[t.Name], func(r string) bool { return r != t.Name && !done[r] })
			if ready && !done[t.Name] {
				done[t.Name] = true
				out = append(out, t)
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("db: tables refer to each other in a circle, among %d", len(all)-before)
		}
	}
	return out, nil
}

// Query selects all rows of the table.
func (t Table) Query() string { return "SELECT " + t.list() + " FROM " + quoted(t.Name) }

func (t Table) list() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoted(c.Name)
	}
	return strings.Join(names, ", ")
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// As gives a value that was read as any the type of its kind: the databases
// differ in what they call a boolean.
func (k Kind) As(v any) any {
	switch x := v.(type) {
	case int64:
		if k == Bools {
			return x != 0
		}
	case []byte:
		if k == Texts {
			return string(x)
		}
	case string:
		if k == Bytes {
			return []byte(x)
		}
	}
	return v
}
