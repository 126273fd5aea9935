package crash

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// patience is how long a caller may wait for a clear answer.
const patience = 8 * time.Second

// line is the way to the database, which a test can cut.
type line struct {
	at, to string

	mu       sync.Mutex
	listener net.Listener
	open     []net.Conn
}

// lineTo puts a line in front of a PostgreSQL and returns a URL that uses it.
func lineTo(t *testing.T, target string) (*line, string) {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{at: "127.0.0.1:0", to: u.Host}
	if err := l.mend(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.cut)
	u.Host = l.at
	return l, u.String()
}

// mend lets connections through again, at the same address.
func (l *line) mend() error {
	listener, err := net.Listen("tcp", l.at)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listener, l.at = listener, listener.Addr().String()
	go l.accept(listener)
	return nil
}

func (l *line) accept(listener net.Listener) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", l.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		l.mu.Lock()
		l.open = append(l.open, from, to)
		l.mu.Unlock()
		go pipe(from, to)
		go pipe(to, from)
	}
}

func pipe(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_ = from.Close()
	_ = to.Close()
}

// cut drops every connection and refuses new ones.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.listener.Close()
	for _, c := range l.open {
		_ = c.Close()
	}
	l.open = nil
}

// complaint is a problem as the API writes it.
type complaint struct {
	Type, Title, Hint string
	Status            int
}

func (r reply) complaint(t *testing.T) (c complaint) {
	t.Helper()
	if err := json.Unmarshal(r.body, &c); err != nil {
		t.Fatalf("%d %s is no problem: %s", r.status, r.kind, r.body)
	}
	return c
}

// clear holds an answer on the JSON face against the problem it should be.
func (r reply) clear(t *testing.T, what string, status int, codes ...string) {
	t.Helper()
	if r.status != status || r.kind != "application/problem+json" || r.took > patience {
		t.Fatalf("%s: %d %s after %s: %s; want %d", what, r.status, r.kind, r.took, r.body, status)
	}
	c := r.complaint(t)
	code := strings.TrimPrefix(c.Type, "about:blank#")
	if !slices.Contains(codes, code) || c.Title == "" || c.Hint == "" {
		t.Errorf("%s: %+v, want one of %v with title and hint", what, c, codes)
	}
}

// clearPage does the same for the page that a person sees.
func (r reply) clearPage(t *testing.T, what string, status int) {
	t.Helper()
	page := string(r.body)
	if r.status != status || !strings.HasPrefix(r.kind, "text/html") || r.took > patience ||
		!strings.Contains(page, "<h1") || strings.Contains(page, "⟦") {
		t.Errorf("%s: %d %s after %s: %s; want a page with %d", what, r.status, r.kind, r.took, page, status)
	}
}

// The database goes away for ten seconds (a short while by default): clear
// answers meanwhile, and nobody has to do anything afterwards.
func TestDatabaseAwayForTenSeconds(t *testing.T) {
	s := postgres(t)
	demo(t, s)
	way, through := lineTo(t, s.database)
	s.database = through
	srv := serve(t, s)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server said last:\n%s", srv.log.last())
		}
	})
	owner := people(t, s)[0]
	v := login(t, srv, owner.Account)
	w := writers(map[string]*visitor{owner.Org: v}, []person{owner}, 1)[0]
	w.look(t)
	if r := w.answer(w.places[0]); r.status != http.StatusOK {
		t.Fatalf("before: %d %s", r.status, r.body)
	}

	stop := make(chan struct{})
	wait := load([]*writer{w}, stop) // the cut comes in the middle of writing
	time.Sleep(50 * time.Millisecond)
	way.cut()
	close(stop)
	wait()
	away := time.Duration(number(t, "MINAMORI_AWAY_SECONDS", 3)) * time.Second
	slowest := whileAway(t, srv, v, w, away)
	if err := way.mend(); err != nil {
		t.Fatal(err)
	}
	back := recovers(t, v, w)
	w.look(t)
	letter := goesOn(t, s, v, owner.Org)
	srv.stop(t)
	if out, code := command(t, store{data: s.data, database: through}.args("journal", "verify")...); code != 0 {
		t.Errorf("journal verify: exit %d\n%s", code, out)
	}
	t.Logf("away for %s: slowest answer %s; back %s after the line was mended, a letter after %s more; %d answers acknowledged",
		away, slowest.Round(time.Millisecond), back.Round(time.Millisecond), letter.Round(time.Millisecond), w.got.Load())
}

