package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the journal's tables.
func Schema() db.Schema { return db.Embedded("journal", schemaFiles) }

// Entry is one thing that happened.
type Entry struct {
	Org     string    `json:"org"`     // organisation, or "" for accounts and the installation
	Seq     int64     `json:"seq"`     // number within the organisation, from 1
	Pos     int64     `json:"-"`       // place over all organisations; shown, it would tell how busy the others are
	At      time.Time `json:"at"`      // UTC, microseconds
	Actor   string    `json:"actor"`   // account id, or "system"
	Verb    string    `json:"verb"`    // room.happened, as in "assess.answered"
	Subject string    `json:"subject"` // id of the thing, never a name
	Body    Body      `json:"body,omitempty"`
	Erased  bool      `json:"erased,omitempty"`

	Commitment Hash `json:"commitment"`
	Hash       Hash `json:"hash"`

	// Revokes says that the change takes something away that must not come back
	// with an older copy of the database: a role, a session, a grant, words.
	// It is then written to the ledger beside the database too, without words.
	Revokes bool `json:"-"`

	// Detail is, of a revocation, the id or code word beyond Subject that doing it
	// again needs: which passkey, which role is left. It goes to the ledger alone,
	// is not read back with entries, and is never a name.
	Detail string `json:"-"`

	salt []byte
}

// Body is the words of an entry, as JSON. Readers get it as it was written.
type Body = json.RawMessage

// Hash is a SHA-256, written in hexadecimal.
type Hash []byte

// MarshalText writes the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText reads a hash in hexadecimal.
func (h *Hash) UnmarshalText(s []byte) (err error) {
	*h, err = hex.DecodeString(string(s))
	return err
}

// saltSize is 128 bits: enough that nobody guesses an erased text by trying.
const saltSize = 16

// Note appends an entry to the chain of its organisation, in the transaction of
// the context. words becomes the body; it may be nil. Seq, Pos and the hashes
// are set here. A transaction that notes for several organisations needs no
// order: writes have one writer.
func Note(ctx context.Context, e Entry, words any) error {
	e.At = e.At.UTC().Truncate(time.Microsecond)
	if e.At.IsZero() || e.Actor == "" || e.Verb == "" {
		return fmt.Errorf("journal: entry %q of %q lacks time, actor or verb", e.Verb, e.Org)
	}
	if err := e.seal(words); err != nil {
		return err
	}
	prev, err := endOf(ctx, e.Org)
	if err != nil {
		return err
	}
	e.Seq, e.Pos = prev.Seq+1, prev.pos+1
	e.Hash = link(prev.Hash, e.Seq, e.Commitment, e.Org, db.Text(e.At), e.Actor, e.Verb, e.Subject)
	if e.Revokes {
		if err := e.beside(ctx); err != nil {
			return err
		}
	}
	return e.store(ctx)
}

// end is where the next entry goes.
type end struct {
	Head
	pos int64 // place of the newest entry over all organisations
}

// endOf reads the head and the place in one query.
func endOf(ctx context.Context, org string) (end, error) {
	e, err := db.One(ctx, func(e *end) []any { return []any{db.Maybe(&e.Seq), (*[]byte)(&e.Hash), &e.pos} },
		"SELECT h.seq, h.hash, p.pos FROM journal_place p LEFT JOIN journal_head h ON h.org_id = ?", org)
	if e.Hash == nil {
		e.Hash = make(Hash, sha256.Size)
	}
	return e, err
}

func (e *Entry) seal(words any) (err error) {
	if words != nil {
		if e.Body, err = json.Marshal(words); err != nil {
			return err
		}
	}
	e.salt = make([]byte, saltSize)
	if _, err := rand.Read(e.salt); err != nil {
		return err
	}
	e.Commitment = commit(e.salt, e.Body)
	return nil
}

