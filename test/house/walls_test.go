package house

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

const module = "github.com/minamori-project/minamori/"

// neighbours says which rooms a room may call; every room may call org. Adding
// one is a design decision: say why in the commit. docs/architecture.md shows
// the same table, and a test keeps the two equal.
var neighbours = map[string][]string{
	"account":   {},
	"approval":  {},
	"desk":      {"assess"}, // says how far a company is, and enters what it told
	"helper":    {"assess"}, // a grant shows answers, and assess says what of them
	"emergency": {},
	"binding":   {},
	"webhook":   {},
	"org":       {},
	"recovery":  {},
	"assess":    {},
	"closing":   {},
	"policy":    {"assess"},
	"record":    {"assess"},
	"star":      {"assess"},
	"review":    {"assess"},
	"exchange":  {"assess"},
	"plan":      {"assess"},
	"board":     {"assess"},
	"mapping":   {"assess"},
}

// may says whether a package may import another, both without the module path.
func may(from, to string) bool {
	shelf, name, _ := strings.Cut(from, "/")
	target, what, _ := strings.Cut(to, "/")
	switch shelf {
	case "cmd", "test", "bench", "release":
		return target != "cmd" && target != "test"
	case "domain":
		return target == "internal" || target == "format" || to == "ui" ||
			target == "domain" && (what == "org" || slices.Contains(neighbours[name], what))
	case "ui":
		return to == "internal/i18n" || to == "internal/problem"
	case "internal", "format":
		return target == shelf
	}
	return false
}

type listed struct {
	ImportPath                string
	Imports                   []string
	TestImports, XTestImports []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestWalls(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, module)
			if ours && !may(from, to) {
				t.Errorf("%s must not import %s (CONTRIBUTING.md, walls)", from, to)
			}
		}
	}
}

func TestWallsCanFail(t *testing.T) {
	for from, to := range map[string]string{
		"domain/account": "domain/assess", "ui": "internal/web", "internal/web": "domain/org",
		"format/csaf": "internal/db", "content": "internal/i18n", "domain/org": "content",
	} {
		if may(from, to) {
			t.Errorf("the walls let %s import %s", from, to)
		}
	}
}

// The drawing and the law are one.
func TestWallsAreAsDrawn(t *testing.T) {
	var want []string
	for room, may := range neighbours {
		list := "–"
		if len(may) > 0 {
			list = strings.Join(may, ", ")
		}
		want = append(want, "`"+room+"` | "+list)
	}
	sort.Strings(want)
	text := read(t, "docs/architecture.md")
	row := regexp.MustCompile("(?m)^\\| (`[a-z]+`) \\|[^|]*\\| ([^|]*) \\|$")
	var got []string
	for _, m := range row.FindAllStringSubmatch(section(text, "## Walls between rooms"), -1) {
		got = append(got, m[1]+" | "+strings.TrimSpace(m[2]))
	}
	sort.Strings(got)
	if !slices.Equal(got, want) {
		t.Errorf("docs/architecture.md draws other walls than test/house keeps:\n got %v\nwant %v", got, want)
	}
}

// section is the text under a heading, to the next heading of its level.
func section(text, heading string) string {
	_, rest, ok := strings.Cut(text, heading+"\n")
	if !ok {
		return ""
	}
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}
