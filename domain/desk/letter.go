package desk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// LetterFor is how long the code of a letter works.
const LetterFor = 90 * 24 * time.Hour

// maxTries is how many wrong codes lock a letter.
const maxTries = 10

const (
	codePurpose   = "desk letter code"
	numberPurpose = "desk letter number"
)

// codeLetters are 32 signs that nobody takes for each other: neither 0, 1, I nor O.
const codeLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// Letter is one printed invitation to take a company over.
type Letter struct {
	ID      string
	Org     org.ID
	Circle  string
	Case    string
	Number  string // eight digits, beside the code: tries are counted by it
	Created time.Time
	Expires time.Time
	Tries   int
	Used    time.Time
	Revoked time.Time

	hash []byte
}

const letterColumns = "l.id, l.org_id, l.circle_id, l.case_id, l.number, l.created, l.expires, l.tries, l.used_at, l.revoked_at, l.hash"

func (l *Letter) fields() []any {
	return []any{&l.ID, &l.Org, &l.Circle, &l.Case, &l.Number, db.At(&l.Created), db.At(&l.Expires), &l.Tries, db.At(&l.Used), db.At(&l.Revoked), &l.hash}
}

// LetterPhase is how a letter stands.
type LetterPhase string

// The phases.
// keys: desk.letter.phase.*
const (
	LetterOpen    LetterPhase = "open"
	LetterUsed    LetterPhase = "used"
	LetterRevoked LetterPhase = "revoked"
	LetterLocked  LetterPhase = "locked"
	LetterExpired LetterPhase = "expired"
)

// Phase is how the letter stands at a time.
func (l Letter) Phase(now time.Time) LetterPhase {
	switch {
	case !l.Used.IsZero():
		return LetterUsed
	case !l.Revoked.IsZero():
		return LetterRevoked
	case l.Tries >= maxTries:
		return LetterLocked
	case !now.Before(l.Expires):
		return LetterExpired
	}
	return LetterOpen
}

// over is the problem of a letter that no longer works; nil while it does.
// keys: problem.desk-letter-used.*, problem.desk-letter-revoked.*, problem.desk-letter-locked.*, problem.desk-letter-expired.*
func (l Letter) over(now time.Time) error {
	if phase := l.Phase(now); phase != LetterOpen {
		code := "desk-letter-" + string(phase)
		return problem.New(http.StatusGone, code)
	}
	return nil
}

// code writes the 60 bits of a letter's code in three groups of four.
func (rm *Room) code(id string) string {
	sum := sha256.Sum256([]byte(rm.Derive(codePurpose, id)))
	bits := binary.BigEndian.Uint64(sum[:8])
	var b strings.Builder
	for i := range 12 {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(codeLetters[bits>>(59-5*i)&31])
	}
	return b.String()
}

// letterNumber is where tries are counted: found by whoever has the letter alone.
func (rm *Room) letterNumber(id string) string {
	sum := sha256.Sum256([]byte(rm.Derive(numberPurpose, id)))
	return fmt.Sprintf("%08d", binary.BigEndian.Uint64(sum[:8])%100_000_000)
}

// plainCode reads a code or number as people type it: full width, small letters,
// spaces and hyphens of all kinds.
func plainCode(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s))
}

func (rm *Room) codeHash(code string) []byte { return rm.Hash("desk letter " + plainCode(code)) }

func (l Letter) opensWith(hash []byte) bool { return hmac.Equal(l.hash, hash) }

// claimPath is where the QR of a letter leads.
func (rm *Room) claimPath(l Letter) string {
	return "/claim?" + url.Values{"number": {l.Number}, "code": {rm.code(l.ID)}}.Encode()
}

// MakeLetter makes a new letter for a case and ends the open one before it.
// keys: problem.desk-claimed.title, problem.desk-claimed.hint
func (rm *Room) MakeLetter(ctx context.Context, in CaseIn) (l Letter, err error) {
	return l, rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
		if err != nil {
			return err
		}
		if !c.Claimed.IsZero() {
			return problem.New(http.StatusConflict, "desk-claimed")
		}
		if err := rm.revokeLetters(ctx, c); err != nil {
			return err
		}
		if l, err = rm.keepLetter(ctx, c); err != nil {
			return err
		}
		return rm.note(ctx, c.Org, "desk.letter-made", c.ID, words{Name: c.Name})
	})
}

