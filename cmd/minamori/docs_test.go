//go:build unix

package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	fence   = regexp.MustCompile("(?s)```[a-z]*\n(.*?)```")
	comment = regexp.MustCompile(`\s+#.*$`)
)

// documented lists the minamori commands that stand in code blocks of the docs.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	host, err := filepath.Glob("../../docs/host/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(append(files, host...), "../../README.md", "../../README.ja.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
			for _, line := range strings.Split(block[1], "\n") {
				line = comment.ReplaceAllString(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "$ ")), "")
				args, ok := strings.CutPrefix(strings.TrimPrefix(line, "go run ./cmd/"), "minamori ")
				if ok && !strings.ContainsAny(args, "|<>…") {
					all[filepath.Base(f)] = append(all[filepath.Base(f)], args)
				}
			}
		}
	}
	return all
}

// Every command of the docs is one that the program understands.
func TestDocumentedCommandsParse(t *testing.T) {
	n := 0
	for file, commands := range documented(t) {
		for _, line := range commands {
			n++
			var errw strings.Builder
			c := &console{ctx: context.Background(), out: io.Discard, err: &errw, now: time.Now}
			args := strings.Fields(strings.NewReplacer("'", "", `"`, "").Replace(line))
			if _, code := parse(c, args); code != exitDone && !strings.Contains(errw.String(), "no such file") && !strings.Contains(errw.String(), "not found") {
				t.Errorf("%s: minamori %s: %s", file, line, errw.String())
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d commands found in the docs", n)
	}
}

// The README's first command does what it says on a machine that knows nothing.
func TestReadmeCommandServes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const command = "go run ./cmd/minamori serve"
	if !strings.Contains(string(text), command) {
		t.Fatalf("README.md does not promise %q", command)
	}
	cmd := exec.Command("sh", "-c", "exec "+command)
	cmd.Dir = "../.."
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run has a child
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+home, "MINAMORI_LISTEN=localhost:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	var lines []string
	for in := bufio.NewScanner(out); in.Scan(); {
		lines = append(lines, in.Text())
		if strings.HasPrefix(in.Text(), "ready: ") {
			break
		}
	}
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "setup: http://localhost:") || !strings.HasPrefix(lines[1], "ready: http://localhost:") {
		t.Errorf("it printed %q", lines)
	}
	if _, err := os.Stat(filepath.Join(home, "minamori", setupFile)); err != nil {
		t.Error(err)
	}
}
