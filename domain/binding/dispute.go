package binding

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Dispute is several organisations with proofs for one number.
type Dispute struct {
	ID       string    `json:"id"`
	Number   string    `json:"corporate_number"`
	Opened   time.Time `json:"opened"`
	Choice   string    `json:"choice,omitempty"` // side that one operator chose
	ChosenBy string    `json:"-"`
	ChosenAt time.Time `json:"chosen_at"`
}

const disputeColumns = "id, number, opened_at, choice, chosen_by, chosen_at"

func (d *Dispute) fields() []any {
	return []any{&d.ID, &d.Number, db.At(&d.Opened), &d.Choice, &d.ChosenBy, db.At(&d.ChosenAt)}
}

// Side is an organisation in a dispute.
type Side struct {
	ID      string    `json:"id"`
	Dispute string    `json:"-"`
	Org     string    `json:"-"`
	Number  string    `json:"-"`
	Frozen  bool      `json:"frozen"`
	Joined  time.Time `json:"joined"`
	Words   string    `json:"words"`
	WordsAt time.Time `json:"words_at"`
}

const sideColumns = "id, dispute_id, org_id, number, frozen, joined_at, words, words_at"

func (s *Side) fields() []any {
	return []any{&s.ID, &s.Dispute, &s.Org, &s.Number, &s.Frozen, db.At(&s.Joined), &s.Words, db.At(&s.WordsAt)}
}

// mayContest refuses a side against which two operators decided for this number.
func (rm *Room) mayContest(ctx context.Context, id, number string) error {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM binding_side WHERE org_id = ? AND number = ? AND outcome = 'lost'", id, number)
	if err == nil && n > 0 {
		return problem.New(http.StatusConflict, "binding-decided")
	}
	return err
}

// contest opens or joins the dispute over a number that another one holds. The
// holder freezes only before a proof as strong as its own.
func (rm *Room) contest(ctx context.Context, p Proof, holder string) error {
	dispute, err := rm.openDispute(ctx, db.NewID(), p.Number)
	if err != nil {
		return err
	}
	mine, err := rm.strongest(ctx, p.Org, p.Number)
	if err != nil {
		return err
	}
	theirs, err := rm.strongest(ctx, holder, p.Number)
	if err != nil {
		return err
	}
	_, err = rm.join(ctx, dispute, p.Org, p.Number, true)
	if err != nil {
		return err
	}
	_, err = rm.join(ctx, dispute, holder, p.Number, mine >= theirs)
	return err
}

// openDispute returns the open dispute over a number, and opens it if need be.
func (rm *Room) openDispute(ctx context.Context, id, number string) (string, error) {
	_, err := db.Exec(ctx, `
		INSERT INTO binding_dispute (id, number, opened_at, choice, chosen_by, decided_by, outcome) VALUES (?, ?, ?, '', '', '', '')
		ON CONFLICT DO NOTHING`, id, number, rm.Now())
	if err != nil {
		return "", err
	}
	open, err := db.Rows(ctx, (*Dispute).fields, "SELECT "+disputeColumns+" FROM binding_dispute WHERE number = ? AND decided_at IS NULL", number)
	if err != nil || len(open) == 0 {
		return "", err
	}
	return open[0].ID, nil
}

// join makes an organisation a side, or freezes one that is; it is told when
// something changed for it.
func (rm *Room) join(ctx context.Context, dispute, id, number string, frozen bool) (changed bool, err error) {
	n, err := db.Exec(ctx, `
		INSERT INTO binding_side (id, dispute_id, org_id, number, frozen, joined_at, words, outcome) VALUES (?, ?, ?, ?, ?, ?, '', '')
		ON CONFLICT (dispute_id, org_id) DO UPDATE SET frozen = TRUE, closed_at = NULL, outcome = ''
		WHERE binding_side.closed_at IS NOT NULL OR (binding_side.frozen = FALSE AND excluded.frozen = TRUE)`,
		db.NewID(), dispute, id, number, frozen, rm.Now())
	if err != nil || n == 0 {
		return false, err
	}
	if err := rm.note(ctx, id, system, map[bool]string{true: "binding.frozen", false: "binding.contested"}[frozen], dispute, frozen, nil); err != nil {
		return false, err
	}
	return true, rm.Notify(ctx, id)
}

