package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A pack may come from anybody: whatever its size and shape, the lint answers
// soon, names the place and leaves the terminal alone.
func TestLintOfHostilePacks(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"huge", "id: pack\n" + strings.Repeat("# a comment of some length\n", 1<<17), "pack.yaml: is larger than 1048576 bytes"},
		{"many lines", strings.Repeat("#\n", 50_000), "pack.yaml: has more than 10000 lines"},
		{"long line", "id: " + strings.Repeat("a", 10_000), "pack.yaml:1: is longer than 4096 bytes"},
		{"deep brackets", "id: " + strings.Repeat("[", 3000), "pack.yaml:1: is nested deeper than 32 levels"},
		{"deep lists", strings.Repeat("- ", 3000), "pack.yaml:1: is nested deeper than 32 levels"},
		{"deep maps", deepMaps(200), "pack.yaml:34: is nested deeper than 32 levels"},
		{"bomb", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "pack.yaml:1: anchors and aliases are not allowed"},
		{"two documents", "a: 1\n---\nb: 2\n", "pack.yaml: holds 2 documents, want 1 that is not empty"},
		{"no YAML", "\x00\xff\xfe", "pack.yaml"},
		{"signs of the terminal", `title: {ja: "合格\u001b[2J\u0007", easy: "x", en: "x"}` + "\n", "refused word 合格"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "pack.yaml")
			if err := os.WriteFile(name, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			code, out, errs := call("framework", "lint", name)
			if code != exitNo || !strings.Contains(out, tt.want) || errs != "" {
				t.Errorf("exit %d, want %s\n%s%s", code, tt.want, out, errs)
			}
			if strings.ContainsAny(out, "\x1b\x07\x00") {
				t.Errorf("the terminal is told what the file says: %q", out)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func deepMaps(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("  ", i) + "a:\n")
	}
	return b.String()
}
