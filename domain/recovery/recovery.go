package recovery

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/base32"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/limit"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("recovery", schemaFiles) }

const (
	// NoticeDays is how long members have to stop or undo.
	NoticeDays = 14
	// maxTries ends a case when its letter's code was mistyped so often.
	maxTries = 10
	// approvals is how many different operators must agree.
	approvals = 2
	// maxAsked bounds what one account may ask within 24 hours.
	maxAsked = 3
)

// Config is what a Room stands on. Its functions run in the transaction of their
// context.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Org    *org.Room
	Random func() string // at least 128 bits, in letters and digits
	// Tell has every member told that there is something to see. It is called in
	// the transaction of the case and gets ids alone. It may be nil.
	Tell func(ctx context.Context, id org.ID, caseID string, accounts []string) error

	// Texts is for what is printed, which is in plain Japanese for everybody.
	Texts *i18n.Catalogue
	// PublicURL is the address under which companies reach this installation.
	PublicURL string
	// NewAccountURL is where somebody opens an account, to go on to next.
	NewAccountURL func(next string) (string, error)
	// People returns the names of accounts; who is not in it has gone.
	People func(ctx context.Context, accounts []string) (map[string]string, error)
	// Limits bounds what strangers try, over all nodes.
	Limits *limit.Keeper
	// SpeaksFor lists the numbers of the companies for which a provider just said
	// that an account acts.
	SpeaksFor func(ctx context.Context, account string) ([]string, error)
}

// Room is the capability.
type Room struct{ Config }

// New makes the room.
func New(cfg Config) *Room { return &Room{cfg} }

// Case is somebody who became or asks to become the owner.
type Case struct {
	ID      string
	Org     org.ID
	Way     string
	Number  string
	Account string
	Asked   time.Time
	State   string
	hash    []byte
	Sent    time.Time // of the letter
	Tries   int
	Noticed time.Time
	Day     string
	Counted int
	Done    time.Time
}

const columns = "id, org_id, way, number, account, asked_at, state, letter_hash, sent_at, tries, noticed_at, counted_day, counted, done_at"

func (c *Case) fields() []any {
	return []any{&c.ID, &c.Org, &c.Way, &c.Number, &c.Account, db.At(&c.Asked), &c.State, &c.hash, db.At(&c.Sent), &c.Tries, db.At(&c.Noticed), &c.Day, &c.Counted, db.At(&c.Done)}
}

func caseWhere(ctx context.Context, where string, args ...any) (Case, error) {
	c, err := db.One(ctx, (*Case).fields, "SELECT "+columns+" FROM recovery_case WHERE "+where, args...)
	if errors.Is(err, db.ErrNone) {
		err = problem.NotFound()
	}
	return c, err
}

// newCode is 100 bits in groups of four, for paper.
func (rm *Room) newCode() string {
	sum := sha256.Sum256([]byte(rm.Random()))
	s := base32.StdEncoding.EncodeToString(sum[:])[:20]
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:]
}

// hashOf forgives case, spaces, hyphens and what base32 has not.
func hashOf(code string) []byte {
	plain := strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' { // full width, as a Japanese keyboard types it
			r -= '！' - '!'
		}
		switch {
		case r == '0':
			return 'O'
		case r == '1':
			return 'I'
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '2' && r <= '7':
			return r
		}
		return -1
	}, code)
	sum := sha256.Sum256([]byte("minamori recovery 1\n" + plain))
	return sum[:]
}

func (rm *Room) note(ctx context.Context, id org.ID, actor, verb, subject string, revokes bool) error {
	return journal.Note(ctx, journal.Entry{Org: string(id), At: rm.Now(), Actor: actor, Verb: verb, Subject: subject, Revokes: revokes}, nil)
}

