package review

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Qualification is one that a specialist can name.
type Qualification struct {
	Code     string    `yaml:"code"`
	Register string    `yaml:"register"` // who keeps the register of its holders, or ""
	Training bool      `yaml:"training"` // the scheme's own training is needed too
	Title    i18n.Text `yaml:"title"`
}

type qualificationFile struct {
	AsOf           string          `yaml:"as_of"`
	Verified       bool            `yaml:"verified"`
	Note           i18n.Text       `yaml:"note"`
	Qualifications []Qualification `yaml:"qualifications"`
}

// LoadQualifications reads the list, with the note that says how far it was
// verified. The error names the file.
func LoadQualifications(dir fs.FS) (all []Qualification, err error) {
	const file = "qualifications.yaml"
	raw, err := fs.ReadFile(dir, file)
	if err != nil {
		return nil, err
	}
	var f qualificationFile
	if err := yaml.UnmarshalWithOptions(raw, &f, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false))
	}
	if f.Verified {
		return nil, fmt.Errorf("%s: verified: the pages say that this list was not verified", file)
	}
	for i, q := range f.Qualifications {
		if q.Code == "" || q.Title.JA == "" || q.Title.Easy == "" || q.Title.EN == "" {
			return nil, fmt.Errorf("%s: qualifications[%d]: code or a title is missing", file, i)
		}
	}
	return f.Qualifications, nil
}

// qualification returns the one with the code, or nil.
func (rm *Room) qualification(code string) *Qualification {
	i := slices.IndexFunc(rm.Qualifications, func(q Qualification) bool { return q.Code == code })
	if i < 0 {
		return nil
	}
	return &rm.Qualifications[i]
}

// Said is a qualification as somebody says he has it, and who looked it up.
type Said struct {
	ID      string
	Account string
	Code    string
	Number  string
	Name    string
	At      time.Time
	Body    string // organisation that looked it up, or ""
	Checked time.Time
	How     string
}

const saidColumns = "id, account_id, code, number, name, said_at, checked_org, checked_at, checked_how"

func (s *Said) fields() []any {
	return []any{&s.ID, &s.Account, &s.Code, &s.Number, &s.Name, db.At(&s.At), &s.Body, db.At(&s.Checked), &s.How}
}

// checkCode is what a specialist gives to a named body: 80 bits in groups of four.
func (rm *Room) checkCode(id string) string {
	sum := sha256.Sum256([]byte(rm.Derive("review qualification", id)))
	s := base32.StdEncoding.EncodeToString(sum[:10])
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

// checkHash does not mind case, spaces and hyphens.
func checkHash(code string) []byte {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '2' && r <= '7':
			return r
		}
		return -1
	}, code)
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}

// say keeps what somebody says of his qualification. Said again with the same
// number it is the same one; under another name it has to be looked up anew.
func (rm *Room) sayQualification(ctx context.Context, account, code, number, called string) (Said, error) {
	old, err := db.Rows(ctx, (*Said).fields, "SELECT "+saidColumns+" FROM review_qualification WHERE account_id = ? AND code = ? AND number = ?", account, code, number)
	if err != nil || len(old) > 0 && old[0].Name == called {
		return first(old), err
	}
	s := Said{ID: db.NewID(), Account: account, Code: code, Number: number, Name: called, At: rm.Now()}
	if len(old) > 0 {
		s.ID = old[0].ID
	}
	_, err = db.Exec(ctx, `INSERT INTO review_qualification (id, account_id, code, number, name, said_at, check_hash, checked_org, checked_by, checked_at, checked_how)
		VALUES (?, ?, ?, ?, ?, ?, ?, '', '', NULL, '')
		ON CONFLICT (account_id, code, number) DO UPDATE SET name = excluded.name, checked_org = '', checked_by = '', checked_at = NULL, checked_how = ''`,
		s.ID, account, code, number, called, s.At, checkHash(rm.checkCode(s.ID)))
	return s, err
}

func first(all []Said) (s Said) {
	if len(all) > 0 {
		s = all[0]
	}
	return s
}

