package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/minamori-project/minamori/internal/db"
)

// Fault is one place where a chain does not hold.
type Fault struct {
	Org string `json:"org"`
	Seq int64  `json:"seq"`
	Why string `json:"why"` // hash, gap, text, head, cut or rewritten
}

// Report is the result of Verify.
type Report struct {
	Organisations int     `json:"organisations"`
	Entries       int64   `json:"entries"`
	Erased        int64   `json:"erased"`
	Heads         int     `json:"heads"` // saved heads that were compared
	Faults        []Fault `json:"faults"`
}

// OK says that every chain holds.
func (r Report) OK() bool { return len(r.Faults) == 0 }

// ReadHeads reads saved heads: JSON objects one after the other, as exports
// carry them. At most 64 MB are read.
func ReadHeads(r io.Reader) ([]Head, error) {
	dec := json.NewDecoder(io.LimitReader(r, 64<<20))
	var heads []Head
	for {
		var h Head
		err := dec.Decode(&h)
		if err == io.EOF {
			return heads, nil
		}
		if err != nil {
			return nil, fmt.Errorf("head %d: %w", len(heads)+1, err)
		}
		if h.Seq < 1 || len(h.Hash) != sha256.Size {
			return nil, fmt.Errorf("head %d: seq or hash is not one", len(heads)+1)
		}
		heads = append(heads, h)
	}
}

// Verify recomputes every chain and compares it with the stored heads and with
// the saved ones. progress is called now and then with the entries read so far;
// it may be nil.
func Verify(ctx context.Context, d *db.DB, saved []Head, progress func(entries int64)) (Report, error) {
	v := &verifier{saved: map[string]map[int64]Hash{}, progress: progress}
	v.report.Heads = len(saved)
	for _, h := range saved {
		if v.saved[h.Org] == nil {
			v.saved[h.Org] = map[int64]Hash{}
		}
		v.saved[h.Org][h.Seq] = h.Hash
	}
	heads, err := allHeads(ctx, d)
	if err != nil {
		return v.report, err
	}
	v.report.Organisations = len(heads)
	v.missing(heads)
	return v.report, v.run(ctx, d, heads)
}

func allHeads(ctx context.Context, d *db.DB) (heads []Head, err error) {
	err = d.Read(ctx, func(ctx context.Context) error {
		heads, err = db.Rows(ctx, (*Head).fields, `
			SELECT org_id, MAX(seq), CAST(NULL AS BYTEA) FROM journal_entry
			WHERE org_id NOT IN (SELECT org_id FROM journal_head) GROUP BY org_id
			UNION ALL SELECT org_id, seq, hash FROM journal_head ORDER BY 1`)
		return err
	})
	return heads, err
}

type verifier struct {
	mu       sync.Mutex
	saved    map[string]map[int64]Hash
	report   Report
	progress func(int64)
}

// missing finds saved heads of chains that are no longer there at all.
func (v *verifier) missing(heads []Head) {
	there := map[string]bool{}
	for _, h := range heads {
		there[h.Org] = true
	}
	for org, at := range v.saved {
		for seq := range at {
			if !there[org] {
				v.report.Faults = append(v.report.Faults, Fault{org, seq, "cut"})
			}
		}
	}
}

// run checks the chains side by side: they do not touch each other.
func (v *verifier) run(ctx context.Context, d *db.DB, heads []Head) error {
	work := make(chan Head)
	errs := make(chan error, runtime.NumCPU())
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Go(func() {
			for h := range work {
				if err := v.chain(ctx, d, h); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	err := feed(ctx, heads, work, errs)
	close(work)
	wg.Wait()
	select {
	case e := <-errs:
		err = e
	default:
	}
	return err
}

func feed(ctx context.Context, heads []Head, work chan<- Head, errs <-chan error) error {
	for _, h := range heads {
		select {
		case work <- h:
		case err := <-errs:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (v *verifier) chain(ctx context.Context, d *db.DB, head Head) error {
	c := chainCheck{org: head.Org, prev: make(Hash, sha256.Size), saved: v.saved[head.Org]}
	err := d.Read(ctx, func(ctx context.Context) error {
		return db.Walk(ctx, c.row.places(), func() error { c.take(); return ctx.Err() }, `
			SELECT seq, at, actor, verb, subject, commitment, hash, salt, body
			FROM journal_entry WHERE org_id = ? ORDER BY seq`, head.Org)
	})
	if err != nil {
		return err
	}
	c.end(head)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Entries += c.entries
	v.report.Erased += c.erased
	v.report.Faults = append(v.report.Faults, c.faults...)
	if v.progress != nil {
		v.progress(v.report.Entries)
	}
	return nil
}

// rawRow is an entry as it is stored: a million of them are not worth parsing.
type rawRow struct {
	seq                          int64
	at, actor, verb, subject     string
	commitment, hash, salt, body sql.RawBytes
}

func (r *rawRow) places() []any {
	return []any{&r.seq, &r.at, &r.actor, &r.verb, &r.subject, &r.commitment, &r.hash, &r.salt, &r.body}
}

type chainCheck struct {
	org             string
	seq             int64
	prev            Hash
	row             rawRow
	saved           map[int64]Hash
	entries, erased int64
	faults          []Fault
}

func (c *chainCheck) fault(seq int64, why string) {
	if len(c.faults) < 10 { // one broken entry breaks all after it
		c.faults = append(c.faults, Fault{c.org, seq, why})
	}
}

func (c *chainCheck) take() {
	r := &c.row
	c.entries++
	if r.seq != c.seq+1 {
		c.fault(c.seq+1, "gap")
	}
	c.seq = r.seq
	if !bytes.Equal(link(c.prev, r.seq, r.commitment, c.org, r.at, r.actor, r.verb, r.subject), r.hash) {
		c.fault(r.seq, "hash")
	}
	c.prev = append(c.prev[:0], r.hash...)
	switch {
	case r.salt == nil:
		c.erased++
	case !bytes.Equal(commit(r.salt, r.body), r.commitment):
		c.fault(r.seq, "text")
	}
	if want, ok := c.saved[r.seq]; ok && !bytes.Equal(want, r.hash) {
		c.fault(r.seq, "rewritten")
	}
}

func (c *chainCheck) end(head Head) {
	if head.Seq != c.seq || !bytes.Equal(head.Hash, c.prev) {
		c.fault(head.Seq, "head")
	}
	for seq := range c.saved {
		if seq > c.seq {
			c.fault(seq, "cut")
		}
	}
}
