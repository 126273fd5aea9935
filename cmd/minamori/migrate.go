package main

import (
	"fmt"
	"io"

	"github.com/minamori-project/minamori/internal/db"
)

type migrateCmd struct {
	Store
	Output
}

// Run brings the tables to this version.
func (m migrateCmd) Run(c *console) error {
	if err := m.prepare(); err != nil {
		return err
	}
	d, err := db.Open(c.ctx, m.database())
	if err != nil {
		return err
	}
	defer d.Close()
	applied, err := migrate(c.ctx, d)
	if err != nil {
		return err
	}
	return m.print(c, applied, func(w io.Writer) {
		for _, a := range applied {
			fmt.Fprintf(w, "%s: version %d (%d new)\n", a.Room, a.Version, a.Steps)
		}
	})
}
