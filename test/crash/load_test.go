package crash

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const pack = "self-diagnosis-25"

// place is one item of one company, which one writer alone answers.
type place struct {
	org, item string
}

func (p place) path() string {
	return fmt.Sprintf("/api/v1/orgs/%s/frameworks/%s/items/%s", p.org, pack, p.item)
}

// said is what a writer knows of its place: the last counter it sent, and the
// last one whose 200 it received.
type said struct {
	sent, acknowledged, revision int
}

// writer answers its own places over and over, with a growing counter.
type writer struct {
	visitor *visitor
	places  []place
	said    map[place]*said
	pad     string // makes answers longer
	got     atomic.Int64
}

// writers gives each of n writers three items of a company.
func writers(visitors map[string]*visitor, orgs []person, n int) []*writer {
	all := make([]*writer, n)
	for i := range all {
		org := orgs[i%len(orgs)].Org
		w := &writer{visitor: visitors[org], said: map[place]*said{}}
		for k := range 3 {
			w.places = append(w.places, place{org, strconv.Itoa(1 + 3*(i/len(orgs)) + k)})
		}
		all[i] = w
	}
	return all
}

type item struct {
	Answer *struct {
		Choice   string `json:"choice"`
		Memo     string `json:"memo"`
		Revision int    `json:"revision"`
	} `json:"answer"`
}

func (i item) counter() int {
	if i.Answer == nil {
		return 0
	}
	n, _, _ := strings.Cut(strings.TrimPrefix(i.Answer.Memo, "n="), " ")
	counter, _ := strconv.Atoi(n)
	return counter
}

// look reads what stands at the writer's places now and holds it against what
// was acknowledged.
func (w *writer) look(t *testing.T) {
	t.Helper()
	for _, p := range w.places {
		var i item
		w.visitor.get(t, p.path(), &i)
		s, known := w.said[p]
		if !known {
			s = &said{}
			w.said[p] = s
		}
		switch n := i.counter(); {
		case !known:
		case n < s.acknowledged:
			t.Errorf("%s item %s: answer %d was acknowledged, %d is there", p.org, p.item, s.acknowledged, n)
		case n > s.sent:
			t.Errorf("%s item %s: answer %d is there, which nobody sent (last %d)", p.org, p.item, n, s.sent)
		}
		if i.Answer != nil {
			s.revision = i.Answer.Revision
		}
		s.acknowledged = i.counter()
		s.sent = s.acknowledged
	}
}

// answer sends the next counter to one place.
func (w *writer) answer(p place) reply {
	s := w.said[p]
	s.sent++
	r := w.visitor.ask(http.MethodPost, p.path(), map[string]any{
		"answer": "partly", "memo": fmt.Sprintf("n=%d %s", s.sent, w.pad), "revision": s.revision,
	})
	if r.status == http.StatusOK {
		s.acknowledged = s.sent
		s.revision++
		w.got.Add(1)
	}
	return r
}

// run answers until the server is gone, or stop is closed.
func (w *writer) run(stop <-chan struct{}) {
	for {
		for _, p := range w.places {
			select {
			case <-stop:
				return
			default:
			}
			if r := w.answer(p); r.status == 0 {
				return
			}
		}
	}
}

// load runs all writers; the returned function waits until each has ended.
func load(all []*writer, stop <-chan struct{}) (wait func()) {
	var wg sync.WaitGroup
	for _, w := range all {
		wg.Go(func() { w.run(stop) })
	}
	return wg.Wait
}

func total(all []*writer) (n int64) {
	for _, w := range all {
		n += w.got.Load()
	}
	return n
}
