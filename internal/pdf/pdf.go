package pdf

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/internal/problem"
)

const (
	maxPages = 200
	maxText  = 1 << 20 // bytes
)

// Options describe a document as a whole. The zero value is usable.
type Options struct {
	Title  string // shown by the reader in its window, not on the page
	Author string
	Lang   string // BCP 47, as "ja"
	// Now is the time written into the file. The zero time means 1970, never
	// the clock: two runs give the same bytes.
	Now time.Time
	// Footer gives the line at the foot of each page, counted from 1; may be nil.
	Footer      func(page int) string
	Substitutes Substitutes
}

// Substitutes are the words around characters that cannot be shown. Empty
// fields get a form without words.
type Substitutes struct {
	Title   string // above the explanations
	Missing string // explains one mark; {n} number, {codes} as "U+1F363"
	Form    string // explains a form that was dropped; {char}, {codes}
}

// block sets one part of a document on the sheet.
type block func(*sheet)

// Doc is a document being gathered. It is not safe for concurrent use.
type Doc struct {
	options Options
	blocks  []block
	text    int // bytes gathered
	err     error
}

// New starts an empty document.
func New(o Options) *Doc {
	if o.Now.IsZero() {
		o.Now = time.Unix(0, 0)
	}
	o.Now = o.Now.UTC()
	return &Doc{options: o, text: len(o.Title) + len(o.Author)}
}

// add gathers a block and counts its text. Past the limit nothing is kept.
func (d *Doc) add(b block, texts ...string) {
	for _, t := range texts {
		d.text += len(t)
	}
	if d.text > maxText {
		d.blocks, d.err = nil, tooLarge()
		return
	}
	d.blocks = append(d.blocks, b)
}

// keys: problem.pdf-too-large.title, problem.pdf-too-large.hint
func tooLarge() error {
	return problem.New(http.StatusRequestEntityTooLarge, "pdf-too-large", "pages", maxPages)
}

// press admits one document at a time: setting one takes 30 to 60 MB for a
// moment, a good part of the 128 MB the whole server may use. It belongs to the
// process, as the memory does.
var press = make(chan struct{}, 1)

// WriteTo sets the document and writes it. It waits for its turn and gives up
// with the error of ctx. Past the limits it returns the problem pdf-too-large
// and writes nothing. It may be called again.
func (d *Doc) WriteTo(ctx context.Context, w io.Writer) error {
	if d.err != nil {
		return d.err
	}
	select {
	case press <- struct{}{}:
		defer func() { <-press }()
	case <-ctx.Done():
		return ctx.Err()
	}
	s, err := newSheet(ctx, d.options)
	if err != nil {
		return err
	}
	for _, b := range d.blocks {
		if b(s); s.err != nil {
			return s.err
		}
	}
	if s.explainSubstitutes(); s.err != nil {
		return s.err
	}
	if err := s.f.Output(w); err != nil {
		return fmt.Errorf("pdf: write: %w", err)
	}
	return nil
}

// Bytes is WriteTo into memory.
func (d *Doc) Bytes(ctx context.Context) ([]byte, error) {
	var b bytes.Buffer
	if err := d.WriteTo(ctx, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