// sideOf returns the open dispute of an organisation, or nil.
func sideOf(ctx context.Context, id string) (*Side, error) {
	all, err := db.Rows(ctx, (*Side).fields, "SELECT "+sideColumns+" FROM binding_side WHERE org_id = ? AND closed_at IS NULL ORDER BY joined_at LIMIT 1", id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

func (rm *Room) sides(ctx context.Context, dispute string) ([]Side, error) {
	return db.Rows(ctx, (*Side).fields, "SELECT "+sideColumns+" FROM binding_side WHERE dispute_id = ? AND closed_at IS NULL ORDER BY joined_at, id", dispute)
}

const caseRunes = 4000

// State keeps what a side has to say; paper may be absent.
func (rm *Room) State(ctx context.Context, id, words string, paper web.Upload) error {
	words = strings.TrimSpace(words)
	var v problem.Invalid
	n := utf8.RuneCountInString(words)
	v.Check(n > 0 && n <= caseRunes, "words", "binding-words", "n", caseRunes)
	if err := v.Or(); err != nil {
		return err
	}
	blob := ""
	if paper.Present() {
		var err error
		if blob, err = rm.KeepFile(ctx, id, paper); err != nil {
			return err
		}
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := sideOf(ctx, id)
		if err != nil || s == nil {
			return orNoDispute(err)
		}
		if _, err := db.Exec(ctx, "UPDATE binding_side SET words = ?, words_at = ? WHERE id = ?", words, rm.Now(), s.ID); err != nil {
			return err
		}
		if err := rm.keepPaper(ctx, *s, blob); err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "binding.stated", s.Dispute, false, nil)
	})
}

const maxPapers = 10

func (rm *Room) keepPaper(ctx context.Context, s Side, blob string) error {
	if blob == "" {
		return nil
	}
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM binding_paper WHERE side_id = ?", s.ID)
	if err != nil {
		return err
	}
	if n >= maxPapers {
		return problem.New(http.StatusConflict, "binding-papers", "n", maxPapers)
	}
	_, err = db.Exec(ctx, "INSERT INTO binding_paper (id, side_id, org_id, blob_id, uploaded_by, uploaded_at) VALUES (?, ?, ?, ?, ?, ?)",
		db.NewID(), s.ID, s.Org, blob, actor(ctx), rm.Now())
	return err
}

func orNoDispute(err error) error {
	if err == nil {
		return problem.New(http.StatusConflict, "binding-no-dispute")
	}
	return err
}

// Withdraw ends the proofs of a side for the number; the other one goes on.
func (rm *Room) Withdraw(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := sideOf(ctx, id)
		if err != nil || s == nil {
			return orNoDispute(err)
		}
		return rm.endFor(ctx, *s, actor(ctx), WhyWithdrew)
	})
}

// endFor ends everything that a side has for the number.
func (rm *Room) endFor(ctx context.Context, s Side, by string, why Why) error {
	all, err := rm.proofsOf(ctx, s.Org)
	for _, p := range all {
		if err == nil && p.Number == s.Number {
			err = rm.end(ctx, p, by, why)
		}
	}
	return err
}

// leaveDispute closes the side of an organisation that has nothing in force any
// more. Whoever is left alone holds the number.
func (rm *Room) leaveDispute(ctx context.Context, id, number string) error {
	left, err := db.Rows(ctx, func(s *string) []any { return []any{s} }, `
		UPDATE binding_side SET closed_at = ?, outcome = 'withdrew' WHERE org_id = ? AND number = ? AND closed_at IS NULL RETURNING dispute_id`,
		rm.Now(), id, number)
	if err != nil || len(left) == 0 {
		return err
	}
	rest, err := rm.sides(ctx, left[0])
	if err != nil || len(rest) > 1 {
		return err
	}
	if err := rm.close(ctx, left[0], "", "withdrawn"); err != nil || len(rest) == 0 {
		return err
	}
	return rm.win(ctx, rest[0])
}

func (rm *Room) close(ctx context.Context, dispute, by, outcome string) error {
	_, err := db.Exec(ctx, "UPDATE binding_dispute SET decided_at = ?, decided_by = ?, outcome = ? WHERE id = ? AND decided_at IS NULL", rm.Now(), by, outcome, dispute)
	return err
}

