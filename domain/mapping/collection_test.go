package mapping

import (
	"net/http"
	"testing"
)

// The maps of a framework leave as one file, for those who may take files out.
func TestCollectionOfAFramework(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		const page = "/orgs/mihon/mapped/tri-b"
		for _, path := range []string{page + "/relations.json", "/api/v1" + page + "/relations.json"} {
			got := st.get("hana", path).want(http.StatusOK).Body.String()
			if want := "tri-b ja: tri-ab tri-hint"; got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
		st.get("mori", page+"/relations.json").want(http.StatusForbidden)
		st.get("stranger", page+"/relations.json").want(http.StatusNotFound)
		st.get("hana", "/orgs/mihon/mapped/tri-old/relations.json").want(http.StatusNotFound) // no map names it
		st.get("hana", "/orgs/mihon/mapped/nowhere/relations.json").want(http.StatusNotFound)

		st.get("hana", page).want(http.StatusOK, `href="`+page+`/relations.json"`)
		st.get("mori", page).want(http.StatusOK).wantNot("relations.json")
		st.get("hana", "/orgs/mihon/mapped/tri-old").want(http.StatusOK).wantNot("relations.json")
	})
}
