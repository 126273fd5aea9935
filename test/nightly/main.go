// Command nightly runs what takes too long for every change: a thousand rounds of
// kill -9 on each database, a million reads in search of a leak, rolling restarts of
// three nodes behind each proxy, the benches with a million rows, pages in further
// registers and widths, every fuzz test for longer, and the whole test suite with
// upgraded dependencies.
//
//	go run ./test/nightly                 everything
//	go run ./test/nightly kill bench      named steps: kill, hunt, nodes, bench, pages, outside, fuzz, upgraded
//	go run ./test/nightly -rounds 200 kill
//	go run ./test/nightly -reads 200000 hunt
//
// It prints a line per step and exits 1 when one of them failed. PostgreSQL is
// used where MINAMORI_TEST_POSTGRES names one (test/all shows how to start it).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

type step struct {
	name string
	run  func(ctx context.Context) error
}

var (
	rounds   = flag.Int("rounds", 1000, "rounds of kill -9 per database")
	reads    = flag.Int("reads", 1_000_000, "reads of the leak hunt; a tenth of them on PostgreSQL")
	fuzzTime = flag.Duration("fuzztime", 30*time.Second, "time per fuzz test")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	steps := []step{{"kill", kill}, {"hunt", hunt}, {"nodes", nodes}, {"bench", bench}, {"pages", pages}, {"outside", outside}, {"fuzz", fuzz}, {"upgraded", upgraded}}
	passed, failed := 0, 0
	for _, s := range steps {
		if args := flag.Args(); len(args) > 0 && !slices.Contains(args, s.name) {
			continue
		}
		began := time.Now()
		err := s.run(ctx)
		took := time.Since(began).Round(time.Second)
		if err != nil {
			failed++
			fmt.Printf("nightly: %s failed after %s: %v\n", s.name, took, err)
			continue
		}
		passed++
		fmt.Printf("nightly: %s passed in %s\n", s.name, took)
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

func command(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	return cmd.Run()
}

func kill(ctx context.Context) error {
	return command(ctx, ".", []string{fmt.Sprintf("MINAMORI_KILL_ROUNDS=%d", *rounds), "MINAMORI_AWAY_SECONDS=10", "MINAMORI_TEST_PGRESTART=1"},
		"go", "test", "-count=1", "-timeout=9h", "-v", "./test/crash")
}

// hunt lets everybody read everything in thousands of small worlds.
func hunt(ctx context.Context) error {
	return command(ctx, ".", []string{fmt.Sprintf("MINAMORI_HUNT_READS=%d", *reads)},
		"go", "test", "-count=1", "-timeout=9h", "-v", "-run", "TestNothingUngrantedAppears", "./cmd/minamori")
}

// nodes restarts nodes under people behind each proxy that is installed.
func nodes(ctx context.Context) error {
	var failed error
	for _, proxy := range []string{"haproxy", "nginx", "own"} {
		if _, err := exec.LookPath(proxy); err != nil && proxy != "own" {
			fmt.Printf("nightly: nodes behind %s: not tried, it is not installed\n", proxy)
			continue
		}
		failed = errors.Join(failed, command(ctx, ".", nil, "go", "run", "./test/nodes", "-proxy", proxy))
	}
	return failed
}

// outside lets the tools of others look at a demo, those that are installed.
func outside(ctx context.Context) error { return command(ctx, ".", nil, "./test/outside/run") }

// pages walks past the ways to a star in every register and width.
func pages(ctx context.Context) error {
	return command(ctx, ".", nil, "./test/browser/run", "--thorough", "ways")
}

func bench(ctx context.Context) error {
	return command(ctx, ".", nil, "go", "run", "./bench")
}

var fuzzName = regexp.MustCompile(`(?m)^func (Fuzz[A-Za-z0-9_]+)\(`)

// fuzz finds every fuzz test in the repository and runs it for a while.
func fuzz(ctx context.Context) error {
	found, err := fuzzTests(".")
	if err != nil {
		return err
	}
	var failed []string
	for _, f := range found {
		err := command(ctx, ".", nil, "go", "test", "-run", "^$", "-fuzz", "^"+f.name+"$",
			"-fuzztime", fuzzTime.String(), "-fuzzminimizetime", "1x", f.pkg)
		if err != nil {
			failed = append(failed, f.pkg+" "+f.name)
		}
	}
	if len(failed) > 0 {
		return errors.New(strings.Join(failed, ", "))
	}
	fmt.Printf("nightly: %d fuzz tests, %s each\n", len(found), *fuzzTime)
	return nil
}

type fuzzTest struct{ pkg, name string }

func fuzzTests(root string) (all []fuzzTest, err error) {
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range fuzzName.FindAllSubmatch(text, -1) {
			all = append(all, fuzzTest{"./" + filepath.ToSlash(filepath.Dir(path)), string(m[1])})
		}
		return err
	})
	return all, err
}

// upgraded runs the tests of a copy with the newest dependencies, so that an
// upgrade that breaks us is known before it is needed.
func upgraded(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "minamori-upgraded-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := command(ctx, ".", nil, "git", "clone", "-q", ".", dir); err != nil {
		return err
	}
	if err := command(ctx, dir, nil, "go", "get", "-u", "./..."); err != nil {
		return fmt.Errorf("upgrading: %w", err)
	}
	return command(ctx, dir, nil, "go", "test", "-timeout=30m", "./cmd/...", "./domain/...", "./format/...", "./internal/...", "./ui/...")
}
