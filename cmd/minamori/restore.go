package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/backup"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/ledger"
	"github.com/minamori-project/minamori/internal/problem"
)

type restoreCmd struct {
	Store
	Output
	Backup        string   `arg:"" type:"existingdir" help:"Folder of a backup, or of several: then the newest."`
	Identity      []string `type:"existingfile" help:"File with the age identity that opens the backup; may be given more than once."`
	Key           string   `type:"existingfile" help:"File with the installation key, when the backup has none."`
	Head          []string `type:"existingfile" help:"File with heads of the journal saved elsewhere; says what came after the backup."`
	WithoutLedger bool     `name:"without-ledger" help:"There is no ledger: everything that goes to others pauses until owners confirm."`
	Force         bool     `help:"Put what is there now aside, and restore in its place."`
}

// restored is what a restore did.
type restored struct {
	Backup   string    `json:"backup"`
	Taken    time.Time `json:"taken"`
	Rows     int64     `json:"rows"`
	Files    int       `json:"files"`
	Entries  int64     `json:"entries"`  // of the journal, all chains whole
	Replayed int       `json:"replayed"` // revocations done again
	Unknown  []string  `json:"unknown"`  // verbs of the ledger that this program cannot do again
	Damaged  []string  `json:"damaged"`  // lines of the ledger
	Paused   bool      `json:"paused"`
	Jobs     int       `json:"jobs"`  // were unfinished and are gone
	Newer    []newer   `json:"newer"` // chains of which an end is missing
	Aside    string    `json:"aside"` // where the former data is
	NewKey   bool      `json:"new_key"`
}

// newer is a chain that was longer than the backup knows.
type newer struct {
	Org  string `json:"org"`
	Had  int64  `json:"had"`  // at least
	Have int64  `json:"have"` // at the moment of the backup
}

// restoring is a restore under way: everything is made beside its place first.
type restoring struct {
	*console
	b      backup.Backup
	ids    backup.Identities
	key    string   // file of the installation key, or ""
	saved  []string // files of heads
	ledger string   // folder, or "" without
	to     Store    // where it is made
	lines  []journal.Entry
	did    restored
}

func newRestoring(c *console, path string, identities []string) (*restoring, error) {
	b, err := backup.Open(path)
	if err != nil {
		return nil, err
	}
	r := &restoring{console: c, b: b}
	r.did = restored{
		Backup: b.ID, Taken: b.Taken, Rows: b.Rows(), Files: b.Files.Count, Jobs: b.Jobs,
		Unknown: []string{}, Damaged: []string{}, Newer: []newer{},
	}
	for _, name := range identities {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		ids, err := backup.ParseIdentities(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", backup.ErrClosed, name)
		}
		r.ids = append(r.ids, ids...)
	}
	return r, nil
}

// Run restores.
func (k restoreCmd) Run(c *console) error { return backupProblem(k.run(c)) }

func (k restoreCmd) run(c *console) error {
	r, err := newRestoring(c, k.Backup, k.Identity)
	if err != nil {
		return err
	}
	r.key, r.saved = k.Key, k.Head
	if !k.WithoutLedger {
		r.ledger = k.ledger()
	}
	release, err := lockData(k.Store)
	if err != nil {
		return err
	}
	defer release()
	p, err := newPlace(c.ctx, k.Store, c.now())
	if err != nil {
		return err
	}
	defer p.close()
	if used, err := p.used(c.ctx); err != nil || used && !k.Force {
		return errors.Join(err, problem.New(http.StatusConflict, "restore-used", "folder", k.Data))
	}
	if r.to, err = p.beside(c.ctx); err != nil {
		return err
	}
	defer p.clear(c.ctx)
	if err := r.make(); err != nil {
		return err
	}
	if r.did.Aside, err = p.takeOver(c.ctx); err != nil {
		return err
	}
	return k.print(c, r.did, r.tell)
}

