package review

import (
	"context"
	"net/http"

	"github.com/minamori-project/minamori/internal/problem"
)

// Ways in which an owner swears.
const (
	OnScreen = "screen"
	OnPaper  = "paper"
)

// OathFacts are what an oath says; whose it is stands in a piece.
type OathFacts struct {
	Snapshot      string   `json:"snapshot_sha256"`
	Confirmations []string `json:"confirmations_sha256"`
	Way           string   `json:"way"`
	Sentences     []string `json:"sentences"`
	By            string   `json:"sworn_by"` // name of a piece; "" on paper, where the sheet names the signer
}

// OathSentences are what the owner swears by a snapshot: plain Japanese, which
// binds. They are sentences of our own; the official form decides. The problem
// says what is missing.
// keys: problem.review-unconfirmed.title, problem.review-unconfirmed.hint, problem.review-sworn.title,
// problem.review-sworn.hint
func (rm *Room) OathSentences(ctx context.Context, company, snapshot string) ([]string, error) {
	r, f, err := rm.sound(ctx, company, snapshot)
	if err != nil {
		return nil, err
	}
	if !rm.forStar(r.Pack) {
		return nil, problem.New(http.StatusConflict, "review-kind")
	}
	confirmed, err := rm.standing(ctx, company, snapshot)
	if err != nil {
		return nil, err
	}
	if len(confirmed) == 0 {
		return nil, problem.New(http.StatusConflict, "review-unconfirmed")
	}
	oaths, err := recordsOf(ctx, company, snapshot, Oath)
	for _, o := range oaths {
		if o.Withdrawn.IsZero() {
			return nil, problem.New(http.StatusConflict, "review-sworn")
		}
	}
	return []string{
		rm.say("review.oath.says.true", "company", rm.companyName(r, f), "number", r.Number, "date", rm.date(ctx, r.At)),
		rm.say("review.oath.says.read"),
		rm.say("review.oath.says.digest", "digest", r.Digest),
		rm.say("review.oath.says.record"),
	}, err
}

// companyName is the name of the company in a snapshot.
func (rm *Room) companyName(r Record, f Facts) string {
	if own := r.said(f.Company.Piece); own != "" {
		return own
	}
	return f.Company.Name
}

// standing returns the confirmations of a snapshot that stand and are sound.
func (rm *Room) standing(ctx context.Context, company, snapshot string) (good []Record, err error) {
	all, err := recordsOf(ctx, company, snapshot, Confirmation)
	for _, c := range all {
		var f ConfirmationFacts
		if c.read(&f); !c.Damaged && c.Withdrawn.IsZero() {
			good = append(good, c)
		}
	}
	return good, err
}

// Swear records the oath of an owner who is at the screen.
func (rm *Room) Swear(ctx context.Context, company, snapshot, account string) (Record, error) {
	return rm.swear(ctx, company, snapshot, account, OnScreen)
}

// SwearOnPaper records the oath on a signed sheet; by is who uploaded it. It
// returns the id of the oath.
func (rm *Room) SwearOnPaper(ctx context.Context, company, snapshot string) (string, error) {
	r, err := rm.swear(ctx, company, snapshot, actor(ctx), OnPaper)
	return r.ID, err
}

func (rm *Room) swear(ctx context.Context, company, snapshot, account, way string) (r Record, err error) {
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		sentences, err := rm.OathSentences(ctx, company, snapshot)
		if err != nil {
			return err
		}
		s, err := recordOf(ctx, company, Snapshot, snapshot)
		if err != nil {
			return err
		}
		confirmed, err := rm.standing(ctx, company, snapshot)
		if err != nil {
			return err
		}
		f := OathFacts{Snapshot: s.Digest, Way: way, Sentences: sentences}
		for _, c := range confirmed {
			f.Confirmations = append(f.Confirmations, c.Digest)
		}
		var pieces []Piece
		if way == OnScreen {
			people, err := rm.Accounts(ctx, []string{account})
			if err != nil {
				return err
			}
			f.By, pieces = "name", []Piece{{Name: "name", Account: account, Words: people[account].Name}}
		}
		r = Record{Org: company, Kind: Oath, Snapshot: snapshot, Pack: s.Pack, By: account}
		if err := rm.seal(ctx, &r, f, pieces); err != nil {
			return err
		}
		return rm.note(ctx, company, "review.sworn", r.ID, words{Number: s.Number, Digest: r.Digest, How: way})
	})
	return r, err
}

// WithdrawOath takes the oath on a snapshot back.
func (rm *Room) WithdrawOath(ctx context.Context, company, snapshot string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		oaths, err := recordsOf(ctx, company, snapshot, Oath)
		if err != nil || len(oaths) == 0 {
			return orElse(err, problem.NotFound())
		}
		for _, o := range oaths {
			if err == nil && o.Withdrawn.IsZero() {
				err = rm.withdraw(ctx, o, "withdrawn", "review.oath-withdrawn")
			}
		}
		return err
	})
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// OpenForOath lists the snapshots of a company that can be sworn by now, the newest
// first: for a sheet to sign.
func (rm *Room) OpenForOath(ctx context.Context, company string) (open []Record, err error) {
	all, err := snapshotsOf(ctx, company, "", pageSize)
	for _, r := range all {
		if _, wrong := rm.OathSentences(ctx, company, r.ID); wrong == nil {
			open = append(open, r)
		} else if problem.As(wrong) == nil {
			return nil, wrong
		}
	}
	return open, err
}
