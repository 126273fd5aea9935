package account

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the empty margin that readers need, in modules (ISO/IEC 18004).
const quiet = 4

// QR is a code as one drawing path.
type QR struct {
	Path string
	Size int // of the view box, margin included
}

// newQR draws the dark modules row by row, a run of them as one bar.
func newQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return QR{}, err
	}
	n := code.Bounds().Dx()
	dark := func(x, y int) bool { return x < n && color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y < 128 }
	var b strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return QR{Path: b.String(), Size: n + 2*quiet}, nil
}

func (q QR) viewBox() string { return fmt.Sprintf("0 0 %d %d", q.Size, q.Size) }