// MakeCode makes the sealed code of a company; the one before it ends. It is
// returned here and never again.
func (rm *Room) MakeCode(ctx context.Context, id org.ID, account string) (string, error) {
	code := rm.newCode()
	return code, rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, `
			INSERT INTO recovery_code (org_id, hash, made_at, made_by) VALUES (?, ?, ?, ?)
			ON CONFLICT (org_id) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at, made_by = excluded.made_by, slip = NULL, slip_until = NULL`,
			id, hashOf(code), rm.Now(), account)
		if err != nil {
			return err
		}
		return rm.note(ctx, id, account, "recovery.code-made", string(id), true)
	})
}

// HasCode says that a sealed code lies somewhere.
func (rm *Room) HasCode(ctx context.Context, id org.ID) (bool, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM recovery_code WHERE org_id = ?", id)
	return n > 0, err
}

// UseCode makes an account the owner of the company of a sealed code, at once. An
// unknown code and a used one get the same answer.
// keys: field.recovery-code
func (rm *Room) UseCode(ctx context.Context, code, account string) (c Case, err error) {
	return c, rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err = rm.use(ctx, account, "hash = ?", hashOf(code))
		return err
	})
}

func (rm *Room) use(ctx context.Context, account, where string, args ...any) (c Case, err error) {
	ids, err := db.Rows(ctx, func(id *org.ID) []any { return []any{id} }, "DELETE FROM recovery_code WHERE "+where+" RETURNING org_id", args...)
	if err != nil {
		return c, err
	}
	var v problem.Invalid
	v.Check(len(ids) == 1, "code", "recovery-code")
	if err := v.Or(); err != nil {
		return c, err
	}
	now := rm.Now()
	c = Case{ID: db.NewID(), Org: ids[0], Way: "sealed", Account: account, Asked: now, State: "done", Done: now}
	if err := rm.open(ctx, c); err != nil {
		return c, err
	}
	if err := rm.begin(ctx, c); err != nil {
		return c, err
	}
	if err := rm.Org.MakeOwner(ctx, c.Org, account); err != nil {
		return c, err
	}
	return c, rm.note(ctx, c.Org, account, "recovery.code-used", string(c.Org), true)
}

func (rm *Room) open(ctx context.Context, c Case) error {
	_, err := db.Exec(ctx, `
		INSERT INTO recovery_case (id, org_id, way, number, account, asked_at, state, counted_day, counted, done_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`, c.ID, c.Org, c.Way, c.Number, c.Account, c.Asked, c.State, dayOf(c.Asked), c.Done)
	return err
}

// begin remembers who may undo, and has every member told.
func (rm *Room) begin(ctx context.Context, c Case) error {
	owners, err := rm.Org.Owners(ctx, c.Org)
	if err != nil {
		return err
	}
	for _, o := range owners {
		if o == c.Account {
			continue
		}
		if _, err := db.Exec(ctx, "INSERT INTO recovery_owner (case_id, account) VALUES (?, ?)", c.ID, o); err != nil {
			return err
		}
	}
	return rm.tell(ctx, c)
}

func (rm *Room) tell(ctx context.Context, c Case) error {
	if rm.Tell == nil {
		return nil
	}
	members, err := rm.Org.Members(ctx, c.Org, "", 1000)
	if err != nil {
		return err
	}
	var all []string
	for _, m := range members {
		all = append(all, m.Account)
	}
	return rm.Tell(ctx, c.Org, c.ID, all)
}

// Undo ends what a case gave, within 14 days: for whoever was an owner when it
// began, and for nobody else. He is an owner again when he was removed since.
// keys: problem.recovery-over.title, problem.recovery-over.hint
func (rm *Room) Undo(ctx context.Context, id, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "id = ? AND state = 'done' AND EXISTS (SELECT 1 FROM recovery_owner o WHERE o.case_id = recovery_case.id AND o.account = ?)", id, account)
		if err != nil {
			return err
		}
		if rm.Now().Sub(c.Done) > NoticeDays*24*time.Hour {
			return problem.New(http.StatusConflict, "recovery-over")
		}
		if err := rm.Org.MakeOwner(ctx, c.Org, account); err != nil {
			return err
		}
		if err := rm.Org.Expel(ctx, c.Org, c.Account); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE recovery_case SET state = 'undone' WHERE id = ?", id); err != nil {
			return err
		}
		return rm.note(ctx, c.Org, account, "recovery.undone", id, false)
	})
}