// whileAway asks on both faces, to read and to write, until the time is over.
func whileAway(t *testing.T, srv *server, v *visitor, w *writer, long time.Duration) (slowest time.Duration) {
	t.Helper()
	p := w.places[0]
	page := strings.TrimPrefix(p.path(), "/api/v1")
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		read, wrote, seen := v.ask(http.MethodGet, p.path(), nil), w.answer(p), v.ask(http.MethodGet, page, nil)
		read.clear(t, "reading", http.StatusServiceUnavailable, "database-away")
		wrote.clear(t, "writing", http.StatusServiceUnavailable, "database-away")
		seen.clearPage(t, "page", http.StatusServiceUnavailable)
		if r := v.ask(http.MethodGet, "/healthz", nil); r.status != http.StatusOK {
			t.Errorf("/healthz answers %d: the process lives", r.status)
		}
		ready := v.ask(http.MethodGet, "/readyz", nil)
		if ready.status != http.StatusServiceUnavailable {
			t.Errorf("/readyz answers %d while the database is away", ready.status)
		}
		slowest = max(slowest, read.took, wrote.took, seen.took, ready.took)
	}
	select {
	case <-srv.done:
		t.Fatalf("the server gave up\n%s", srv.log.last())
	default:
	}
	return slowest
}

// recovers waits until reading and writing work again.
func recovers(t *testing.T, v *visitor, w *writer) time.Duration {
	t.Helper()
	began := time.Now()
	var r reply
	for time.Since(began) < 10*time.Second {
		if r = v.ask(http.MethodGet, w.places[0].path(), nil); r.status == http.StatusOK {
			w.refresh(t)
			if r = w.answer(w.places[0]); r.status == http.StatusOK {
				return time.Since(began)
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("did not recover within 10 s: %d %s", r.status, r.body)
	return 0
}

// refresh takes the revisions that stand now, as a reload of the page does.
func (w *writer) refresh(t *testing.T) {
	t.Helper()
	for _, p := range w.places {
		var i item
		w.visitor.get(t, p.path(), &i)
		if i.counter() < w.said[p].acknowledged {
			t.Errorf("item %s: answer %d was acknowledged, %d is there", p.item, w.said[p].acknowledged, i.counter())
		}
		if i.Answer != nil {
			w.said[p].revision = i.Answer.Revision
		}
	}
}

// goesOn proves that jobs and followers run after the fault, by themselves: a
// letter goes out, and the peer statistics reach the end of the journal.
func goesOn(t *testing.T, s store, v *visitor, org string) (letter time.Duration) {
	t.Helper()
	const address = "after@example.jp"
	began := time.Now()
	r := v.ask(http.MethodPost, "/api/v1/orgs/"+org+"/invitations", map[string]string{"email": address, "role": "member"})
	if r.status != http.StatusOK {
		t.Fatalf("invitation: %d %s", r.status, r.body)
	}
	until(t, 30*time.Second, "no letter went out", func() bool { return s.letters(t)[address] })
	letter = time.Since(began)
	ctx := context.Background()
	d, err := db.Open(ctx, s.target())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	until(t, 30*time.Second, "the follower stands still", func() bool {
		var behind int
		err := d.Read(ctx, func(ctx context.Context) (err error) {
			behind, err = db.Value[int](ctx, "SELECT COUNT(*) FROM journal_follower WHERE pos < (SELECT pos FROM journal_place)")
			return err
		})
		return err == nil && behind == 0
	})
	return letter
}

// until waits for something that happens by itself.
func until(t *testing.T, patience time.Duration, otherwise string, yes func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if yes() {
			return
		}
	}
	t.Errorf("after %s %s", patience, otherwise)
}
