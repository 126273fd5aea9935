package review

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// Kind is what a record is of.
type Kind string

// The kinds.
const (
	Snapshot     Kind = "snapshot"
	Confirmation Kind = "confirmation"
	Oath         Kind = "oath"
)

// Record is what was frozen, confirmed or sworn.
type Record struct {
	ID       string
	Org      string
	Kind     Kind
	Snapshot string
	Pack     string
	Number   int
	Facts    string // canonical JSON, as it was written
	Digest   string // SHA-256 of Facts, in hex
	At       time.Time
	By       string // account

	Withdrawn    time.Time
	WithdrawnBy  string
	WithdrawnHow string

	Pieces map[string]Piece
	// Damaged says that the record is not what was written. Nothing in it counts.
	Damaged bool
}

// Piece is a name, or words, in a record. The salt keeps the digest that stays
// from telling a name that was erased.
type Piece struct {
	Name    string // as the facts call it
	Account string // whom it names, or ""
	Salt    string
	Words   string
	Erased  time.Time
}

// envelope is how facts are written: they name their own record, so that a row
// cannot stand for another.
type envelope struct {
	Format string            `json:"format"`
	ID     string            `json:"id"`
	Org    string            `json:"organisation"`
	Kind   Kind              `json:"kind"`
	Number int               `json:"number"`
	Of     string            `json:"snapshot"`
	Pack   string            `json:"framework"`
	At     string            `json:"made_at"`
	Pieces map[string]string `json:"pieces_sha256"`
	Facts  json.RawMessage   `json:"facts"`
}

const format = "minamori.record.1"

// saltSize is 128 bits: enough that nobody finds an erased name by trying.
const saltSize = 16

func (p Piece) digest() string {
	sum := sha256.Sum256([]byte(p.Salt + "\x00" + p.Words))
	return hex.EncodeToString(sum[:])
}

