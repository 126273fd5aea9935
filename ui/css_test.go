package ui

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	token   = regexp.MustCompile(`--([a-z0-9-]+):\s*([^;]+);`)
	comment = regexp.MustCompile(`(?s)/\*.*?\*/`)
)

func styleSheet(t *testing.T) string {
	t.Helper()
	body, err := AssetFS.ReadFile("assets/minamori.css")
	if err != nil {
		t.Fatal(err)
	}
	return comment.ReplaceAllString(string(body), "")
}

// block returns the tokens between the first brace after start and its end.
func block(t *testing.T, css, start string) map[string]string {
	t.Helper()
	i := strings.Index(css, start)
	if i < 0 {
		t.Fatalf("style sheet has no %q", start)
	}
	body, _, _ := strings.Cut(css[i+len(start):], "}")
	all := map[string]string{}
	for _, m := range token.FindAllStringSubmatch(body, -1) {
		all[m[1]] = strings.TrimSpace(m[2])
	}
	return all
}

const (
	lightBlock  = `:root, [data-theme="light"] {`
	systemBlock = `:root:not([data-theme="light"]) {`
	darkBlock   = `[data-theme="dark"] {`
)

func TestBothDarkBlocksAreEqual(t *testing.T) {
	css := styleSheet(t)
	system, chosen := block(t, css, systemBlock), block(t, css, darkBlock)
	if len(system) < 20 {
		t.Fatalf("only %d tokens found", len(system))
	}
	if d := cmp.Diff(system, chosen); d != "" {
		t.Error(d)
	}
}

// TestContrast follows WCAG 2.2, 1.4.3 (4.5 for text) and 1.4.11 (3 for shapes).
func TestContrast(t *testing.T) {
	css := styleSheet(t)
	for _, theme := range []string{lightBlock, systemBlock} {
		tokens := block(t, css, theme)
		check := func(front, back string, least float64) {
			if got := contrast(t, tokens[front], tokens[back]); got < least {
				t.Errorf("%s %s on %s: %.2f, needs %.1f", theme, front, back, got, least)
			}
		}
		for _, back := range []string{"ground", "band", "raised"} {
			for _, front := range []string{"ink", "ink-2", "key", "ok", "warn", "act", "danger", "mute", "visited"} {
				check(front, back, 4.5)
			}
			for _, front := range []string{"control", "ok-fill", "warn-fill", "act-fill", "focus"} {
				check(front, back, 3)
			}
		}
		check("on-key", "key-fill", 4.5)
		check("on-key", "key-hover", 4.5)
		check("key", "key-tint", 4.5)
		check("act", "act-tint", 4.5)
		check("danger", "danger-tint", 4.5)
		check("mute", "mute-tint", 4.5)
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	hi, lo := luminance(t, a), luminance(t, b)
	if hi < lo {
		hi, lo = lo, hi
	}
	return (hi + 0.05) / (lo + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is no colour", hex)
	}
	sum := 0.0
	for shift, weight := range map[int]float64{16: 0.2126, 8: 0.7152, 0: 0.0722} {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestStyleSheetNeedsNothingFromElsewhere(t *testing.T) {
	css := styleSheet(t)
	for _, bad := range []string{"url(", "@import", "@font-face", "http"} {
		if strings.Contains(css, bad) {
			t.Errorf("style sheet holds %q", bad)
		}
	}
}
