package house

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/wording"
)

// What stands around the sentences of a template: marks of Markdown, addresses,
// and blanks to fill in, which have no length of their own.
var notSentences = regexp.MustCompile("(?s)```.*?```|`[^`]*`|https?://[^ 」）)]+|〔[^〔〕]*〕|\\[[^\\]]*\\]\\([^)]*\\)|[#>*|\\[\\]\"-]")

// Templates of a host say that they are templates and who has to check them, and
// keep to the words and the length of all our texts (the papers in content/host
// are among those).
func TestHostTemplates(t *testing.T) {
	rules, err := wording.Load(content.Wording())
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(root, "docs/host/*.md"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, path := range names {
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		text := read(t, name)
		if !strings.Contains(text, "ひな形") || !strings.Contains(text, "法律の助言ではありません") || !strings.Contains(text, "確かめ") {
			t.Errorf("%s does not say that it is a template, no legal advice, and to be checked", name)
		}
		for _, part := range strings.Split(notSentences.ReplaceAllString(text, "\n"), "\n") {
			if !strings.ContainsFunc(part, isKanji) {
				continue
			}
			for _, fault := range rules.Text(i18n.JA, part, wording.Own) {
				t.Errorf("%s: %s", name, fault)
			}
		}
	}
}

func isKanji(r rune) bool { return unicode.Is(unicode.Han, r) }
