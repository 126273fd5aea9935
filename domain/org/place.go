package org

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Prefecture is a code of JIS X 0401, "01" to "47"; "" is not told.
type Prefecture string

// Prefectures lists the codes from north to south.
// keys: org.prefecture.*
func Prefectures() []Prefecture {
	all := make([]Prefecture, 47)
	for i := range all {
		all[i] = Prefecture(fmt.Sprintf("%02d", i+1))
	}
	return all
}

// Known says that the prefecture exists.
func (p Prefecture) Known() bool {
	return len(p) == 2 && p >= "01" && p <= "47" && p[1] >= '0' && p[1] <= '9'
}

// Country is a code of ISO 3166-1 alpha-2.
type Country string

// Japan is where a site is unless it says otherwise.
const Japan Country = "JP"

// Countries lists every country and territory, in the order of the codes.
var Countries = sync.OnceValue(func() (all []Country) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if c := Country([]rune{a, b}); c.Known() {
				all = append(all, c)
			}
		}
	}
	return all
})

// reserved are codes that CLDR names and ISO 3166-1 does not assign: groups of
// countries, parts of one, and codes for tests.
const reserved = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ"

// Known says that the code is in use for a country or a territory.
func (c Country) Known() bool {
	if len(c) != 2 || strings.ToUpper(string(c)) != string(c) || strings.Contains(reserved, string(c)) {
		return false
	}
	r, err := language.ParseRegion(string(c))
	return err == nil && r.IsCountry() && r.Canonicalize().String() == string(c) && r.String() == string(c) &&
		display.English.Regions().Name(r) != ""
}

// Name is the country in the reader's language. Names of countries come from
// CLDR and carry no readings.
func (c Country) Name(ctx context.Context) string {
	r, err := language.ParseRegion(string(c))
	if err != nil {
		return string(c)
	}
	if i18n.From(ctx).Lang == i18n.EN {
		return display.English.Regions().Name(r)
	}
	return display.Japanese.Regions().Name(r)
}

// countriesByName puts Japan first and the others in the order of their names.
func countriesByName(ctx context.Context) []Country {
	all := slices.Clone(Countries())
	slices.SortFunc(all, func(a, b Country) int {
		switch {
		case a == Japan:
			return -1
		case b == Japan:
			return 1
		}
		return strings.Compare(a.Name(ctx), b.Name(ctx))
	})
	return all
}
