package star

import "testing"

// 11 digits; new ones lead with 5, older ones with 4.
func TestDeclarationIDs(t *testing.T) {
	for _, c := range []struct{ typed, kept, fault string }{
		{"50000000017", "50000000017", ""},
		{"41234567890", "41234567890", ""},
		{"５００００００００１７", "50000000017", ""},
		{" 500-0000-0017 ", "50000000017", ""},
		{"500‐0000−0017", "50000000017", ""},
		{"", "", "star-id-length"},
		{"5000000001", "5000000001", "star-id-length"},
		{"500000000170", "500000000170", "star-id-length"},
		{"30000000017", "30000000017", "star-id-lead"},
		{"60000000017", "60000000017", "star-id-lead"},
		{"5000000001a", "5000000001a", "star-id-signs"},
		{"5000000001٣", "5000000001٣", "star-id-signs"},
		{"番号5000000", "番号5000000", "star-id-signs"},
	} {
		kept := tidyNumber(c.typed)
		fault, _ := idFault(kept)
		if kept != c.kept || fault != c.fault {
			t.Errorf("%q is kept as %q with the fault %q, want %q and %q", c.typed, kept, fault, c.kept, c.fault)
		}
	}
}
