package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// options are the flags.
type options struct {
	orgs, answers    int
	seconds          int
	clients, writers int
	crowd            int
	pace             time.Duration
	dir, postgres    string
	bare, profile    string
	page             string
	only             string
}

func flags() options {
	var o options
	flag.IntVar(&o.orgs, "orgs", 10_000, "organisations")
	flag.IntVar(&o.answers, "answers", 1_000_000, "answers, present and past together; the journal has as many entries")
	flag.IntVar(&o.seconds, "seconds", 10, "how long each load runs")
	flag.IntVar(&o.clients, "clients", 16, "clients that ask for pages")
	flag.IntVar(&o.writers, "writers", 8, "clients that answer at the same time")
	flag.IntVar(&o.crowd, "crowd", 1000, "people of a crowd who read, answer and think")
	flag.DurationVar(&o.pace, "pace", 0, "how long a writer beside the pages thinks after each answer; 0 is not at all")
	flag.StringVar(&o.dir, "dir", "", "folder to fill and keep; one that is filled is used again")
	flag.StringVar(&o.postgres, "postgres", os.Getenv("MINAMORI_TEST_POSTGRES"), "URL of a PostgreSQL for the second half; a schema of its own is made and removed")
	flag.StringVar(&o.bare, "bare", "", "serve this file with a bare handler and nothing else (bench runs itself with it)")
	flag.StringVar(&o.profile, "cpuprofile", "", "ask for pages inside this process and write its CPU profile here; no table")
	flag.StringVar(&o.page, "page", "item", "page to profile: item, list or home")
	flag.StringVar(&o.only, "only", "", "measure only this: start, pages, answers, star3, postgres, journal or crowd; several by comma")
	flag.Parse()
	if flag.Arg(0) == "load" { // the figures of many people alone
		o.only = "crowd"
	}
	return o
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	o := flags()
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, o options) error {
	if o.bare != "" {
		return serveBare(o.bare)
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "minamori-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	data := filepath.Join(o.dir, "data")
	if err := prepare(ctx, data, o); err != nil {
		return err
	}
	if o.profile != "" {
		return profile(ctx, data, o)
	}
	b := &bench{options: o, data: data, binary: filepath.Join(o.dir, "minamori")}
	err := b.all(ctx)
	b.print()
	return err
}

// figure is a line of the table.
type figure struct{ name, measured, held, command string }

// bench is a run under way.
type bench struct {
	options
	data, binary string
	figures      []figure
	loadBefore   string // others who work on this machine make every figure worse
}

func (b *bench) add(name, measured, held, command string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", name, measured)
	b.figures = append(b.figures, figure{name, measured, held, command})
}

// all measures one thing after the other: what runs at once would measure the
// other.
func (b *bench) all(ctx context.Context) error {
	b.loadBefore = machineLoad()
	if err := build(ctx, b.binary); err != nil {
		return err
	}
	stages := []struct {
		name    string
		measure func(context.Context) error
	}{
		{"", b.device}, {"start", b.starts}, {"pages", b.pages}, {"answers", b.answersInside},
		{"star3", b.stars}, {"postgres", b.postgresHalf}, {"journal", b.journal}, {"crowd", b.crowds},
	}
	for _, stage := range stages {
		if b.only != "" && stage.name != "" && !slices.Contains(strings.Split(b.only, ","), stage.name) {
			continue
		}
		if err := stage.measure(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (b *bench) device(context.Context) error {
	took, err := fsyncTime(b.dir)
	if err != nil {
		return err
	}
	b.add("device: 4 KB on disk", ms(took), "-", "-")
	return nil
}

func (b *bench) print() {
	fmt.Printf("\n%d organisations, %d answers, %s per load, %d cores, %s\n", b.orgs, b.answers, b.span(), runtime.NumCPU(), runtime.Version())
	fmt.Printf("load of the machine before: %s; at the end, the bench included: %s\n\n", b.loadBefore, machineLoad())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tmeasured\theld to\tmeasured with")
	for _, f := range b.figures {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.name, f.measured, f.held, f.command)
	}
	_ = w.Flush()
}

func (b *bench) span() time.Duration { return time.Duration(b.seconds) * time.Second }
