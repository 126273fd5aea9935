package pdf

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// grid measures as a typewriter does: two for full width, one for the rest.
func grid(s string) float64 {
	w := 0.0
	for _, r := range s {
		if w++; r >= 0x2000 {
			w++
		}
	}
	return w
}

func TestBreak(t *testing.T) {
	tests := map[string]struct {
		text  string
		width float64
		want  []string
	}{
		"empty":                 {"", 10, []string{""}},
		"fits":                  {"あいう", 6, []string{"あいう"}},
		"plain":                 {"あいうえお", 6, []string{"あいう", "えお"}},
		"line feed":             {"あ\n\nい", 6, []string{"あ", "", "い"}},
		"stop not at start":     {"あいう。え", 6, []string{"あい", "う。え"}},
		"small kana":            {"あいうっえ", 6, []string{"あい", "うっえ"}},
		"long mark":             {"あいデータ", 6, []string{"あい", "データ"}},
		"closing and stop":      {"あい」。う", 6, []string{"あ", "い」。", "う"}},
		"opening not at end":    {"あい「うえ", 6, []string{"あい", "「うえ"}},
		"leaders":               {"あい……う", 6, []string{"あい", "……う"}},
		"money":                 {"あい15万円う", 8, []string{"あい", "15万円う"}},
		"months":                {"あいう3か月", 8, []string{"あいう", "3か月"}},
		"date":                  {"期限は2026年10月14日（水）です", 18, []string{"期限は", "2026年10月14日", "（水）です"}},
		"stars":                 {"あいう★3まで", 7, []string{"あいう", "★3まで"}},
		"latin":                 {"あいRansom ware", 8, []string{"あい", "Ransom ", "ware"}},
		"blank may hang":        {"abc def", 3, []string{"abc ", "def"}},
		"address is cut":        {"https://example.jp", 8, []string{"https://", "example.", "jp"}},
		"mark of a substitute":  {"あい〓12う", 6, []string{"あい", "〓12う"}},
		"narrower than letters": {"あい", 1, []string{"あ", "い"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Break(tt.text, tt.width, grid)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzBreak(f *testing.F) {
	f.Add("「あ」、……2026年10月14日 Ransom\nware。", 8.0)
	f.Add("\xff\xffっっっっっ", 0.0)
	f.Fuzz(func(t *testing.T, text string, width float64) {
		lines := Break(text, width, grid)
		if joined := strings.Join(lines, ""); joined != strings.ReplaceAll(text, "\n", "") {
			t.Fatalf("%q became %q", text, joined)
		}
		for i, line := range lines {
			if line == "" && !slices.Contains(strings.Split(text, "\n"), "") {
				t.Fatalf("line %d of %q is empty", i, text)
			}
			trimmed := strings.TrimRight(line, " 　")
			if grid(trimmed) > max(width, 2) && utf8.RuneCountInString(trimmed) > 1 {
				t.Fatalf("line %q is wider than %v", line, width)
			}
		}
	})
}
