package house

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/i18n"
)

// sources is every hand-written program text that can name a key.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range append(files(t, ".go"), files(t, ".templ")...) {
		if handWritten(name) && !strings.HasSuffix(name, "_test.go") {
			all[name] = read(t, name)
		}
	}
	return all
}

var (
	asked    = regexp.MustCompile(`\b(?:T|Age|Since|Runs)\(\s*(?:ctx, ?)?"([a-z][a-zA-Z0-9_.-]*\.[a-zA-Z0-9_.-]+)"[,)]`)
	quoted   = regexp.MustCompile(`"([a-z][a-zA-Z0-9_.-]*\.[a-zA-Z0-9_.-]+)"`)
	computed = regexp.MustCompile(`// keys: (.+)`)
	problems = regexp.MustCompile(`problem\.New\([^,]+, "([a-z0-9-]+)"`)
	fields   = regexp.MustCompile(`(?:\.Check\([^"]*|\.Add\()"[^"]+", "([a-z0-9-]+)"`)
)

// keysOf lists the keys that a source names: literally, by a code of a problem
// or a field, or in a comment "// keys: a.b, c.*" where they are computed.
func keysOf(text string) (must, may []string) {
	for _, m := range asked.FindAllStringSubmatch(text, -1) {
		must = append(must, m[1])
	}
	for _, m := range problems.FindAllStringSubmatch(text, -1) {
		must = append(must, "problem."+m[1]+".title", "problem."+m[1]+".hint")
	}
	for _, m := range fields.FindAllStringSubmatch(text, -1) {
		if m[1] != "n" { // the name of a number: the name of the field is a variable
			must = append(must, "field."+m[1])
		}
	}
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		may = append(may, m[1])
	}
	for _, m := range computed.FindAllStringSubmatch(text, -1) {
		for _, k := range strings.Split(m[1], ",") {
			may = append(may, strings.TrimSpace(k))
		}
	}
	return must, may
}

func TestNoTextIsMissingOrStale(t *testing.T) {
	cat, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	have := cat.Keys()
	used := map[string]bool{}
	var prefixes []string
	for name, text := range sources(t) {
		must, may := keysOf(text)
		for _, k := range must {
			if !slices.Contains(have, k) {
				t.Errorf("%s asks for the text %q, which no catalogue has", name, k)
			}
			used[k] = true
		}
		for _, k := range may {
			if p, ok := strings.CutSuffix(k, "*"); ok {
				prefixes = append(prefixes, p)
			}
			used[k] = true
		}
	}
	for _, k := range have {
		if !used[k] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(k, p) }) {
			t.Errorf("nothing uses the text %q", k)
		}
	}
}

// A placeholder that stands in one register stands in all.
func TestPlaceholdersAreTheSameInAllRegisters(t *testing.T) {
	cat, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	names := func(l i18n.Lang, k string) (all []string) {
		for _, s := range cat.Segments(l, k) {
			if s.Name != "" && !slices.Contains(all, s.Name) {
				all = append(all, s.Name)
			}
		}
		slices.Sort(all)
		return all
	}
	for _, k := range cat.Keys() {
		ja := names(i18n.JA, k)
		for _, l := range []i18n.Lang{i18n.Easy, i18n.EN} {
			if got := names(l, k); !slices.Equal(got, ja) {
				t.Errorf("%s: placeholders %v in %s, %v in ja", k, got, l, ja)
			}
		}
	}
}
