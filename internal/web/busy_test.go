package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/problem"
)

// crowd is a server whose pages and answers take as long as a test wants.
type crowd struct {
	*httptest.Server
	web     *Server
	metrics *Metrics
	finish  chan struct{} // lets a handler finish
	running atomic.Int64
	most    atomic.Int64
}

type slowIn struct{}

type slowView struct {
	Done bool `json:"done"`
}

func newCrowd(t *testing.T, timeout time.Duration) *crowd {
	t.Helper()
	c := &crowd{finish: make(chan struct{}), metrics: NewMetrics()}
	work := func(ctx context.Context) error {
		n := c.running.Add(1)
		for m := c.most.Load(); n > m && !c.most.CompareAndSwap(m, n); m = c.most.Load() {
		}
		defer c.running.Add(-1)
		select {
		case <-c.finish:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	page := func(slowView) templ.Component { return templ.Raw("<h1>done</h1>") }
	routes := []Route{
		Get("/slow", Public, "Slow.", func(ctx context.Context, _ slowIn) (slowView, error) { return slowView{true}, work(ctx) }, page),
		Get("/quick", Public, "Quick.", func(context.Context, slowIn) (slowView, error) { return slowView{true}, nil }, page),
		Get("/long", Public, "Long.", func(context.Context, slowIn) (slowView, error) { return slowView{true}, nil },
			func(slowView) templ.Component { return templ.Raw(strings.Repeat("<p>long</p>", 1<<20)) }),
		Post("/answer", Public, "Answer.", func(ctx context.Context, _ slowIn) (slowView, error) { return slowView{true}, nil }, page),
		GetFile("/file", Public, "File.", func(ctx context.Context, _ slowIn) (File, error) {
			return File{Name: "a.txt", Type: "text/plain", Write: func(w io.Writer) error { _, err := io.WriteString(w, "a"); return err }}, work(ctx)
		}),
	}
	st := newStage(t, dbtest.SQLite(t, nil), nil)
	cfg := st.Config
	cfg.Metrics, cfg.Now = c.metrics, time.Now
	cfg.Problem = func(p *problem.Problem, id string) templ.Component {
		return templ.Raw("<h1>" + p.Code + " " + id + "</h1>")
	}
	health := map[string]http.Handler{"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })}
	s, h := New(cfg, routes, health)
	s.timeout = timeout
	s.reading, s.acting = NewLimiter(time.Nanosecond, 1<<20), NewLimiter(time.Nanosecond, 1<<20)
	s.budgets.read.make("read", 3, 5, 300*time.Millisecond)
	s.budgets.file.make("file", 1, 1, 300*time.Millisecond)
	c.web = s
	c.Server = httptest.NewUnstartedServer(h)
	c.Config.ReadHeaderTimeout = timeout
	c.Start()
	t.Cleanup(c.Close)
	return c
}

type got struct {
	status      int
	body, again string
	took        time.Duration
}

func (c *crowd) ask(method, path string) got {
	began := time.Now()
	req, _ := http.NewRequest(method, c.URL+path, nil)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return got{body: err.Error()}
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return got{res.StatusCode, string(b), res.Header.Get("Retry-After"), time.Since(began)}
}

// many asks at once and counts the answers by status.
func (c *crowd) many(n int, method, path string) (byStatus map[int]int, one got) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	byStatus = map[int]int{}
	for range n {
		wg.Go(func() {
			g := c.ask(method, path)
			mu.Lock()
			defer mu.Unlock()
			byStatus[g.status]++
			if g.status == http.StatusServiceUnavailable {
				one = g
			}
		})
	}
	wg.Wait()
	return byStatus, one
}

// More than there is room for is turned away with 503, a page and a time to try
// again; health goes on, answers go on, and afterwards all is as before.
func TestShedding(t *testing.T) {
	c := newCrowd(t, 10*time.Second)
	var answers, health map[int]int
	var beside sync.WaitGroup
	beside.Go(func() {
		time.Sleep(100 * time.Millisecond) // the readers are in by then
		answers, _ = c.many(20, http.MethodPost, "/answer")
		health, _ = c.many(5, http.MethodGet, "/healthz")
		close(c.finish)
	})
	byStatus, one := c.many(40, http.MethodGet, "/slow")
	beside.Wait()
	if byStatus[200] != 8 || byStatus[503] != 32 {
		t.Errorf("of 40 readers %v, want the 3 that fit and the 5 that waited, 32 turned away", byStatus)
	}
	if !strings.Contains(one.body, "<h1>database-busy </h1>") || one.again != "5" {
		t.Errorf("turned away with %+v", one)
	}
	if answers[200] != 20 || health[200] != 5 {
		t.Errorf("beside the flood of readers: answers %v, health %v", answers, health)
	}
	if n := c.most.Load(); n != 3 {
		t.Errorf("%d at once, want 3", n)
	}
	if after, _ := c.many(3, http.MethodGet, "/quick"); after[200] != 3 {
		t.Errorf("afterwards %v", after)
	}
	figures := httptest.NewRecorder()
	c.metrics.Handler().ServeHTTP(figures, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{`minamori_shed_requests_total{budget="read"} 32`, `minamori_requests_under_way{budget="read"} 0`, `minamori_requests_waiting{budget="read"} 0`} {
		if !strings.Contains(figures.Body.String(), want) {
			t.Errorf("the figures lack %s", want)
		}
	}
}

// Files have a small budget of their own, and it runs out without pages noticing.
func TestFilesApart(t *testing.T) {
	c := newCrowd(t, 10*time.Second)
	var pages map[int]int
	var beside sync.WaitGroup
	beside.Go(func() {
		time.Sleep(50 * time.Millisecond)
		pages, _ = c.many(8, http.MethodGet, "/quick")
		time.Sleep(400 * time.Millisecond) // the one that waits loses patience
		close(c.finish)
	})
	files, _ := c.many(6, http.MethodGet, "/file")
	beside.Wait()
	if files[200] != 1 || files[503] != 5 || pages[200] != 8 {
		t.Errorf("files %v, pages %v", files, pages)
	}
}

// Slow lines hold no place: headers, bodies and readers that crawl are cut, and
// others are served meanwhile.
func TestSlowClients(t *testing.T) {
	const timeout = 1200 * time.Millisecond
	c := newCrowd(t, timeout)
	crawl := func(first string, drip string) {
		conn, err := net.Dial("tcp", c.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, first)
		began := time.Now()
		for time.Since(began) < 4*timeout {
			time.Sleep(100 * time.Millisecond)
			if _, err := io.WriteString(conn, drip); err != nil {
				return // cut
			}
		}
		t.Errorf("%q: still open after %s", first[:20], 4*timeout)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() { c.readSlowly(t, timeout) })
	}
	time.Sleep(300 * time.Millisecond) // large pages take the processor until they are sent
	for range 30 {
		wg.Go(func() { crawl("GET /quick HTTP/1.1\r\nHost: localhost\r\n", "X-A: b\r\n") })
		wg.Go(func() {
			crawl("POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n", "a")
		})
	}
	var slowest time.Duration
	for range 10 {
		time.Sleep(50 * time.Millisecond)
		for _, g := range []got{c.ask(http.MethodGet, "/quick"), c.ask(http.MethodPost, "/answer")} {
			slowest = max(slowest, g.took)
			if g.status != http.StatusOK {
				t.Errorf("beside slow lines: %+v", g)
			}
		}
	}
	wg.Wait()
	if slowest > time.Second {
		t.Errorf("beside slow lines an answer took %s", slowest)
	}
	for _, b := range []*budget{&c.web.budgets.read, &c.web.budgets.write} {
		if len(b.places) != 0 {
			t.Errorf("%s: %d places are not given back", b.name, len(b.places))
		}
	}
}

// readSlowly asks for a page larger than any buffer between and takes a byte now
// and then.
func (c *crowd) readSlowly(t *testing.T, timeout time.Duration) {
	conn, err := net.Dial("tcp", c.Listener.Addr().String())
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(4096)
	fmt.Fprint(conn, "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
	in := bufio.NewReaderSize(conn, 16)
	for began := time.Now(); time.Since(began) < 3*timeout; time.Sleep(50 * time.Millisecond) {
		if _, err := in.ReadByte(); err != nil {
			return
		}
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := io.Copy(io.Discard, in); err == nil || n > 20<<20 {
		t.Errorf("a reader who crawls got the whole page (%d bytes, %v)", n, err)
	}
}
