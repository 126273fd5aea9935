package node

import (
	"context"
	"embed"
	"net/http"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the table of what nodes have alike.
func Schema() db.Schema { return db.Embedded("node", schemaFiles) }

// keyName is the row of the key's fingerprint.
const keyName = "key"

// Agree writes the fingerprint of this node's key down when it is the first, and
// otherwise refuses one that differs.
// keys: problem.key-differs.title, problem.key-differs.hint
func Agree(ctx context.Context, d *db.DB, fingerprint string) error {
	agreed, err := written(ctx, d)
	if err == nil && agreed == "" {
		agreed, err = first(ctx, d, fingerprint)
	}
	if err == nil && agreed != fingerprint {
		return problem.New(http.StatusConflict, "key-differs")
	}
	return err
}

// written spares every start but the first a write.
func written(ctx context.Context, d *db.DB) (agreed string, err error) {
	err = d.Read(ctx, func(ctx context.Context) error {
		all, err := db.Rows(ctx, func(s *string) []any { return []any{s} }, "SELECT value FROM node_alike WHERE name = ?", keyName)
		if len(all) > 0 {
			agreed = all[0]
		}
		return err
	})
	return agreed, err
}

// first writes the fingerprint down; another node may have been quicker.
func first(ctx context.Context, d *db.DB, fingerprint string) (agreed string, err error) {
	err = d.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "INSERT INTO node_alike (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", keyName, fingerprint)
		if err != nil {
			return err
		}
		agreed, err = db.Value[string](ctx, "SELECT value FROM node_alike WHERE name = ?", keyName)
		return err
	})
	return agreed, err
}

// Accept writes the fingerprint down whatever was there.
func Accept(ctx context.Context, d *db.DB, fingerprint string) error {
	return d.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "INSERT INTO node_alike (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", keyName, fingerprint)
		return err
	})
}
