package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// target is a system and a processor.
type target struct{ system, processor string }

var targets = []target{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "arm64"}, {"windows", "amd64"}}

func (t target) file(version string) string {
	name := "minamori-" + version + "-" + t.system + "-" + t.processor
	if t.system == "windows" {
		name += ".exe"
	}
	return name
}

// source is a commit of the tree that is built.
type source struct {
	dir, commit string
	at          time.Time // of the commit
}

// sourceOf looks at the tree in dir. One with changes that no commit holds is
// refused: nobody could build the same again.
func sourceOf(ctx context.Context, dir string) (source, error) {
	changed, err := output(ctx, dir, "git", "status", "--porcelain")
	if err != nil {
		return source{}, err
	}
	if changed != "" {
		return source{}, fmt.Errorf("the tree has changes without a commit:\n%s", changed)
	}
	line, err := output(ctx, dir, "git", "log", "-1", "--format=%H %ct")
	if err != nil {
		return source{}, err
	}
	var s source
	var seconds int64
	if _, err := fmt.Sscan(line, &s.commit, &seconds); err != nil {
		return source{}, err
	}
	s.dir, s.at = dir, time.Unix(seconds, 0).UTC()
	return s, nil
}

func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Stderr = dir, os.Stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// compile builds the program for a target. Nothing of this machine goes in: no
// path, no build id, no time.
func compile(ctx context.Context, s source, t target, version, key, file string, env ...string) error {
	flags := "-s -w -buildid= -X main.version=" + version + " -X main.commit=" + s.commit
	if key != "" {
		flags += " -X main.releaseKey=" + key
	}
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", file, "./cmd/minamori")
	c.Dir, c.Stderr = s.dir, os.Stderr
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.system, "GOARCH="+t.processor, "GOTOOLCHAIN=local", "GOFLAGS=-mod=readonly",
		"GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	c.Env = append(c.Env, env...)
	if err := c.Run(); err != nil {
		return fmt.Errorf("build for %s/%s: %w", t.system, t.processor, err)
	}
	return os.Chtimes(file, s.at, s.at)
}

type buildCmd struct {
	Version string `required:"" help:"Version, as v0.1.0."`
	Out     string `required:"" type:"path" help:"Folder to make; it must not exist."`
	Key     string `type:"path" help:"Signing key; without it nothing is signed."`
}

// Run makes the folder. It is complete or absent: work happens beside it.
func (b buildCmd) Run() error {
	if !semver.IsValid(b.Version) {
		return fmt.Errorf("version %q is not like v0.1.0", b.Version)
	}
	if _, err := os.Stat(b.Out); err == nil {
		return fmt.Errorf("%s exists already", b.Out)
	}
	ctx := context.Background()
	s, err := sourceOf(ctx, ".")
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(b.Out), ".release-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := b.fill(ctx, s, work); err != nil {
		return err
	}
	if err := os.Chmod(work, 0o755); err != nil {
		return err
	}
	return os.Rename(work, b.Out)
}

func (b buildCmd) fill(ctx context.Context, s source, dir string) error {
	signer, public, err := readKey(b.Key)
	if err != nil {
		return err
	}
	for _, t := range targets {
		fmt.Println("building", t.file(b.Version))
		if err := compile(ctx, s, t, b.Version, public, filepath.Join(dir, t.file(b.Version))); err != nil {
			return err
		}
	}
	steps := []func() error{
		func() error { return writePackages(ctx, s, b.Version, dir) },
		func() error { return writeBill(s, b.Version, dir) },
		func() error { return writeProvenance(s, b.Version, dir, runtime.Version()) },
		func() error { return writeSums(s, b.Version, dir, signer) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
