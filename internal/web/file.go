package web

import (
	"bytes"
	"io"
	"mime"
	"net/http"

	"github.com/minamori-project/minamori/internal/problem"
)

// fileAtOnce is how much of a file is gathered before the first byte goes out:
// most files fit, and what goes wrong within it is still shown as a problem.
const fileAtOnce = 256 << 10

// sendFile writes a file. What people uploaded is never opened in the page:
// attachment, and a sandbox should a browser open it all the same (threats T25).
func (s *Server) sendFile(x *exchange, r *http.Request, f File, note func() error) error {
	out := &lateWriter{first: buffers.Get().(*bytes.Buffer), begin: func() error {
		if !s.takeStream() {
			return problem.New(http.StatusServiceUnavailable, "database-busy")
		}
		if err := note(); err != nil {
			<-s.streams
			return err
		}
		fileHeaders(x, f)
		return nil
	}, to: x}
	defer func() {
		giveBack(out.first)
		if out.begun {
			<-s.streams
		}
	}()
	err := f.Write(out)
	switch {
	case err != nil && out.begun:
		if !out.lost { // an error of the line would log who was at its end
			s.note(x, r, err)
		}
		panic(http.ErrAbortHandler) // the status has gone: a cut file must look cut
	case err != nil || out.begun:
		return err
	}
	x.release()
	if err := note(); err != nil {
		return err
	}
	fileHeaders(x, f)
	_, _ = x.Write(out.first.Bytes())
	return nil
}

// takeStream asks for a place among the answers that hold a snapshot while they
// are sent. It does not wait: those who wait would hold one too, and slow lines
// could take them all.
func (s *Server) takeStream() bool {
	select {
	case s.streams <- struct{}{}:
		return true
	default:
		return false
	}
}

func fileHeaders(x *exchange, f File) {
	disposition := "attachment"
	if f.Inline {
		disposition = "inline"
	}
	h := x.Header()
	h.Set("Content-Type", f.Type)
	if named := mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}); named != "" {
		disposition = named
	}
	h.Set("Content-Disposition", disposition)
	if !f.Inline {
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	}
}

// lateWriter keeps what is written until it is too much to keep.
type lateWriter struct {
	first *bytes.Buffer
	begin func() error // called before the first byte goes out
	begun bool
	lost  bool // the one who asked does not take any more
	to    io.Writer
}

func (w *lateWriter) Write(b []byte) (int, error) {
	if w.begun {
		return w.pass(b)
	}
	if w.first.Len()+len(b) <= fileAtOnce {
		return w.first.Write(b)
	}
	if err := w.begin(); err != nil {
		return 0, err
	}
	w.begun = true
	if _, err := w.pass(w.first.Bytes()); err != nil {
		return 0, err
	}
	return w.pass(b)
}

func (w *lateWriter) pass(b []byte) (int, error) {
	n, err := w.to.Write(b)
	w.lost = w.lost || err != nil
	return n, err
}
