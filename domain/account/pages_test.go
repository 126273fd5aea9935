package account_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/account"
	"github.com/minamori-project/minamori/internal/i18n"
)

var (
	missing  = regexp.MustCompile(`\[[a-z]+\.[a-z.-]+\]`)
	idOf     = regexp.MustCompile(` id="([^"]*)"`)
	filled   = regexp.MustCompile(`class="btn"`)
	unfilled = regexp.MustCompile(`\{[a-z]+\}`)
)

// Every page speaks in all registers, has no inline style, no id twice and one
// filled button at most.
func TestPagesInEveryRegister(t *testing.T) {
	texts, err := i18n.Load(content.Texts())
	must(t, err)
	for _, lang := range i18n.Langs {
		ctx := i18n.Into(context.Background(), texts.In(lang))
		for _, s := range account.Samples() {
			var b strings.Builder
			must(t, s.Component.Render(ctx, &b))
			page := b.String()
			for what, m := range map[string]string{"missing text": missing.FindString(page), "unfilled placeholder": unfilled.FindString(page)} {
				if m != "" {
					t.Errorf("%s %s: %s %s", s.Name, lang, what, m)
				}
			}
			if strings.Contains(page, "style=") || strings.Contains(page, "/assets/missing/") {
				t.Errorf("%s %s: an inline style or a missing asset", s.Name, lang)
			}
			if n := len(filled.FindAllString(page, -1)); n > 1 {
				t.Errorf("%s %s: %d filled buttons", s.Name, lang, n)
			}
			seen := map[string]bool{}
			for _, m := range idOf.FindAllStringSubmatch(page, -1) {
				if seen[m[1]] {
					t.Errorf("%s %s: id %q twice", s.Name, lang, m[1])
				}
				seen[m[1]] = true
			}
		}
	}
}

// The description of the interface can be drawn from this table of routes.
func TestRoutesHaveAnAPIDescription(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.browser().send("GET", "/api/v1/openapi.json", "", "").want(t, 200, "/passkeys/login/finish", "/orgs/{org}/tokens")
	})
}