// saidOf returns qualifications by id; what was erased is not among them.
func saidOf(ctx context.Context, ids []string) (map[string]Said, error) {
	all := map[string]Said{}
	if len(ids) == 0 {
		return all, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	err := db.Each(ctx, (*Said).fields, func(s Said) error {
		all[s.ID] = s
		return nil
	}, "SELECT "+saidColumns+" FROM review_qualification WHERE id IN (?"+strings.Repeat(", ?", len(ids)-1)+")", args...)
	return all, err
}

// mayCheck answers who is no named body as for a page that is not there.
func (rm *Room) mayCheck(ctx context.Context, body string) error {
	if rm.IsBody == nil {
		return problem.NotFound()
	}
	ok, err := rm.IsBody(ctx, body)
	if err == nil && !ok {
		err = problem.NotFound()
	}
	return err
}

// Held returns the qualification of a code, for the body that was given it.
// keys: field.review-code
func (rm *Room) Held(ctx context.Context, body, code string) (Said, error) {
	if err := rm.mayCheck(ctx, body); err != nil {
		return Said{}, err
	}
	all, err := db.Rows(ctx, (*Said).fields, "SELECT "+saidColumns+" FROM review_qualification WHERE check_hash = ?", checkHash(code))
	if err != nil {
		return Said{}, err
	}
	var v problem.Invalid
	v.Check(len(all) == 1, "code", "review-code")
	return first(all), v.Or()
}

// Checked says that a named body looked a qualification up, and how. One's own
// qualification nobody looks up.
// keys: problem.review-own.title, problem.review-own.hint
func (rm *Room) Checked(ctx context.Context, body, code, how string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := rm.Held(ctx, body, code)
		if err != nil {
			return err
		}
		var v problem.Invalid
		how := text(&v, "how", how, maxWords, false)
		if err := v.Or(); err != nil {
			return err
		}
		if s.Account == actor(ctx) {
			return problem.New(http.StatusForbidden, "review-own")
		}
		_, err = db.Exec(ctx, "UPDATE review_qualification SET checked_org = ?, checked_by = ?, checked_at = ?, checked_how = ? WHERE id = ?",
			body, actor(ctx), rm.Now(), how, s.ID)
		if err != nil {
			return err
		}
		if err := rm.note(ctx, body, "review.qualification-checked", s.ID, words{Text: how}); err != nil {
			return err
		}
		return rm.tellAgain(ctx, s)
	})
}

// TakeBackCheck ends what a body said of a qualification.
func (rm *Room) TakeBackCheck(ctx context.Context, body, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.mayCheck(ctx, body); err != nil {
			return err
		}
		s, err := db.One(ctx, (*Said).fields, "SELECT "+saidColumns+" FROM review_qualification WHERE id = ? AND checked_org = ?", id, body)
		if err != nil {
			return orNotFound(err)
		}
		if err := uncheck(ctx, id, body); err != nil {
			return err
		}
		if err := rm.noteRevoked(ctx, body, "review.check-taken-back", id, words{}); err != nil {
			return err
		}
		return rm.tellAgain(ctx, s)
	})
}

func uncheck(ctx context.Context, id, body string) error {
	_, err := db.Exec(ctx, "UPDATE review_qualification SET checked_org = '', checked_by = '', checked_at = NULL, checked_how = '' WHERE id = ? AND checked_org = ?", id, body)
	return err
}

// tellAgain records the confirmations of a qualification as evidence anew: what
// companies are shown of it has changed.
func (rm *Room) tellAgain(ctx context.Context, s Said) error {
	all, err := db.Rows(ctx, (*Record).fields, "SELECT "+recordColumns+` FROM review_record
		WHERE kind = ? AND made_by = ? AND withdrawn_at IS NULL ORDER BY made_at, id`, Confirmation, s.Account)
	for _, r := range all {
		if err != nil {
			return err
		}
		one := []Record{r}
		if err = withPieces(ctx, r.Org, one); err != nil {
			return err
		}
		var f ConfirmationFacts
		if one[0].read(&f); !one[0].Damaged && f.Qualification == s.ID {
			err = rm.recordEvidence(ctx, one[0], f)
		}
	}
	return err
}