// make checks the backup and makes the installation beside its place.
func (r *restoring) make() error {
	if err := r.readLedger(); err != nil {
		return err
	}
	if err := r.b.Verify(r.ctx, r.progress()); err != nil {
		return err
	}
	if err := r.load(); err != nil {
		return err
	}
	h, err := r.house()
	if err != nil {
		return err
	}
	defer h.close()
	if err := r.verify(h, true); err != nil {
		return err
	}
	if err := h.DB.Write(r.ctx, func(ctx context.Context) error { return r.settle(ctx, h) }); err != nil {
		return err
	}
	return r.verify(h, false)
}

// readLedger reads all of the ledger, before anything is touched.
// keys: problem.restore-ledger.title, problem.restore-ledger.hint
func (r *restoring) readLedger() error {
	if r.ledger == "" {
		return nil
	}
	report, err := ledger.Read(r.ledger, func(line []byte) error {
		e, err := journal.ReadRevocation(line)
		if err != nil {
			r.did.Damaged = append(r.did.Damaged, err.Error())
			return nil
		}
		r.lines = append(r.lines, e)
		return nil
	})
	if errors.Is(err, ledger.ErrNone) {
		return problem.New(http.StatusNotFound, "restore-ledger", "folder", r.ledger)
	}
	r.did.Damaged = append(r.did.Damaged, report.Damaged...)
	slices.SortStableFunc(r.lines, func(a, b journal.Entry) int { return a.At.Compare(b.At) }) // over several nodes
	return err
}

// load brings rows, files and key into the place beside.
func (r *restoring) load() error {
	d, err := db.Open(r.ctx, r.to.database())
	if err != nil {
		return err
	}
	err = r.b.LoadRows(r.ctx, d, schemas(), r.ids, r.progress())
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	if err := r.b.CopyFiles(r.ctx, filepath.Join(r.to.Data, "files"), r.ids, r.progress()); err != nil {
		return err
	}
	var key []byte
	switch {
	case r.key != "":
		key, err = os.ReadFile(r.key)
	case r.b.HasKey():
		key, err = r.b.Key(r.ids)
	default:
		r.did.NewKey = true
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.to.Data, keyFile), key, 0o600)
}

// house wires the rooms over what was loaded, under the name that its passkeys
// are for.
func (r *restoring) house() (*House, error) {
	host, err := r.host()
	if err != nil {
		return nil, err
	}
	quiet := *r.console
	quiet.err = io.Discard
	return build(&quiet, r.to, Web{MailFrom: "minamori@localhost"}, "https://"+host)
}

