package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const pack = "self-diagnosis-25"

// itemsOfAll is how many items a company has. Each is answered by one person
// alone, who therefore knows what must stand there; whoever comes beyond reads.
const itemsOfAll = 25

// crowd is the people at the proxy.
type crowd struct {
	c      *cluster
	client *http.Client
	base   string
	people []*somebody

	read, answered, invited atomic.Int64

	mu       sync.Mutex
	failures []string
	letters  map[string]bool // addresses whose invitation was acknowledged
}

// somebody reads and answers his own items of a company.
type somebody struct {
	crowd   *crowd
	number  int
	org     string
	session string
	item    string
	reads   bool // and does not answer
	said    said
}

// said is what somebody knows of his item: what he wrote last, and its revision.
type said struct{ counter, revision int }

func newCrowd(c *cluster, base string, n int) (*crowd, error) {
	k := &crowd{c: c, base: base, letters: map[string]bool{}, client: &http.Client{
		Timeout:       20 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: n},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	sessions := map[string]string{}
	for i := range n {
		p := &somebody{crowd: k, number: i}
		owner := c.owners[i%len(c.owners)]
		p.org = owner.Org
		p.item = strconv.Itoa(1 + i/len(c.owners)%itemsOfAll)
		p.reads = i >= len(c.owners)*itemsOfAll
		if p.session = sessions[p.org]; p.session == "" {
			if err := p.login(owner.Account); err != nil {
				return nil, err
			}
			sessions[p.org] = p.session
		}
		var err error
		if p.said, err = p.stands(); err != nil {
			return nil, err
		}
		k.people = append(k.people, p)
	}
	return k, nil
}

func (p *somebody) request(method, path, kind, body string) *http.Request {
	req, _ := http.NewRequest(method, p.crowd.base+path, strings.NewReader(body))
	req.Host = "localhost"
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if p.session != "" {
		req.AddCookie(&http.Cookie{Name: sessionCookie, Value: p.session})
	}
	return req
}

const sessionCookie = "session"

// login is done once for each company: strangers may not act that often, and the
// demo lets nobody in from elsewhere.
func (p *somebody) login(account string) error {
	res, err := p.crowd.client.Do(p.request(http.MethodPost, "/demo", "application/x-www-form-urlencoded", "account="+account))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == sessionCookie {
			p.session = c.Value
		}
	}
	if p.session == "" {
		b, _ := io.ReadAll(res.Body)
		return fmt.Errorf("login answered %d without a session: %.300s", res.StatusCode, b)
	}
	return nil
}

func (p *somebody) ask(method, path string, body any) (int, []byte, error) {
	kind, text := "", []byte(nil)
	if body != nil {
		kind, text = "application/json", must(json.Marshal(body))
	}
	res, err := p.crowd.client.Do(p.request(method, path, kind, string(text)))
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, b, err
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err) // what this program writes always encodes
	}
	return b
}

func (p *somebody) page(item string) string {
	return "/orgs/" + p.org + "/frameworks/" + pack + "/items/" + item
}

// stands reads what stands at somebody's item.
func (p *somebody) stands() (s said, err error) {
	item := p.item
	status, b, err := p.ask(http.MethodGet, "/api/v1"+p.page(item), nil)
	if err != nil || status != http.StatusOK {
		return s, fmt.Errorf("reading item %s: %d %w %.200s", item, status, err, b)
	}
	var i struct {
		Answer *struct {
			Memo     string `json:"memo"`
			Revision int    `json:"revision"`
		} `json:"answer"`
	}
	if err := json.Unmarshal(b, &i); err != nil || i.Answer == nil {
		return s, err
	}
	s.revision = i.Answer.Revision
	if n, ok := strings.CutPrefix(i.Answer.Memo, "n="); ok {
		s.counter, _ = strconv.Atoi(n)
	}
	return s, nil
}

// live reads two pages for each answer, and thinks in between.
func (p *somebody) live(stop <-chan struct{}, think time.Duration) {
	for call := 0; ; call++ {
		if p.reads || call%3 < 2 {
			p.readPage(p.item)
		} else {
			p.answer(p.item)
		}
		if call == 20 && p.number < 40 {
			p.invite()
		}
		select {
		case <-stop:
			return
		case <-time.After(think/2 + rand.N(think)):
		}
	}
}

func (p *somebody) readPage(item string) {
	status, b, err := p.ask(http.MethodGet, p.page(item), nil)
	if err != nil || status != http.StatusOK || !bytes.Contains(b, []byte("</html>")) {
		p.crowd.fail("page: %d %v %.120s", status, err, b)
		return
	}
	p.crowd.read.Add(1)
}

func (p *somebody) answer(item string) {
	s := &p.said
	status, b, err := p.ask(http.MethodPost, "/api/v1"+p.page(item),
		map[string]any{"answer": "partly", "memo": fmt.Sprintf("n=%d", s.counter+1), "revision": s.revision})
	if err != nil || status != http.StatusOK {
		p.crowd.fail("answer: %d %v %.200s", status, err, b)
		return
	}
	s.counter++
	s.revision++
	p.crowd.answered.Add(1)
}

func (p *somebody) invite() {
	address := fmt.Sprintf("guest%03d@example.jp", p.number)
	status, b, err := p.ask(http.MethodPost, "/api/v1/orgs/"+p.org+"/invitations", map[string]string{"email": address, "role": "member"})
	if err != nil || status != http.StatusOK {
		p.crowd.fail("invitation: %d %v %.200s", status, err, b)
		return
	}
	p.crowd.invited.Add(1)
	p.crowd.mu.Lock()
	p.crowd.letters[address] = true
	p.crowd.mu.Unlock()
}

func (k *crowd) fail(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failures = append(k.failures, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// live lets all of them live until stop is closed.
func (k *crowd) live(stop <-chan struct{}, think time.Duration) (wait func()) {
	var wg sync.WaitGroup
	for _, p := range k.people {
		wg.Go(func() { p.live(stop, think) })
	}
	return wg.Wait
}

// lost compares what stands with what was acknowledged.
func (k *crowd) lost() (all []string) {
	for _, p := range k.people {
		if p.reads {
			continue
		}
		s, err := p.stands()
		if err != nil || s.counter != p.said.counter {
			all = append(all, fmt.Sprintf("%s item %s: %d was acknowledged, %d stands (%v)", p.org, p.item, p.said.counter, s.counter, err))
		}
	}
	return all
}
