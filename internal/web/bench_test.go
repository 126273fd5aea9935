package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
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

// samplePage is about 30 KB of distinct text, like an assessment: repeated words
// would compress better than people write.
func samplePage() []byte {
	var b bytes.Buffer
	random := rand.New(rand.NewPCG(1, 2))
	for i := 0; b.Len() < 30<<10; i++ {
		fmt.Fprintf(&b, `<li class="card" id="q%d"><h3>`, i)
		for range 30 {
			b.WriteRune(rune(0x4e00 + random.IntN(1500)))
		}
		fmt.Fprintf(&b, `</h3><p>前の答えから%d日</p></li>`, random.IntN(400))
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

// BenchmarkServed is the same page over a socket, the clients included, and a
// bare handler beside it, so that the price of the stack can be seen.
func BenchmarkServed(b *testing.B) {
	body := samplePage()
	draw := func(hello) templ.Component {
		return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := w.Write(body)
			return err
		})
	}
	cfg := newStage(b, lite(b), nil).Config
	cfg.Log, cfg.Seen = slog.New(slog.NewJSONHandler(io.Discard, nil)), nil
	_, h := New(cfg, []Route{Get("/orgs/{org}", Viewer, "Shows.", func(context.Context, orgIn) (hello, error) { return hello{}, nil }, draw)}, nil)
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	for _, c := range []struct {
		name string
		h    http.Handler
	}{{"whole stack", h}, {"bare handler", bare}} {
		b.Run(c.name, func(b *testing.B) {
			srv := httptest.NewServer(c.h)
			defer srv.Close()
			srv.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 64
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, _ := http.NewRequest("GET", srv.URL+"/orgs/acme", nil)
					r.AddCookie(&http.Cookie{Name: "session", Value: "yuki"})
					r.Header.Set("Accept-Encoding", "gzip")
					resp, err := srv.Client().Do(r)
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
		})
	}
}
