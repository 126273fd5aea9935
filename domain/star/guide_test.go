package star

import "testing"

// Any yes is ★4, three times no ★3; unknown is never "no".
func TestWhichStarFits(t *testing.T) {
	all := []Reply{Yes, No, DontKnow, noneGiven}
	for _, a := range all {
		for _, b := range all {
			for _, c := range all {
				want := FitOpen
				switch {
				case a == Yes || b == Yes || c == Yes:
					want = FitStar4
				case a == No && b == No && c == No:
					want = FitStar3
				case a == noneGiven && b == noneGiven && c == noneGiven:
					want = FitNone
				}
				if got := (Guide{Secrets: a, Stops: b, Access: c}).Fit(); got != want {
					t.Errorf("%q %q %q fits %s, want %s", a, b, c, got, want)
				}
			}
		}
	}
}