// revokeLetters ends what of a case's letters still works, and says so where a
// restore of an older copy finds it.
func (rm *Room) revokeLetters(ctx context.Context, c Case) error {
	ids, err := db.Rows(ctx, func(s *string) []any { return []any{s} },
		"UPDATE desk_letter SET revoked_at = ? WHERE case_id = ? AND used_at IS NULL AND revoked_at IS NULL RETURNING id", rm.Now(), c.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := rm.noteRevoked(ctx, c.Org, letterRevoked, id, words{Name: c.Name}); err != nil {
			return err
		}
	}
	return nil
}

// RevokeLetter ends the open letter of a case: it went to the wrong address, say.
func (rm *Room) RevokeLetter(ctx context.Context, in CaseIn) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
		if err != nil {
			return err
		}
		return rm.revokeLetters(ctx, c)
	})
}

// keepLetter stores a letter. Two numbers may fall together; then another id is
// taken.
func (rm *Room) keepLetter(ctx context.Context, c Case) (Letter, error) {
	for range 20 {
		l := Letter{ID: db.NewID(), Org: c.Org, Circle: c.Circle, Case: c.ID, Created: rm.Now(), Expires: rm.Now().Add(LetterFor)}
		l.Number, l.hash = rm.letterNumber(l.ID), rm.codeHash(rm.code(l.ID))
		n, err := db.Exec(ctx, `
			INSERT INTO desk_letter (id, org_id, circle_id, case_id, number, hash, made_by, created, expires, tries)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
			l.ID, l.Org, l.Circle, l.Case, l.Number, l.hash, actor(ctx), l.Created, l.Expires)
		if err != nil || n == 1 {
			return l, err
		}
	}
	return Letter{}, errors.New("desk: no letter number is free")
}

// MakeLetters makes a letter for every case of a circle that nobody claimed and
// that has no working one. It returns how many it made.
func (rm *Room) MakeLetters(ctx context.Context, in DeskIn) (n int, err error) {
	return n, rm.DB.Write(ctx, func(ctx context.Context) error {
		n = 0
		if _, err := rm.circle(ctx, in.Org, in.Circle); err != nil {
			return err
		}
		cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+caseColumns+` FROM desk_case c
			WHERE c.org_id = ? AND c.circle_id = ? AND c.claimed_at IS NULL AND NOT EXISTS (SELECT 1 FROM desk_letter l
				WHERE l.case_id = c.id AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.tries < ? AND l.expires > ?)
			ORDER BY c.kana, c.id LIMIT ?`, in.Org, in.Circle, maxTries, rm.Now(), maxCases)
		if err != nil {
			return err
		}
		for _, c := range cases {
			if err := rm.revokeLetters(ctx, c); err != nil {
				return err
			}
			if _, err := rm.keepLetter(ctx, c); err != nil {
				return err
			}
			n++
		}
		if n == 0 {
			return nil
		}
		return rm.note(ctx, in.Org, "desk.letters-made", in.Circle, words{N: n})
	})
}

// sentLetter is a letter with the case that it goes to.
type sentLetter struct {
	Letter
	to Case
}

func (s *sentLetter) fields() []any { return append(s.Letter.fields(), s.to.fields()...) }

const workingLetters = ` FROM desk_letter l JOIN desk_case c ON c.id = l.case_id
	WHERE l.org_id = ? AND l.circle_id = ? AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.tries < ? AND l.expires > ? AND c.claimed_at IS NULL`

// letters returns a part of the letters of a circle that still work.
func (rm *Room) letters(ctx context.Context, in DeskIn, offset, limit int) ([]sentLetter, error) {
	return db.Rows(ctx, (*sentLetter).fields, "SELECT "+letterColumns+", "+caseColumns+workingLetters+" ORDER BY c.kana, c.id, l.id LIMIT ? OFFSET ?",
		in.Org, in.Circle, maxTries, rm.Now(), limit, offset)
}

func (rm *Room) countLetters(ctx context.Context, in DeskIn) (int, error) {
	return db.Value[int](ctx, "SELECT COUNT(*)"+workingLetters, in.Org, in.Circle, maxTries, rm.Now())
}

// lastLetter returns the newest letter of a case, or db.ErrNone.
func lastLetter(ctx context.Context, c Case) (Letter, error) {
	return db.One(ctx, (*Letter).fields, "SELECT "+letterColumns+" FROM desk_letter l WHERE l.case_id = ? ORDER BY l.created DESC, l.id DESC LIMIT 1", c.ID)
}