func (r *restoring) host() (host string, err error) {
	d, err := db.Open(r.ctx, r.to.database())
	if err != nil {
		return "", err
	}
	defer d.Close()
	err = d.Read(r.ctx, func(ctx context.Context) error {
		host, err = db.Value[string](ctx, "SELECT rp_id FROM auth_passkey ORDER BY created DESC LIMIT 1")
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return "localhost", nil
	}
	return host, err
}

// verify recomputes every chain. At first it also compares with the heads of the
// backup and with those saved elsewhere, of which some may be newer.
// keys: problem.restore-journal.title, problem.restore-journal.hint
func (r *restoring) verify(h *House, first bool) error {
	var saved []journal.Head
	var err error
	if first {
		if saved, err = r.heads(h); err != nil {
			return err
		}
	}
	report, err := journal.Verify(r.ctx, h.DB, saved, nil)
	if err != nil {
		return err
	}
	r.did.Entries = report.Entries
	if !report.OK() {
		f := report.Faults[0]
		return problem.New(http.StatusConflict, "restore-journal", "n", len(report.Faults), "org", f.Org, "seq", f.Seq, "kind", f.Why)
	}
	return nil
}

// heads are those to compare with: all of the backup, and of the saved ones those
// that it can know. The rest, and what the ledger tells, was lost.
func (r *restoring) heads(h *House) ([]journal.Head, error) {
	all, err := r.b.Heads(r.ids)
	if err != nil {
		return nil, err
	}
	have, had := map[string]int64{}, map[string]int64{}
	for _, head := range all {
		have[head.Org] = head.Seq
	}
	saved, err := readHeads(r.saved)
	if err != nil {
		return nil, err
	}
	for _, s := range saved {
		if s.Seq <= have[s.Org] {
			all = append(all, s)
		}
		had[s.Org] = max(had[s.Org], s.Seq)
	}
	for _, e := range r.lines {
		had[e.Org] = max(had[e.Org], e.Seq)
	}
	for org, n := range had {
		if n > have[org] {
			r.did.Newer = append(r.did.Newer, newer{org, n, have[org]})
		}
	}
	slices.SortFunc(r.did.Newer, func(a, b newer) int { return strings.Compare(a.Org, b.Org) })
	return all, nil
}

// settle does in one transaction what makes an older copy safe to use.
func (r *restoring) settle(ctx context.Context, h *House) error {
	for _, e := range r.lines {
		if err := r.replay(ctx, h, e); err != nil {
			return err
		}
	}
	for _, void := range h.voids() {
		if err := void(ctx); err != nil {
			return err
		}
	}
	if r.ledger == "" || len(r.did.Damaged) > 0 || len(r.did.Unknown) > 0 {
		r.did.Paused = true
		if err := h.Org.PauseAll(ctx, org.PausedByRestore); err != nil {
			return err
		}
	}
	return journal.Note(ctx, journal.Entry{At: r.now(), Actor: "system", Verb: "house.restored", Subject: r.b.ID},
		map[string]any{"taken": r.b.Taken, "replayed": r.did.Replayed, "paused": r.did.Paused})
}

// clockBack is how far before the backup a line of the ledger may be dated and
// still have come after it: a clock can be put back.
const clockBack = 48 * time.Hour

// replay takes away again what the copy does not know to be gone, and notes it
// where it was noted before.
func (r *restoring) replay(ctx context.Context, h *House, e journal.Entry) error {
	if e.At.Before(r.b.Taken.Add(-clockBack)) {
		return nil
	}
	held, err := journal.Holds(ctx, e, r.b.Taken)
	if err != nil || held {
		return err
	}
	again := h.revoking()[roomOf(e.Verb)]
	if again == nil {
		r.unknown(e.Verb)
		return nil
	}
	if err := again(ctx, e); err != nil {
		if problem.As(err) != nil {
			return err // of the storage
		}
		r.unknown(e.Verb)
		return nil
	}
	r.did.Replayed++
	return journal.Note(ctx, journal.Entry{Org: e.Org, At: e.At, Actor: e.Actor, Verb: e.Verb, Subject: e.Subject}, nil)
}

func (r *restoring) unknown(verb string) {
	if !slices.Contains(r.did.Unknown, verb) {
		r.did.Unknown = append(r.did.Unknown, verb)
	}
}

func (r *restoring) tell(w io.Writer) {
	d := r.did
	fmt.Fprintf(w, "restored: %s, taken %s\n", d.Backup, d.Taken.Format(time.RFC3339))
	fmt.Fprintf(w, "%d rows, %d files; every chain of the journal holds (%d entries)\n", d.Rows, d.Files, d.Entries)
	fmt.Fprintf(w, "%d revocations done again; every session, link and open invitation has ended\n", d.Replayed)
	if d.Jobs > 0 {
		fmt.Fprintf(w, "%d jobs were unfinished and are gone: letters that were waiting have to be asked for again\n", d.Jobs)
	}
	if d.Paused {
		fmt.Fprintln(w, "paused: nothing of any company goes to others until an owner confirms what is shared")
	}
	for _, line := range d.Damaged {
		fmt.Fprintln(w, "ledger, damaged:", line)
	}
	for _, verb := range d.Unknown {
		fmt.Fprintln(w, "ledger, cannot be done again by this program:", verb)
	}
	for _, n := range d.Newer {
		fmt.Fprintf(w, "lost: organisation %q had %d entries or more, and has %d\n", n.Org, n.Had, n.Have)
	}
	if d.NewKey {
		fmt.Fprintln(w, "note: the backup had no key; a new one was made, and passwords with an app, recovery codes and open links no longer work")
	}
	if d.Aside != "" {
		fmt.Fprintln(w, "the former data is in", d.Aside)
	}
}
