package main

import (
	"fmt"
	"io"
	"os"

	"github.com/minamori-project/minamori/internal/journal"
)

type journalCmd struct {
	Verify journalVerifyCmd `cmd:"" help:"Recompute every chain; with saved heads, find one that was rewritten or cut."`
}

type journalVerifyCmd struct {
	Store
	Output
	Head []string `type:"existingfile" help:"File with saved heads, as exports carry them; may be given more than once."`
}

// Run exits 1 when a chain does not hold.
func (v journalVerifyCmd) Run(c *console) error {
	saved, err := readHeads(v.Head)
	if err != nil {
		return err
	}
	d, err := openExisting(c.ctx, v.Store)
	if err != nil {
		return err
	}
	defer d.Close()
	var shown int64
	report, err := journal.Verify(c.ctx, d, saved, func(n int64) {
		if n-shown >= 100_000 {
			shown = n
			fmt.Fprintf(c.err, "%d entries read\n", n)
		}
	})
	if err != nil {
		return err
	}
	if report.Faults == nil {
		report.Faults = []journal.Fault{}
	}
	if err := v.print(c, report, func(w io.Writer) { printReport(w, report) }); err != nil {
		return err
	}
	if !report.OK() {
		return errNo
	}
	return nil
}

func readHeads(files []string) ([]journal.Head, error) {
	var all []journal.Head
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		heads, err := journal.ReadHeads(f)
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, heads...)
	}
	return all, nil
}

func printReport(w io.Writer, r journal.Report) {
	fmt.Fprintf(w, "%d entries of %d organisations read, %d of them erased; %d saved heads compared\n", r.Entries, r.Organisations, r.Erased, r.Heads)
	for _, f := range r.Faults {
		fmt.Fprintf(w, "fault: organisation %s, entry %d: %s\n", f.Org, f.Seq, f.Why)
	}
	if !r.OK() {
		return
	}
	fmt.Fprintln(w, "every chain holds")
	if r.Heads == 0 {
		fmt.Fprintln(w, "note: without a head saved elsewhere, a chain that was recomputed as a whole is not found")
	}
}
