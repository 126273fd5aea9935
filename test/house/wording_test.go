package house

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/wording"
)

// shelves says what is usual in a folder of content/. A folder that is not here
// has texts in three registers and no placeholders.
var shelves = map[string]wording.Shelf{
	"i18n":     {Family: wording.Own, Placeholders: true},
	"policies": {Family: wording.Own, Placeholders: true, NoEasy: true}, // what binds stands in ja and en
	"host":     {Family: wording.Own, Placeholders: true, Paper: true},
}

// shelfOf is that of the folder, for a pack with its family.
func shelfOf(t *testing.T, name, text string) wording.Shelf {
	t.Helper()
	folder := filepath.Base(filepath.Dir(name))
	if folder == "frameworks" {
		var pack struct {
			Family string `yaml:"family"`
		}
		if err := yaml.Unmarshal([]byte(text), &pack); err != nil || pack.Family == "" {
			t.Fatalf("%s: no family (%v)", name, err)
		}
		return wording.Shelf{Family: pack.Family}
	}
	if shelf, ok := shelves[folder]; ok {
		return shelf
	}
	return wording.Shelf{Family: wording.Own}
}

// TestWordsOfContent holds every text of content/ against internal/wording and
// the list in content/wording/words.yaml: three registers, length of sentences,
// readings, and the words that are not said.
func TestWordsOfContent(t *testing.T) {
	rules, err := wording.Load(content.Wording())
	if err != nil {
		t.Fatal(err)
	}
	var seen int
	for _, name := range files(t, ".yaml") {
		if !strings.HasPrefix(name, "content/") || strings.HasPrefix(name, "content/wording/") {
			continue
		}
		seen++
		text := read(t, name)
		faults, err := rules.File([]byte(text), shelfOf(t, name, text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range faults {
			t.Errorf("%s:%d: %s", name, f.Line, f)
		}
	}
	if seen < 50 {
		t.Errorf("looked at %d files only", seen)
	}
}
