package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/content"
)

var pageOfPDF = regexp.MustCompile(`/Type /Page\b`)

// The papers of a host are made with one command, with its name in them; the
// leaflet and the consent sheet are one page each, so that they stay one sheet.
func TestHostPapers(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "papers")
	args := []string{"host-papers", folder, "--name", "みほん商工会議所", "--contact", "電話 000-000-0000", "--url", "https://minamori.example.jp", "--format", "json"}
	code, out, errs := call(args...)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var made []madePaper
	if err := json.Unmarshal([]byte(out), &made); err != nil || len(made) != 3 {
		t.Fatalf("%v, %v", made, err)
	}
	for _, m := range made {
		body, err := os.ReadFile(m.File)
		if err != nil {
			t.Fatal(err)
		}
		pages := len(pageOfPDF.FindAll(body, -1))
		if want := map[string]int{"leaflet.pdf": 1, "consent.pdf": 1, "handover.pdf": 2}[filepath.Base(m.File)]; pages == 0 || pages > want {
			t.Errorf("%s has %d pages", m.File, pages)
		}
		if m.Check == "" {
			t.Errorf("%s does not say what to have checked", m.File)
		}
	}
	if code, _, errs := call("host-papers", folder, "--name", "x", "--contact", "y", "--url", "minamori.example.jp"); code != 2 || !strings.Contains(errs, "hint: ") {
		t.Errorf("an address without scheme: exit %d, %q", code, errs)
	}
}

// What is typed is filled into every kind of block and is nothing but text.
func TestHostPapersAreFilled(t *testing.T) {
	papers, err := hostPapers(content.Host(), strings.NewReplacer("{name}", "N: 1\n- x", "{contact}", "C", "{url}", "U"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(papers)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("{name}")) || bytes.Contains(raw, []byte("{contact}")) || bytes.Contains(raw, []byte("{url}")) {
		t.Errorf("a placeholder is left: %s", raw)
	}
	for _, p := range papers {
		for _, b := range p.Blocks {
			if b.Table != nil && len(b.Table.Widths) != len(b.Table.Columns) {
				t.Errorf("%s: %d widths for %d columns", p.File, len(b.Table.Widths), len(b.Table.Columns))
			}
		}
	}
}