// canonical writes JSON in the one form that is digested: members sorted by name,
// no spaces, nothing escaped that need not be.
func canonical(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// seal writes a record, once. facts say what is known; words that somebody wrote
// and names are in pieces.
func (rm *Room) seal(ctx context.Context, r *Record, facts any, pieces []Piece) error {
	if r.ID == "" {
		r.ID = db.NewID()
	}
	if r.Kind == Snapshot {
		r.Snapshot = r.ID
	}
	number, err := db.Value[int](ctx, `INSERT INTO review_number (org_id, kind, last) VALUES (?, ?, 1)
		ON CONFLICT (org_id, kind) DO UPDATE SET last = review_number.last + 1 RETURNING last`, r.Org, r.Kind)
	if err != nil {
		return err
	}
	r.Number, r.At = number, rm.Now().UTC().Truncate(time.Microsecond)
	if err := r.write(facts, pieces); err != nil {
		return err
	}
	_, err = db.Exec(ctx, `INSERT INTO review_record (id, org_id, kind, snapshot_id, pack, number, facts, digest, made_at, made_by, withdrawn_at, withdrawn_by, withdrawn_how)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '')`, r.ID, r.Org, r.Kind, r.Snapshot, r.Pack, r.Number, r.Facts, r.Digest, r.At, r.By)
	if err != nil {
		return err
	}
	for _, p := range r.Pieces {
		_, err := db.Exec(ctx, "INSERT INTO review_piece (record_id, org_id, name, account_id, salt, words, erased_at) VALUES (?, ?, ?, ?, ?, ?, NULL)",
			r.ID, r.Org, p.Name, p.Account, p.Salt, p.Words)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Record) write(facts any, pieces []Piece) error {
	body, err := canonical(facts)
	if err != nil {
		return err
	}
	e := envelope{format, r.ID, r.Org, r.Kind, r.Number, r.Snapshot, r.Pack, db.Text(r.At), map[string]string{}, body}
	r.Pieces = map[string]Piece{}
	for _, p := range pieces {
		salt := make([]byte, saltSize)
		if _, err := rand.Read(salt); err != nil {
			return err
		}
		p.Salt = hex.EncodeToString(salt)
		r.Pieces[p.Name], e.Pieces[p.Name] = p, p.digest()
	}
	raw, err := canonical(e)
	r.Facts, r.Digest = string(raw), hexSum(raw)
	return err
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// proven opens the envelope of a record and says whether its row is what was
// written.
func (r *Record) proven() (e envelope, ok bool) {
	ok = hexSum([]byte(r.Facts)) == r.Digest &&
		json.Unmarshal([]byte(r.Facts), &e) == nil &&
		e.Format == format && e.ID == r.ID && e.Org == r.Org && e.Kind == r.Kind && e.Number == r.Number &&
		e.Of == r.Snapshot && e.Pack == r.Pack && e.At == db.Text(r.At)
	return e, ok
}

// read proves a record and reads its facts into into. What does not fit is
// damaged.
func (r *Record) read(into any) {
	e, ok := r.proven()
	if !ok || len(e.Pieces) != len(r.Pieces) || json.Unmarshal(e.Facts, into) != nil {
		r.Damaged = true
		return
	}
	for name, sum := range e.Pieces {
		p, ok := r.Pieces[name]
		if !ok || p.Erased.IsZero() && p.digest() != sum {
			r.Damaged = true
		}
	}
}

// said is a piece as it stands, "" when it was erased.
func (r *Record) said(name string) string { return r.Pieces[name].Words }

// erased is when a piece of the record was erased last; zero when all stand.
func (r *Record) erased() (at time.Time) {
	for _, p := range r.Pieces {
		if p.Erased.After(at) {
			at = p.Erased
		}
	}
	return at
}

const recordColumns = "id, org_id, kind, snapshot_id, pack, number, facts, digest, made_at, made_by, withdrawn_at, withdrawn_by, withdrawn_how"

func (r *Record) fields() []any {
	return []any{&r.ID, &r.Org, &r.Kind, &r.Snapshot, &r.Pack, &r.Number, &r.Facts, &r.Digest, db.At(&r.At), &r.By,
		db.At(&r.Withdrawn), &r.WithdrawnBy, &r.WithdrawnHow}
}

// withPieces adds to records of a company what names and says.
func withPieces(ctx context.Context, company string, all []Record) error {
	if len(all) == 0 {
		return nil
	}
	place, args := map[string]int{}, []any{company}
	for i := range all {
		all[i].Pieces = map[string]Piece{}
		place[all[i].ID] = i
		args = append(args, all[i].ID)
	}
	type row struct {
		record string
		Piece
	}
	fields := func(r *row) []any {
		return []any{&r.record, &r.Name, &r.Account, &r.Salt, &r.Words, db.At(&r.Erased)}
	}
	return db.Each(ctx, fields, func(r row) error {
		all[place[r.record]].Pieces[r.Name] = r.Piece
		return nil
	}, "SELECT record_id, name, account_id, salt, words, erased_at FROM review_piece WHERE org_id = ? AND record_id IN (?"+
		strings.Repeat(", ?", len(all)-1)+")", args...)
}

// recordOf returns one record of a company, or problem.NotFound.
func recordOf(ctx context.Context, company string, kind Kind, id string) (Record, error) {
	r, err := db.One(ctx, (*Record).fields, "SELECT "+recordColumns+" FROM review_record WHERE org_id = ? AND kind = ? AND id = ?", company, kind, id)
	if err != nil {
		return r, orNotFound(err)
	}
	one := []Record{r}
	err = withPieces(ctx, company, one)
	return one[0], err
}

// recordsOf returns the records of a kind on a snapshot, the oldest first.
func recordsOf(ctx context.Context, company, snapshot string, kind Kind) ([]Record, error) {
	all, err := db.Rows(ctx, (*Record).fields, "SELECT "+recordColumns+` FROM review_record
		WHERE org_id = ? AND snapshot_id = ? AND kind = ? ORDER BY made_at, id LIMIT ?`, company, snapshot, kind, maxRecords)
	if err != nil {
		return nil, err
	}
	return all, withPieces(ctx, company, all)
}

// recordsAbout returns all that was recorded on a snapshot, itself too, the oldest
// first.
func recordsAbout(ctx context.Context, company, snapshot string) (all map[Kind][]Record, err error) {
	rows, err := db.Rows(ctx, (*Record).fields, "SELECT "+recordColumns+` FROM review_record
		WHERE org_id = ? AND snapshot_id = ? ORDER BY made_at, id LIMIT ?`, company, snapshot, maxRecords)
	if err != nil {
		return nil, err
	}
	if err := withPieces(ctx, company, rows); err != nil {
		return nil, err
	}
	all = map[Kind][]Record{}
	for _, r := range rows {
		all[r.Kind] = append(all[r.Kind], r)
	}
	if len(all[Snapshot]) == 0 {
		err = problem.NotFound()
	}
	return all, err
}

// maxRecords bounds what a page of one snapshot shows of it.
const maxRecords = 100

// withdraw takes a record back. A second time it changes nothing.
func (rm *Room) withdraw(ctx context.Context, r Record, how, verb string) error {
	n, err := db.Exec(ctx, "UPDATE review_record SET withdrawn_at = ?, withdrawn_by = ?, withdrawn_how = ? WHERE id = ? AND org_id = ? AND withdrawn_at IS NULL",
		rm.Now(), actor(ctx), how, r.ID, r.Org)
	if err != nil || n == 0 {
		return err
	}
	return rm.noteRevoked(ctx, r.Org, verb, r.ID, words{Number: r.Number, How: how})
}

// ErasePieces forgets the names and words of a record of a company; its digest
// stays and proves the rest. A second time it changes nothing.
func (rm *Room) ErasePieces(ctx context.Context, company string, kind Kind, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := recordOf(ctx, company, kind, id)
		if err != nil {
			return err
		}
		if n, err := erasePieces(ctx, company, id, "", rm.Now()); err != nil || n == 0 {
			return err
		}
		return rm.noteRevoked(ctx, company, "review.erased", r.ID, words{Number: r.Number})
	})
}

// erasePieces forgets the pieces of a record, or only those that name an account.
func erasePieces(ctx context.Context, company, id, account string, at time.Time) (int64, error) {
	return db.Exec(ctx, `UPDATE review_piece SET salt = '', words = '', account_id = '', erased_at = ?
		WHERE org_id = ? AND record_id = ? AND erased_at IS NULL AND (? = '' OR account_id = ?)`, at, company, id, account, account)
}

// damaged is the answer to who would build on a record that is not what it was.
// keys: problem.review-damaged.title, problem.review-damaged.hint
func damaged() error { return problem.New(http.StatusConflict, "review-damaged") }
