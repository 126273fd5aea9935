package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// timing is what a load came to.
type timing struct {
	n             int
	took          time.Duration
	p50, p95, p99 time.Duration
	failed        int
	failure       string // one of them
}

func (t timing) perSecond() float64 { return float64(t.n) / t.took.Seconds() }

func (t timing) String() string {
	s := fmt.Sprintf("%.0f/s, p50 %s, p95 %s, p99 %s", t.perSecond(), ms(t.p50), ms(t.p95), ms(t.p99))
	if t.failed > 0 {
		s += fmt.Sprintf(", %d FAILED (%s)", t.failed, t.failure)
	}
	return s
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

// load runs work with some workers until the context ends. work gets the
// number of the worker and of its call.
func load(ctx context.Context, workers int, work func(worker, call int) error) timing {
	var mu sync.Mutex
	var all []time.Duration
	var t timing
	began := time.Now()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			mine := make([]time.Duration, 0, 1<<16)
			failed, last := 0, ""
			for call := 0; ctx.Err() == nil; call++ {
				start := time.Now()
				if err := work(w, call); err != nil {
					failed, last = failed+1, err.Error()
					continue
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
			t.failed += failed
			if last != "" {
				t.failure = last
			}
		})
	}
	wg.Wait()
	t.took, t.n = time.Since(began), len(all)
	slices.Sort(all)
	t.p50, t.p95, t.p99 = quantile(all, .5), quantile(all, .95), quantile(all, .99)
	return t
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// client is one connection that is kept, as browsers and proxies do. It is
// written by hand because it shares the cores with the server: the client of
// net/http would cost as much as a page.
type client struct {
	addr string
	conn net.Conn
	in   *bufio.Reader
	out  bytes.Buffer
	body bytes.Buffer // of the last answer, as it came

	status int    // of the last answer
	again  string // when to try again, as it says
}

// ask sends a request as the owner of organisation i; with a body it is a POST
// of JSON.
func (c *client) ask(path string, i int, body []byte) error {
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.addr)
		if err != nil {
			return err
		}
		c.conn, c.in = conn, bufio.NewReaderSize(conn, 32<<10)
	}
	method := "GET"
	c.out.Reset()
	if body != nil {
		method = "POST"
	}
	fmt.Fprintf(&c.out, "%s %s HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nCookie: session=%s\r\n", method, path, sessionToken(i))
	if body != nil {
		fmt.Fprintf(&c.out, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	c.out.WriteString("\r\n")
	c.out.Write(body)
	_, err := c.conn.Write(c.out.Bytes())
	if err == nil {
		err = c.read(method + " " + path)
	}
	if err != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
	return err
}

func (c *client) read(what string) error {
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	c.status, c.again = res.StatusCode, res.Header.Get("Retry-After")
	c.body.Reset()
	if _, err := io.Copy(&c.body, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", what, res.Status)
	}
	return nil
}

func clients(n int, addr string) []*client {
	all := make([]*client, n)
	for i := range all {
		all[i] = &client{addr: addr}
	}
	return all
}
