package blob_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/blob"
)

func TestScreenName(t *testing.T) {
	for give, want := range map[string]string{
		"証拠.pdf":                "証拠.pdf",
		"../../etc/passwd":      "passwd",
		`C:\Users\taro\葛󠄀.xlsx`: "葛󠄀.xlsx",
		"a\u202egpj.exe":        "agpj.exe",
		"a\x00b\r\nc.txt":       "ab  c.txt",
		"":                      "file",
		"..":                    "file",
		"/":                     "file",
		" .hidden ":             "hidden",
		`a<b>:"|?*.txt`:         "a_b______.txt",
		"CON.txt":               "_CON.txt",
		"nul":                   "_nul",
		"a.txt. . ":             "a.txt",
		"全角　名.txt":              "全角　名.txt",
		"\xff\xfe.txt":          "txt",
		"z\u200bw\ufeff.txt":    "zw.txt",
	} {
		if got := blob.ScreenName(give); got != want {
			t.Errorf("ScreenName(%q) = %q, want %q", give, got, want)
		}
	}
	long := blob.ScreenName(strings.Repeat("あ", 300) + ".pdf")
	if !strings.HasSuffix(long, "あ.pdf") || len(long) > 240 {
		t.Errorf("long name became %q", long)
	}
}

func FuzzScreenName(f *testing.F) {
	for _, s := range []string{"a.txt", "../x", "a\u202eb", "con", strings.Repeat("𠮷", 300) + ".pdf", "\xff", " . ", "con .x", "a\\b/c", strings.Repeat("a", 238) + ". x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := blob.ScreenName(s)
		switch {
		case got == "" || got == "." || got == ".." || !utf8.ValidString(got):
			t.Errorf("%q became %q", s, got)
		case utf8.RuneCountInString(got) > 201 || len(got) > 241:
			t.Errorf("%q stays long: %d bytes", s, len(got))
		case strings.ContainsAny(got, `/\<>:"|?*`):
			t.Errorf("%q keeps a sign of paths: %q", s, got)
		case strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }):
			t.Errorf("%q keeps what cannot be seen: %q", s, got)
		case blob.ScreenName(got) != got:
			t.Errorf("%q: %q becomes %q when screened again", s, got, blob.ScreenName(got))
		}
	})
}
