package house

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// functions are the names of all functions of the repository.
func functions(t *testing.T) map[string]bool {
	t.Helper()
	have := map[string]bool{}
	parse(t, func(_ string, f *ast.File, _ *token.FileSet) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				have[fn.Name.Name] = true
			}
		}
	})
	return have
}

var (
	testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]+)`")
	asvsRow  = regexp.MustCompile(`(?m)^\| ([0-9.]+) \| ([12]) \| ([^|]+) \| ([^|]+) \|$`)
	link     = regexp.MustCompile(`\]\(([a-z./-]+\.md)?#([a-z0-9-]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// Every item of the two levels stands in docs/asvs.md once, and is shown by a
// test, answered by a chapter of ours, not applicable, or owned up to.
func TestASVSIsAnsweredOnce(t *testing.T) {
	answers, levels := map[string]string{}, map[string]string{}
	page := read(t, "docs/asvs.md")
	glance, _, _ := strings.Cut(page, "\n## ")
	for _, m := range asvsRow.FindAllStringSubmatch(page, -1) {
		if named := regexp.MustCompile(`\b` + regexp.QuoteMeta(m[1]) + `\b`).MatchString(glance); named != strings.Contains(m[4], "**Deviation:** ") {
			t.Errorf("docs/asvs.md: the deviations at a glance and the row of %s do not agree", m[1])
		}
		if answers[m[1]] != "" {
			t.Errorf("docs/asvs.md answers %s twice", m[1])
		}
		answers[m[1]], levels[m[1]] = m[4], m[2]
	}
	want := 0
	for line := range strings.Lines(read(t, "test/house/testdata/asvs-5.0.0.txt")) {
		item, level, _ := strings.Cut(strings.TrimSpace(line), " ")
		if item == "#" {
			continue
		}
		want++
		answer := answers[item]
		if answer == "" || levels[item] != level {
			t.Errorf("docs/asvs.md does not answer %s, level %s", item, level)
		}
		shown := testName.MatchString(answer) || link.MatchString(answer)
		if !shown && !strings.HasPrefix(answer, "Not applicable: ") && !strings.HasPrefix(answer, "**Deviation:** ") {
			t.Errorf("docs/asvs.md shows %s by nothing: %s", item, answer)
		}
	}
	if want < 250 || len(answers) != want {
		t.Errorf("docs/asvs.md answers %d items of %d", len(answers), want)
	}
}

func TestASVSNamesWhatExists(t *testing.T) {
	have, text := functions(t), read(t, "docs/asvs.md")
	for _, m := range testName.FindAllStringSubmatch(text, -1) {
		if !have[m[1]] {
			t.Errorf("docs/asvs.md names %s, which does not exist", m[1])
		}
	}
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		file := m[1]
		if file == "" {
			file = "asvs.md"
		}
		if !anchors(read(t, "docs/"+file))[m[2]] {
			t.Errorf("docs/asvs.md leads to %s#%s, which does not exist", file, m[2])
		}
	}
}

// anchors are the headings of a page as a link names them.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		name := strings.ReplaceAll(strings.ToLower(m[1]), " ", "-")
		all[regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(name, "")] = true
	}
	return all
}
