package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

type rebuildCmd struct {
	Version string `default:"v0.0.0" help:"Version to stamp."`
	All     bool   `help:"All systems; without it linux/amd64 alone."`
}

// Run builds the last commit twice, in two folders of different names and depths
// with empty caches, and compares every byte.
func (r rebuildCmd) Run() error {
	ctx := context.Background()
	s, err := sourceOf(ctx, ".")
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "rebuild-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	some := targets[:1]
	if r.All {
		some = targets
	}
	first, err := buildCopy(ctx, s, filepath.Join(work, "a"), some, r.Version)
	if err != nil {
		return err
	}
	second, err := buildCopy(ctx, s, filepath.Join(work, "another", "place"), some, r.Version)
	if err != nil {
		return err
	}
	for i, t := range some {
		if !bytes.Equal(first[i], second[i]) {
			return fmt.Errorf("%s/%s: two builds differ: %x and %x", t.system, t.processor, first[i], second[i])
		}
		fmt.Printf("%s/%s: two builds are equal: %x\n", t.system, t.processor, first[i])
	}
	return nil
}

// buildCopy builds a copy of the commit under dir and returns the digests.
func buildCopy(ctx context.Context, s source, dir string, some []target, version string) (sums [][]byte, err error) {
	tree := filepath.Join(dir, "src")
	if err := os.MkdirAll(tree, 0o755); err != nil {
		return nil, err
	}
	archive := exec.CommandContext(ctx, "git", "archive", s.commit)
	archive.Dir, archive.Stderr = s.dir, os.Stderr
	unpack := exec.CommandContext(ctx, "tar", "-x", "-C", tree)
	if unpack.Stdin, err = archive.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := archive.Start(); err != nil {
		return nil, err
	}
	if err := unpack.Run(); err != nil {
		return nil, err
	}
	if err := archive.Wait(); err != nil {
		return nil, err
	}
	copied := s
	copied.dir = tree
	for _, t := range some {
		file := filepath.Join(dir, t.file(version))
		if err := compile(ctx, copied, t, version, "", file, "GOCACHE="+filepath.Join(dir, "cache")); err != nil {
			return nil, err
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		sums = append(sums, sum[:])
	}
	return sums, nil
}
