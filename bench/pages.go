package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
)

// pageKinds are the pages of an assessment, by name.
func pageKinds(pack *assess.Pack) map[string]func(i, call int) string {
	frameworks := func(i int) string { return "/orgs/" + orgID(i) + "/frameworks/" + pack.ID }
	return map[string]func(i, call int) string{
		"item": func(i, call int) string { return frameworks(i) + "/items/" + pack.Items[call%len(pack.Items)].ID },
		"list": func(i, _ int) string { return frameworks(i) },
		"home": func(i, _ int) string { return "/orgs/" + orgID(i) },
	}
}

// pages measures each kind with all clients and the writers beside them, then
// the bare handler with the same bytes.
func (b *bench) pages(ctx context.Context) error {
	h, err := enter(ctx, b.data, filepath.Join(b.data, "minamori.db"))
	if err != nil {
		return err
	}
	pack := h.pack()
	h.close()
	p, err := b.serve(ctx)
	if err != nil {
		return err
	}
	kinds := pageKinds(pack)
	for _, name := range []string{"item", "list", "home"} {
		if err := b.pagesOf(ctx, p, pack, name, kinds[name]); err != nil {
			return err
		}
	}
	b.answersOver(ctx, p, pack, "SQLite", b.orgs)
	now, most := memory(p.cmd.Process.Pid)
	b.add("resident memory of the server after that", fmt.Sprintf("%.0f MB, at most %.0f MB", now, most), "≤ 128 MB", "VmRSS, VmHWM")
	return p.stop()
}

func (b *bench) pagesOf(ctx context.Context, p *process, pack *assess.Pack, name string, path func(i, call int) string) error {
	all := clients(b.clients, p.addr)
	ask := func(worker, call int) error {
		i := (worker*b.orgs/b.clients + call*7) % b.orgs
		return all[worker].ask(path(i, call), i, nil)
	}
	if err := ask(0, 0); err != nil {
		return err
	}
	wire := all[0].body.Len()
	page, err := unzip(all[0].body.Bytes())
	if err != nil {
		return err
	}
	bare, err := b.bareLoad(ctx, page)
	if err != nil {
		return err
	}
	var writing timing
	loading, cancel := context.WithTimeout(ctx, b.span())
	defer cancel()
	used := processorTime(p.cmd.Process.Pid)
	var wg sync.WaitGroup
	wg.Go(func() { writing = b.write(loading, p, pack, b.orgs, b.writers, b.pace) })
	reading := load(loading, b.clients, ask)
	wg.Wait()
	used = processorTime(p.cmd.Process.Pid) - used
	_, most := memory(p.cmd.Process.Pid)
	b.add("page "+name, reading.String(), "≥ 3000/s, p95 ≤ 12 ms", fmt.Sprintf("%d clients, %d writers, gzip, %d bytes, %d on the wire", b.clients, b.writers, len(page), wire))
	b.add("  answers beside it", writing.String(), "-", fmt.Sprintf("pace %s; server %s of processor time per page and answer, memory at most %.0f MB", b.pace, each(used, reading.n+writing.n), most))
	b.add("  bare handler, same bytes", fmt.Sprintf("%s; %.1f times the page", bare, bare.perSecond()/reading.perSecond()), "-", "bench -bare, no writers")
	return nil
}

func unzip(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body, nil // too small to be compressed
	}
	return io.ReadAll(r)
}

func (b *bench) bareLoad(ctx context.Context, page []byte) (timing, error) {
	file := filepath.Join(b.dir, "page.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return timing{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return timing{}, err
	}
	p, err := start(ctx, self, "-bare", file)
	if err != nil {
		return timing{}, err
	}
	all := clients(b.clients, p.addr)
	loading, cancel := context.WithTimeout(ctx, min(b.span(), 5*time.Second))
	defer cancel()
	t := load(loading, b.clients, func(worker, _ int) error { return all[worker].ask("/", 0, nil) })
	_ = p.stop() // it ends by the signal
	return t, nil
}

// write answers through the API, as people do: a company from the first item
// to the last, every answer with a new text. No two answer for one company.
func (b *bench) write(ctx context.Context, p *process, pack *assess.Pack, orgs, workers int, pace time.Duration) timing {
	all := clients(workers, p.addr)
	given := newGivers(workers, orgs, pack)
	return load(ctx, workers, func(worker, _ int) error {
		a := given[worker].next()
		body, err := json.Marshal(map[string]any{"answer": a.choice, "memo": a.memo, "revision": 0})
		if err != nil {
			return err
		}
		began := time.Now()
		err = all[worker].ask("/api/v1/orgs/"+orgID(a.org)+"/frameworks/"+pack.ID+"/items/"+a.item, a.org, body)
		if pace > 0 {
			select {
			case <-time.After(pace - time.Since(began)):
			case <-ctx.Done():
			}
		}
		return err
	})
}

// answersOver measures answers through the API, with nothing beside them.
func (b *bench) answersOver(ctx context.Context, p *process, pack *assess.Pack, name string, orgs int) {
	loading, cancel := context.WithTimeout(ctx, b.span())
	defer cancel()
	used := processorTime(p.cmd.Process.Pid)
	t := b.write(loading, p, pack, orgs, b.clients, 0)
	b.add("answer with journal and position, "+name+", API", t.String(), "≥ 1000/s, p99 ≤ 50 ms",
		fmt.Sprintf("%d clients; server %s of processor time each", b.clients, each(processorTime(p.cmd.Process.Pid)-used, t.n)))
}

// nowhere takes an answer and forgets it.
type nowhere struct {
	header http.Header
	status int
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) WriteHeader(status int)      { w.status = status }
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }

// profile asks for pages without a network and writes where the time goes.
func profile(ctx context.Context, data string, o options) error {
	h, err := enter(ctx, data, filepath.Join(data, "minamori.db"))
	if err != nil {
		return err
	}
	defer h.close()
	handler, err := h.handler()
	if err != nil {
		return err
	}
	path := pageKinds(h.pack())[o.page]
	if path == nil {
		return fmt.Errorf("no page %q", o.page)
	}
	f, err := os.Create(o.profile)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	loading, cancel := context.WithTimeout(ctx, time.Duration(o.seconds)*time.Second)
	defer cancel()
	used := processorTime(os.Getpid())
	t := load(loading, 4, func(worker, call int) error {
		i := (worker*o.orgs/4 + call*7) % o.orgs
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+path(i, call), nil)
		r.RemoteAddr = "127.0.0.1:5000"
		r.AddCookie(&http.Cookie{Name: "session", Value: sessionToken(i)})
		r.Header.Set("Accept-Encoding", "gzip")
		w := &nowhere{header: http.Header{}}
		handler.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			return fmt.Errorf("%s: %d", r.URL.Path, w.status)
		}
		return nil
	})
	fmt.Printf("page %s inside this process, no network: %s; %s of processor time each\n", o.page, t, each(processorTime(os.Getpid())-used, t.n))
	return nil
}