// Ask opens a case by number. The answer is the same whether a company has the
// number, several have it, or none.
// keys: problem.recovery-many.title, problem.recovery-many.hint
func (rm *Room) Ask(ctx context.Context, number, account string) (c Case, err error) {
	c = Case{ID: db.NewID(), Way: "letter", Number: plainNumber(number), Account: account, Asked: rm.Now(), State: "asked"}
	return c, rm.DB.Write(ctx, func(ctx context.Context) error { return rm.ask(ctx, &c) })
}

// keys: field.recovery-number
func (rm *Room) ask(ctx context.Context, c *Case) error {
	var v problem.Invalid
	v.Check(c.Number != "" && len(c.Number) <= 40, "number", "recovery-number")
	if err := v.Or(); err != nil {
		return err
	}
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM recovery_case WHERE account = ? AND asked_at > ?", c.Account, rm.Now().Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if n >= maxAsked {
		return problem.New(http.StatusTooManyRequests, "recovery-many")
	}
	ids, err := rm.Org.ByNumber(ctx, c.Number)
	if err != nil {
		return err
	}
	if len(ids) == 1 {
		c.Org = ids[0]
	}
	return rm.open(ctx, *c)
}

// plainNumber forgives what people type: full-width digits, hyphens, spaces.
func plainNumber(typed string) string {
	if n, flaw := org.ParseNumber(typed); flaw == nil && n != "" {
		return string(n)
	}
	return strings.ToUpper(strings.TrimSpace(typed))
}

// AskByIdentity opens a case of somebody for whose company a provider says that he
// acts: that stands in for the letter. Where the number leads to no company, or to
// several, the case waits for a letter like any other.
func (rm *Room) AskByIdentity(ctx context.Context, number, account string) (c Case, err error) {
	c = Case{ID: db.NewID(), Way: "gbizid", Number: plainNumber(number), Account: account, Asked: rm.Now(), State: "asked"}
	return c, rm.DB.Write(ctx, func(ctx context.Context) error {
		numbers, err := rm.SpeaksFor(ctx, account)
		if err != nil {
			return err
		}
		if !slices.Contains(numbers, c.Number) {
			return problem.NotFound()
		}
		if err := rm.ask(ctx, &c); err != nil || c.Org == "" {
			return err
		}
		role, err := rm.Org.Member(ctx, account, string(c.Org))
		if err != nil || role == web.Owner {
			return err // he has the way in already
		}
		return rm.serveNotice(ctx, c)
	})
}

// Letter makes the code of the letter to the registered address, for an operator
// to print; one made before ends.
func (rm *Room) Letter(ctx context.Context, id, operator string) (string, error) {
	code := rm.newCode()
	return code, rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "id = ? AND state = 'asked' AND account <> ?", id, operator)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE recovery_case SET letter_hash = ? WHERE id = ?", hashOf(code), id); err != nil {
			return err
		}
		return rm.note(ctx, c.Org, operator, "recovery.letter-made", id, false)
	})
}

// Prove takes the code of the letter: now the 14 days begin, members are told, and
// sharing is paused. A mistyped code counts, and ten of them end the case.
func (rm *Room) Prove(ctx context.Context, id, account, code string) error {
	wrong := false
	err := rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "id = ? AND account = ? AND state = 'asked' AND tries < ?", id, account, maxTries)
		if err != nil {
			return err
		}
		if c.Org == "" || subtle.ConstantTimeCompare(c.hash, hashOf(code)) != 1 {
			wrong = true // kept: the try is counted
			_, err := db.Exec(ctx, "UPDATE recovery_case SET tries = tries + 1 WHERE id = ?", id)
			return err
		}
		return rm.serveNotice(ctx, c)
	})
	if err == nil && wrong {
		var v problem.Invalid
		v.Add("code", "recovery-code")
		return v.Or()
	}
	return err
}

