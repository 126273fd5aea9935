package main

import (
	"context"
	"fmt"
	"io"
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
	lastFailure   string
}

func (t timing) perSecond() float64 { return float64(t.n) / t.took.Seconds() }

func (t timing) String() string {
	s := fmt.Sprintf("%.0f/s, p50 %s, p95 %s, p99 %s", t.perSecond(), ms(t.p50), ms(t.p95), ms(t.p99))
	if t.failed > 0 {
		s += fmt.Sprintf(", %d FAILED (%s)", t.failed, t.lastFailure)
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
			t.lastFailure += last
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

// client keeps its connections, as browsers and proxies do, and takes gzip
// without unpacking it.
func client(connections int) *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fetch reads a page and returns its size on the wire.
func fetch(c *http.Client, req *http.Request, want int) (int64, error) {
	res, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil && res.StatusCode != want {
		err = fmt.Errorf("%s %s: %s", req.Method, req.URL.Path, res.Status)
	}
	return n, err
}