// win gives the number to a side.
func (rm *Room) win(ctx context.Context, s Side) error {
	_, err := db.Exec(ctx, "UPDATE binding_side SET closed_at = ?, outcome = 'won' WHERE id = ?", rm.Now(), s.ID)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "INSERT INTO binding_holder (number, org_id, since) VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET org_id = excluded.org_id, since = excluded.since",
		s.Number, s.Org, rm.Now())
	if err != nil {
		return err
	}
	if err := rm.note(ctx, s.Org, system, "binding.settled", s.Dispute, false, nil); err != nil {
		return err
	}
	return rm.Notify(ctx, s.Org)
}

// nobody is the choice that no side has shown enough.
const nobody = "nobody"

// Choose is one operator's choice of a side, or of nobody. It decides when
// another operator has chosen the same before; it replaces any other choice.
// decided says which of the two it was.
func (rm *Room) Choose(ctx context.Context, dispute, choice string) (decided bool, err error) {
	operator := actor(ctx)
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		d, err := openDisputeByID(ctx, dispute)
		if err != nil {
			return err
		}
		sides, err := rm.sides(ctx, dispute)
		if err != nil {
			return err
		}
		var v problem.Invalid
		v.Check(choice == nobody || slices.ContainsFunc(sides, func(s Side) bool { return s.ID == choice }), "side", "choice")
		if err := v.Or(); err != nil {
			return err
		}
		if err := rm.note(ctx, "", operator, "binding.chosen", dispute, false, nil); err != nil {
			return err
		}
		if decided = d.Choice == choice && d.ChosenBy != "" && d.ChosenBy != operator; decided {
			return rm.decide(ctx, sides, choice, dispute, operator)
		}
		_, err = db.Exec(ctx, "UPDATE binding_dispute SET choice = ?, chosen_by = ?, chosen_at = ? WHERE id = ?", choice, operator, rm.Now(), dispute)
		return err
	})
	return decided, err
}

func openDisputeByID(ctx context.Context, dispute string) (Dispute, error) {
	d, err := db.One(ctx, (*Dispute).fields, "SELECT "+disputeColumns+" FROM binding_dispute WHERE id = ? AND decided_at IS NULL", dispute)
	return d, orNotFound(err)
}

// decide ends the proofs of everybody but the chosen side. The losers are closed
// first, so that the end of their proofs leaves nobody alone by accident.
func (rm *Room) decide(ctx context.Context, sides []Side, choice, dispute, operator string) error {
	if err := rm.close(ctx, dispute, operator, "decided"); err != nil {
		return err
	}
	outcome := "lost"
	if choice == nobody {
		outcome = "unshown" // they may come back with a better proof
	}
	_, err := db.Exec(ctx, "UPDATE binding_side SET closed_at = ?, outcome = ? WHERE dispute_id = ? AND closed_at IS NULL AND id <> ?", rm.Now(), outcome, dispute, choice)
	if err != nil {
		return err
	}
	for _, s := range sides {
		if s.ID == choice {
			err = rm.win(ctx, s)
		} else {
			err = rm.lose(ctx, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (rm *Room) lose(ctx context.Context, s Side) error {
	if err := rm.endFor(ctx, s, system, WhyDispute); err != nil {
		return err
	}
	return rm.Notify(ctx, s.Org)
}

// Notices is what the home of a company says first of this room.
func (rm *Room) Notices(ctx context.Context, id org.ID) ([]ui.NoticeView, error) {
	s, err := sideOf(ctx, string(id))
	if err != nil {
		return nil, err
	}
	link := &ui.Link{Label: ui.T("binding.notice.go"), URL: bindingPath(string(id))}
	if s != nil {
		d := DisputeView{Frozen: s.Frozen}
		return []ui.NoticeView{{Kind: ui.NoticeWarn, Title: d.title(), Text: ui.T("binding.dispute.what"), Link: link}}, nil
	}
	lost, err := db.Value[int](ctx, "SELECT COUNT(*) FROM binding_proof WHERE org_id = ? AND ended_at IS NULL AND lost_at IS NOT NULL", string(id))
	if err != nil || lost == 0 {
		return nil, err
	}
	return []ui.NoticeView{{Kind: ui.NoticeWarn, Title: ui.T("binding.lost.title"), Text: ui.T("binding.lost.what"), Link: link}}, nil
}

// OpenDisputes lists what waits for the operators, the oldest first.
func (rm *Room) OpenDisputes(ctx context.Context) ([]Dispute, error) {
	return db.Rows(ctx, (*Dispute).fields, "SELECT "+disputeColumns+" FROM binding_dispute WHERE decided_at IS NULL ORDER BY opened_at, id LIMIT 200")
}
