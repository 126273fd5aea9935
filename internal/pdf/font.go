package pdf

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

//go:embed font/BIZUDPGothic-Regular.ttf.gz
var regularPacked []byte

//go:embed font/BIZUDPGothic-Bold.ttf.gz
var boldPacked []byte

//go:embed font/glyphs.txt.gz
var glyphsPacked []byte

// typeface is the unpacked font and what is known about its glyphs.
type typeface struct {
	regular, bold []byte // TrueType
	glyphs        glyphs
}

// loadTypeface unpacks on the first document and keeps about 8 MB from then on.
var loadTypeface = sync.OnceValues(unpackTypeface)

func unpackTypeface() (*typeface, error) {
	var t typeface
	var err error
	if t.regular, err = unpack(regularPacked); err != nil {
		return nil, err
	}
	if t.bold, err = unpack(boldPacked); err != nil {
		return nil, err
	}
	list, err := unpack(glyphsPacked)
	if err != nil {
		return nil, err
	}
	t.glyphs, err = parseGlyphs(string(list))
	return &t, err
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("pdf: unpack font: %w", err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("pdf: unpack font: %w", err)
	}
	return bytes.Clone(data), nil
}

// glyphs says how each character reaches its glyph. The writer addresses codes
// up to U+FFFF only, so other glyphs were given private-use codes (font/README).
type glyphs struct {
	direct [1 << 10]uint64  // bit set: the code is its own
	mapped map[string]rune  // character, or character and selector → private code
	origin map[rune]string  // the way back
	usual  map[[2]rune]bool // selectors that ask for the usual form
}

func parseGlyphs(list string) (glyphs, error) {
	g := glyphs{mapped: map[string]rune{}, origin: map[rune]string{}, usual: map[[2]rune]bool{}}
	for line := range strings.Lines(list) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		var codes []rune
		for field := range strings.FieldsSeq(rest) {
			c, err := strconv.ParseUint(field, 16, 21)
			if err != nil {
				return g, fmt.Errorf("pdf: glyph list: %w", err)
			}
			codes = append(codes, rune(c))
		}
		if len(codes) < 2 {
			return g, fmt.Errorf("pdf: glyph list: short line %q", line)
		}
		g.note(word, codes)
	}
	return g, nil
}

func (g *glyphs) note(word string, codes []rune) {
	switch word {
	case "has":
		for c := codes[0]; c <= codes[1]; c++ {
			g.direct[c>>6] |= 1 << (c & 63)
		}
	case "map":
		g.mapped[string(codes[1:])] = codes[0]
		g.origin[codes[0]] = string(codes[1:])
	case "same":
		g.usual[[2]rune{codes[0], codes[1]}] = true
	}
}

// code returns the code that shows a character without a selector.
func (g *glyphs) code(r rune) (rune, bool) {
	if r >= 0x20 && r <= 0xFFFF && g.direct[r>>6]&(1<<(r&63)) != 0 {
		return r, true
	}
	c, ok := g.mapped[string(r)]
	return c, ok
}

// run is a stretch of a line; meaning is the text behind private codes, or "".
type run struct{ codes, meaning string }

func (g *glyphs) runs(line string) []run {
	var out []run
	start := 0
	cut := func(end int) {
		codes := line[start:end]
		out = append(out, run{codes, g.meaning(codes)})
		start = end
	}
	private := false
	for i, r := range line {
		if _, p := g.origin[r]; p != private {
			if i > 0 {
				cut(i)
			}
			private = p
		}
	}
	cut(len(line))
	return out
}

// meaning is the text behind a run of private codes; of other codes it is "".
func (g *glyphs) meaning(codes string) string {
	var b strings.Builder
	for _, r := range codes {
		b.WriteString(g.origin[r])
	}
	return b.String()
}