func (e *Entry) store(ctx context.Context) error {
	moved := func(n int64) error {
		if n != 1 {
			return fmt.Errorf("journal: the chain of %q moved while it was written", e.Org)
		}
		return nil
	}
	err := db.Later(ctx, moved, `
		INSERT INTO journal_head (org_id, seq, hash) VALUES (?, ?, ?)
		ON CONFLICT (org_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
		WHERE journal_head.seq = excluded.seq - 1`, e.Org, e.Seq, []byte(e.Hash))
	if err != nil {
		return err
	}
	if err := db.Later(ctx, moved, "UPDATE journal_place SET pos = ? WHERE pos = ?", e.Pos, e.Pos-1); err != nil {
		return err
	}
	return db.Later(ctx, nil, `
		INSERT INTO journal_entry (org_id, seq, pos, at, actor, verb, subject, commitment, hash, salt, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Org, e.Seq, e.Pos, e.At, e.Actor, e.Verb, e.Subject, []byte(e.Commitment), []byte(e.Hash), e.salt, []byte(e.Body))
}

// commit binds to a text without telling it.
func commit(salt, body []byte) Hash {
	h := sha256.New()
	h.Write(salt)
	h.Write(body)
	return h.Sum(nil)
}

// link is the chain step. Each field is preceded by its length, so that no two
// entries can be written as the same bytes.
func link(prev Hash, seq int64, commitment []byte, fields ...string) Hash {
	buf := make([]byte, 0, 512)
	buf = append(buf, "minamori journal 1\n"...)
	buf = append(buf, prev...)
	for _, f := range fields {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(f)))
		buf = append(buf, f...)
	}
	buf = binary.BigEndian.AppendUint64(buf, uint64(seq))
	buf = append(buf, commitment...)
	sum := sha256.Sum256(buf)
	return sum[:]
}

// Head is the end of an organisation's chain. Saved outside the database, it
// proves later that nothing before it was changed or cut.
type Head struct {
	Org  string `json:"org"`
	Seq  int64  `json:"seq"`
	Hash Hash   `json:"hash"`
}

// HeadOf returns the head of an organisation; an empty chain has Seq 0.
func HeadOf(ctx context.Context, org string) (Head, error) { return headOf(ctx, org) }

func headOf(ctx context.Context, org string) (Head, error) {
	h, err := db.One(ctx, (*Head).fields, "SELECT org_id, seq, hash FROM journal_head WHERE org_id = ?", org)
	if errors.Is(err, db.ErrNone) {
		return Head{Org: org, Hash: make(Hash, sha256.Size)}, nil
	}
	return h, err
}

// Heads lists the heads of all organisations.
func Heads(ctx context.Context) ([]Head, error) {
	return db.Rows(ctx, (*Head).fields, "SELECT org_id, seq, hash FROM journal_head ORDER BY org_id")
}

func (h *Head) fields() []any { return []any{&h.Org, &h.Seq, (*[]byte)(&h.Hash)} }

const columns = "org_id, seq, pos, at, actor, verb, subject, commitment, hash, salt, body"

func (e *Entry) fields() []any {
	return []any{&e.Org, &e.Seq, &e.Pos, db.At(&e.At), &e.Actor, &e.Verb, &e.Subject,
		(*[]byte)(&e.Commitment), (*[]byte)(&e.Hash), &e.salt, (*[]byte)(&e.Body)}
}

// Before returns up to limit entries of an organisation, newest first, older
// than the entry numbered before; 0 begins at the newest.
func Before(ctx context.Context, org string, before int64, limit int) ([]Entry, error) {
	if before <= 0 {
		before = 1 << 62
	}
	entries, err := db.Rows(ctx, (*Entry).fields,
		"SELECT "+columns+" FROM journal_entry WHERE org_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?", org, before, limit)
	return marked(entries), err
}

// Export gives every entry of an organisation to take, oldest first.
func Export(ctx context.Context, org string, take func(Entry) error) error {
	return db.Each(ctx, (*Entry).fields, func(e Entry) error { return take(marked([]Entry{e})[0]) },
		"SELECT "+columns+" FROM journal_entry WHERE org_id = ? ORDER BY seq", org)
}

func marked(entries []Entry) []Entry {
	for i := range entries {
		entries[i].Erased = entries[i].salt == nil
		if len(entries[i].Body) == 0 {
			entries[i].Body = nil
		}
	}
	return entries
}

// erased is the verb of Erase.
const erased = "journal.erased"

// Erase forgets the words of all entries about a subject or by an actor within
// an organisation, and notes that it did, with the reason. The chain stays whole.
func Erase(ctx context.Context, org, id, actor, reason string, at time.Time) (int64, error) {
	n, err := forget(ctx, org, id)
	if err != nil {
		return 0, err
	}
	return n, Note(ctx, Entry{Org: org, At: at, Actor: actor, Verb: erased, Subject: id, Revokes: true}, map[string]any{"reason": reason, "entries": n})
}

// forget takes the organisation itself for all of its entries.
func forget(ctx context.Context, org, id string) (int64, error) {
	return db.Exec(ctx, `
		UPDATE journal_entry SET salt = NULL, body = NULL
		WHERE org_id = ? AND (subject = ? OR actor = ? OR org_id = ?) AND salt IS NOT NULL`, org, id, id, id)
}
