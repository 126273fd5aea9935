package house

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// What stands around the sentences of a template: marks of Markdown and YAML,
// addresses, and blanks to fill in, which have no length of their own.
var (
	notSentences = regexp.MustCompile("(?s)```.*?```|`[^`]*`|https?://[^ 」）)]+|〔[^〔〕]*〕|\\[[^\\]]*\\]\\([^)]*\\)|[#>*|\\[\\]\"-]")
	sentenceEnds = regexp.MustCompile(`[。\n|]|\\n`)
	notInTerms   = regexp.MustCompile(`認定|取得|合格|お墨付き|保証|安全です|万全|完全に|下請|エビデンス|スコープ|ユーザー|違反|怠`)
)

// hostTexts is every text that a host hands to companies.
func hostTexts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"docs/host/*.md", "content/host/*.yaml"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v, %v", pattern, names, err)
		}
		for _, name := range names {
			rel, err := filepath.Rel(root, name)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(rel)] = read(t, rel)
		}
	}
	return all
}

// Templates of a host say that they are templates and who has to check them, in
// sentences of at most 60 characters, and promise nothing.
func TestHostTemplates(t *testing.T) {
	for name, text := range hostTexts(t) {
		if strings.HasSuffix(name, ".md") && (!strings.Contains(text, "ひな形") || !strings.Contains(text, "法律の助言ではありません") || !strings.Contains(text, "確かめ")) {
			t.Errorf("%s does not say that it is a template, no legal advice, and to be checked", name)
		}
		if m := notInTerms.FindString(text); m != "" {
			t.Errorf("%s says %q", name, m)
		}
		for _, part := range strings.Split(notSentences.ReplaceAllString(text, "\n"), "\n") {
			for _, s := range sentenceEnds.Split(part, -1) {
				if n := utf8.RuneCountInString(strings.TrimSpace(s)); n > 60 && !strings.HasPrefix(s, "//") && strings.ContainsFunc(s, isKanji) {
					t.Errorf("%s has a sentence of %d characters: %s", name, n, s)
				}
			}
		}
	}
}