// serveNotice begins the 14 days of a case.
func (rm *Room) serveNotice(ctx context.Context, c Case) error {
	_, err := db.Exec(ctx, "UPDATE recovery_case SET state = 'notice', noticed_at = ?, counted_day = ?, letter_hash = NULL WHERE id = ?",
		rm.Now(), dayOf(rm.Now()), c.ID)
	if err != nil {
		return err
	}
	if err := rm.begin(ctx, c); err != nil {
		return err
	}
	if err := rm.Org.Pause(ctx, c.Org, org.PausedByRecovery); err != nil {
		return err
	}
	return rm.note(ctx, c.Org, c.Account, "recovery.notice", c.ID, false)
}

// Stop is the one click of an owner who is there.
func (rm *Room) Stop(ctx context.Context, of org.ID, id, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "id = ? AND org_id = ? AND state = 'notice'", id, of)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE recovery_case SET state = 'stopped' WHERE id = ?", id); err != nil {
			return err
		}
		if err := rm.note(ctx, of, account, "recovery.stopped", id, true); err != nil {
			return err
		}
		return rm.liftWhenAlone(ctx, c)
	})
}

// liftWhenAlone ends the pause unless another case still causes it.
func (rm *Room) liftWhenAlone(ctx context.Context, c Case) error {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM recovery_case WHERE org_id = ? AND state = 'notice' AND id <> ?", c.Org, c.ID)
	if err != nil || n > 0 {
		return err
	}
	return rm.Org.Lift(ctx, c.Org, org.PausedByRecovery)
}

// Approve notes that an operator has looked. Nobody approves for himself.
func (rm *Room) Approve(ctx context.Context, id, operator string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "id = ? AND state = 'notice' AND account <> ?", id, operator)
		if err != nil {
			return err
		}
		n, err := db.Exec(ctx, "INSERT INTO recovery_approval (case_id, operator, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id, operator, rm.Now())
		if err != nil || n == 0 {
			return err
		}
		return rm.note(ctx, c.Org, operator, "recovery.approved", id, false)
	})
}

var japan = time.FixedZone("JST", 9*60*60)

func dayOf(t time.Time) string { return t.In(japan).Format(time.DateOnly) }

// left is how many days a case still waits, at least.
func (c Case) left(now time.Time) int {
	return max(0, NoticeDays-c.Counted, NoticeDays-int(now.Sub(c.Noticed)/(24*time.Hour)))
}

// Tick counts today for each case and lets the new owner in where all is there.
func (rm *Room) Tick(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+columns+" FROM recovery_case WHERE state = 'notice' ORDER BY id")
		if err != nil {
			return err
		}
		for _, c := range cases {
			if err := rm.tick(ctx, c, rm.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (rm *Room) tick(ctx context.Context, c Case, now time.Time) error {
	today := dayOf(now)
	if c.Day > dayOf(now.Add(24*time.Hour)) { // counted by a clock that ran ahead
		c.Day = today
	}
	if c.Day < today {
		c.Day, c.Counted = today, c.Counted+1
	}
	if _, err := db.Exec(ctx, "UPDATE recovery_case SET counted_day = ?, counted = ? WHERE id = ?", c.Day, c.Counted, c.ID); err != nil {
		return err
	}
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM recovery_approval WHERE case_id = ?", c.ID)
	if err != nil || n < approvals || c.left(now) > 0 {
		return err
	}
	if err := rm.Org.MakeOwner(ctx, c.Org, c.Account); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, "UPDATE recovery_case SET state = 'done', done_at = ? WHERE id = ?", now, c.ID); err != nil {
		return err
	}
	if err := rm.note(ctx, c.Org, "system", "recovery.done", c.ID, false); err != nil {
		return err
	}
	if err := rm.tell(ctx, c); err != nil {
		return err
	}
	return rm.liftWhenAlone(ctx, c)
}
