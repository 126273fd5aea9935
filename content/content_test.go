package content

import (
	"io/fs"
	"testing"

	"github.com/minamori-project/minamori/internal/i18n"
)

func TestEveryTextLoads(t *testing.T) {
	cat, err := i18n.Load(Texts())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"age.now", "age.hours", "age.days"} {
		if !cat.In(i18n.Easy).Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
}

func TestFrameworksCarryTheirSchema(t *testing.T) {
	for _, name := range []string{"schema.json", "self-diagnosis-25.yaml", "security-action-articles-6.yaml"} {
		if _, err := fs.Stat(Frameworks(), name); err != nil {
			t.Error(err)
		}
	}
}
