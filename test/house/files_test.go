package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// files lists what git tracks (or would), by suffix.
func files(t *testing.T, suffix string) []string {
	t.Helper()
	out, err := exec.Command("git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "*"+suffix).Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range strings.Fields(string(out)) {
		if _, err := os.Stat(filepath.Join(root, f)); err == nil {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		t.Fatalf("no %s files found", suffix)
	}
	return all
}

func handWritten(f string) bool { return !strings.HasSuffix(f, "_templ.go") }

// parse reads every hand-written Go file.
func parse(t *testing.T, each func(name string, f *ast.File, fset *token.FileSet)) {
	t.Helper()
	for _, name := range files(t, ".go") {
		if !handWritten(name) {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		each(name, f, fset)
	}
}

// Median function about 12 lines, none over 60; files at most 500.
func TestSizes(t *testing.T) {
	parse(t, func(name string, f *ast.File, fset *token.FileSet) {
		if lines := fset.Position(f.End()).Line; lines > 500 && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s has %d lines; split it by noun (at most 500)", name, lines)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || strings.HasSuffix(name, "_test.go") {
				continue
			}
			if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > 60 {
				t.Errorf("%s: %s has %d lines (at most 60)", name, fn.Name.Name, n)
			}
		}
	})
}

func TestEveryPackageHasDoc(t *testing.T) {
	for _, p := range packages(t) {
		dir := strings.TrimPrefix(p.ImportPath, module)
		text, err := os.ReadFile(filepath.Join(root, dir, "doc.go"))
		if err != nil {
			// One short package may carry its comment in its only file.
			text, err = os.ReadFile(filepath.Join(root, dir, filepath.Base(dir)+".go"))
			if err != nil {
				text, err = os.ReadFile(filepath.Join(root, dir, "main.go"))
			}
		}
		if err != nil || !strings.HasPrefix(string(text), "// Package ") && !strings.HasPrefix(string(text), "// Command ") {
			t.Errorf("%s has no doc.go that says what it is for, its words, its rules, its neighbours and what it does not do", dir)
		}
	}
}

// Names that say nothing have no home here. A helper (支援者) is somebody.
func TestNoEmptyNames(t *testing.T) {
	for _, p := range packages(t) {
		switch filepath.Base(p.ImportPath) {
		case "utils", "util", "common", "helpers", "models", "misc", "shared":
			t.Errorf("%s: if it has no name, it has no home", p.ImportPath)
		}
	}
}

// No init: what runs at start is written in cmd.
func TestNoInit(t *testing.T) {
	parse(t, func(name string, f *ast.File, _ *token.FileSet) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s has an init function", name)
			}
		}
	})
}

// Things that would open a door, each with the reason.
func TestForbiddenThings(t *testing.T) {
	rules := []struct {
		what  *regexp.Regexp
		where string
		why   string
	}{
		{regexp.MustCompile(`templ\.Raw`), `\.(templ|go)$`, "pages print text, never markup from a string (threats T25)"},
		{regexp.MustCompile(`\sstyle=`), `\.templ$`, "the policy drops style attributes"},
		{regexp.MustCompile(`hx-on|\son[a-z]+="`), `\.templ$`, "the policy forbids inline script"},
		{regexp.MustCompile(`http\.DefaultClient|http\.Get\(|http\.Post\(`), `\.go$`, "nothing dials but the package made for it (threats T28)"},
		{regexp.MustCompile(`"log"\n`), `\.go$`, "logs are structured: log/slog"},
		{regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`), `\.(go|templ|js)$`, "unfinished work is an issue, not a mark in the code"},
	}
	for _, name := range append(append(files(t, ".go"), files(t, ".templ")...), files(t, ".js")...) {
		if strings.HasPrefix(name, "test/house/") || !handWritten(name) || strings.HasSuffix(name, ".min.js") {
			continue
		}
		text := read(t, name)
		for _, r := range rules {
			if regexp.MustCompile(r.where).MatchString(name) && !strings.HasSuffix(name, "_test.go") && r.what.MatchString(text) {
				t.Errorf("%s has %q: %s", name, r.what, r.why)
			}
		}
	}
}

// A table begins with the name of its room and is written by that room alone.
func TestTablesBelongToRooms(t *testing.T) {
	create := regexp.MustCompile(`(?i)CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)`)
	owner := map[string]string{}
	for _, name := range files(t, ".sql") {
		room := filepath.Base(filepath.Dir(filepath.Dir(name)))
		for _, m := range create.FindAllStringSubmatch(read(t, name), -1) {
			if !strings.HasPrefix(m[1], room+"_") {
				t.Errorf("%s: table %s does not begin with %s_", name, m[1], room)
			}
			owner[m[1]] = filepath.Dir(filepath.Dir(name))
		}
	}
	write := regexp.MustCompile(`(?i)(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z]+_[a-z_]+)`)
	for _, name := range files(t, ".go") {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "test/") || strings.HasPrefix(name, "bench/") {
			continue
		}
		for _, m := range write.FindAllStringSubmatch(read(t, name), -1) {
			if o, known := owner[m[1]]; known && o != filepath.Dir(name) {
				t.Errorf("%s writes %s, which belongs to %s", name, m[1], o)
			}
		}
	}
}

// Every table says why it is kept, how long, and how it is erased. A table that
// a later file drops has nothing to say.
func TestEveryTableHasARetentionLine(t *testing.T) {
	create := regexp.MustCompile(`(?i)(CREATE|DROP) TABLE (?:IF (?:NOT )?EXISTS )?([a-z_]+)`)
	text := read(t, "docs/security.md")
	alive := map[string]int{}
	for _, name := range files(t, ".sql") {
		for _, m := range create.FindAllStringSubmatch(read(t, name), -1) {
			if strings.EqualFold(m[1], "DROP") {
				alive[m[2]]--
			} else {
				alive[m[2]]++
			}
		}
	}
	for table, n := range alive {
		if n > 0 && !strings.Contains(text, "| `"+table+"` |") {
			t.Errorf("docs/security.md has no retention line for table %s", table)
		}
	}
}

// The evidence table names tests that exist.
func TestEvidenceNamesRealTests(t *testing.T) {
	have := map[string]bool{}
	parse(t, func(_ string, f *ast.File, _ *token.FileSet) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				have[fn.Name.Name] = true
			}
		}
	})
	named := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]+)`").FindAllStringSubmatch(read(t, "docs/evidence.md"), -1)
	if len(named) < 20 {
		t.Errorf("docs/evidence.md names %d tests", len(named))
	}
	for _, m := range named {
		if !have[m[1]] {
			t.Errorf("docs/evidence.md names %s, which does not exist", m[1])
		}
	}
}
