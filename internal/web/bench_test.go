package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// nowhere takes an answer and forgets it; what is measured is ours alone.
type nowhere struct {
	h    http.Header
	code int
	n    int
}

func (w *nowhere) Header() http.Header         { return w.h }
func (w *nowhere) WriteHeader(code int)        { w.code = code }
func (w *nowhere) Write(b []byte) (int, error) { w.n += len(b); return len(b), nil }

// samplePage is about 30 KB of distinct text, like an assessment.
func samplePage() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 30<<10; i++ {
		fmt.Fprintf(&b, `<li class="card" id="q%d"><h3>%d番の質問：機器%dの更新プログラムを当てていますか</h3><p>前の答えから%d日</p></li>`, i, i, i*7919%1000, i*31%400)
	}
	return b.Bytes()
}

func BenchmarkPage(b *testing.B) {
	body := samplePage()
	draw := func(hello) templ.Component {
		return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := w.Write(body)
			return err
		})
	}
	plain := func(context.Context, orgIn) (hello, error) { return hello{}, nil }
	cfg := newStage(b, lite(b), nil).Config
	cfg.Log, cfg.Seen = slog.New(slog.NewJSONHandler(io.Discard, nil)), nil
	_, h := New(cfg, []Route{
		Get("/orgs/{org}", Viewer, "Shows.", plain, draw),
		Get("/small/{org}", Viewer, "Shows.", plain, func(hello) templ.Component { return text(strings.Repeat("a", 100)) }),
	}, nil)
	for _, c := range []struct{ name, path, encoding string }{
		{"30KB gzip", "/orgs/acme", "gzip"}, {"30KB plain", "/orgs/acme", ""}, {"tiny", "/small/acme", "gzip"},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "http://localhost:8080"+c.path, nil)
			r.RemoteAddr = "127.0.0.1:5000"
			r.AddCookie(&http.Cookie{Name: "session", Value: "yuki"})
			r.Header.Set("Accept-Encoding", c.encoding)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				w := &nowhere{h: http.Header{}}
				h.ServeHTTP(w, r)
				if w.code != 200 {
					b.Fatal(w.code)
				}
				n = w.n
			}
			b.ReportMetric(float64(n), "bytes/page")
		})
	}
}
