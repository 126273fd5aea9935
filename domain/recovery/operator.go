package recovery

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) operatorRoutes() []web.Route {
	const one = "/operator/recoveries/{recovery}"
	return []web.Route{
		web.Get("/operator/recoveries", web.Operator, "List the open cases by the number that was stated.", rm.showOpen, openPage),
		web.Get(one, web.Operator, "Show an open case to operators.", rm.showForOperator, operatorPage),
		web.Post(one+"/letter", web.Operator, "Print the letter with its code; one printed before ends.", rm.letterFile, nil, web.StepUp, web.PageOnly, web.Again(rm.letterAgain)),
		web.Post(one+"/sent", web.Operator, "Say that the letter was posted.", rm.sent, nil),
		web.Post(one+"/approve", web.Operator, "Approve a case; it takes two operators, and nobody approves his own.", rm.approve, nil, web.StepUp),
	}
}

// OpenRow is an open case as operators see it: nothing of the company but the
// number that was stated, and whether exactly one company has it.
type OpenRow struct {
	ID        string    `json:"id"`
	Number    string    `json:"number"`
	Way       string    `json:"way"`
	State     string    `json:"state"`
	Asked     time.Time `json:"asked_at"`
	Found     bool      `json:"one_company"`
	Printed   bool      `json:"letter_printed"`
	Sent      time.Time `json:"letter_sent_at"`
	Left      int       `json:"days_left"`
	Approvals int       `json:"approvals"`
	Approved  bool      `json:"approved_by_me"`
	Mine      bool      `json:"asked_by_me"`

	Name string `json:"asked_by"`
}

// Short is how people name a case to each other.
func (r OpenRow) Short() string { return short(r.ID) }

func short(id string) string { return strings.ToUpper(id[max(0, len(id)-6):]) }

// OpenView lists open cases.
type OpenView struct {
	Cases []OpenRow `json:"cases"`
	now   time.Time
}

type approval struct{ id, operator string }

func (a *approval) fields() []any { return []any{&a.id, &a.operator} }

func (rm *Room) openRows(ctx context.Context, where string, args ...any) ([]OpenRow, error) {
	cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+columns+" FROM recovery_case WHERE state IN ('asked', 'notice')"+where+" ORDER BY asked_at, id LIMIT 200", args...)
	if err != nil {
		return nil, err
	}
	votes, err := db.Rows(ctx, (*approval).fields, `
		SELECT a.case_id, a.operator FROM recovery_approval a JOIN recovery_case c ON c.id = a.case_id WHERE c.state IN ('asked', 'notice')`)
	if err != nil {
		return nil, err
	}
	var accounts []string
	for _, c := range cases {
		accounts = append(accounts, c.Account)
	}
	names, err := rm.People(ctx, accounts)
	rows := []OpenRow{}
	for _, c := range cases {
		r := OpenRow{
			ID: c.ID, Number: c.Number, Way: c.Way, State: c.State, Asked: c.Asked, Found: c.Org != "", Printed: c.hash != nil, Sent: c.Sent,
			Mine: c.Account == caller(ctx), Name: names[c.Account],
		}
		if c.State == "notice" {
			r.Left = c.left(rm.Now())
		}
		for _, a := range votes {
			if a.id == c.ID {
				r.Approvals++
				r.Approved = r.Approved || a.operator == caller(ctx)
			}
		}
		rows = append(rows, r)
	}
	return rows, err
}

func (rm *Room) showOpen(ctx context.Context, _ struct{}) (OpenView, error) {
	rows, err := rm.openRows(ctx, "")
	return OpenView{rows, rm.Now()}, err
}

// OperatorView is an open case for operators.
type OperatorView struct {
	OpenRow
	typed   LetterIn
	now     time.Time
	problem *problem.Problem
}

func (rm *Room) showForOperator(ctx context.Context, in CaseIn) (OperatorView, error) {
	rows, err := rm.openRows(ctx, " AND id = ?", in.Recovery)
	if err == nil && len(rows) == 0 {
		err = problem.NotFound()
	}
	if err != nil {
		return OperatorView{}, err
	}
	return OperatorView{OpenRow: rows[0], now: rm.Now()}, nil
}

// LetterIn is where a letter goes, from the public register. It is printed and
// not kept.
type LetterIn struct {
	Recovery  string `path:"recovery" json:"-"`
	Addressee string `json:"addressee"`
	Address   string `json:"address"`
}

// keys: field.recovery-addressee, field.recovery-address
func (in LetterIn) check() error {
	var v problem.Invalid
	v.Check(strings.TrimSpace(in.Addressee) != "" && len([]rune(in.Addressee)) <= 80, "addressee", "recovery-addressee")
	v.Check(strings.TrimSpace(in.Address) != "" && len([]rune(in.Address)) <= 200, "address", "recovery-address")
	return v.Or()
}

func (rm *Room) letterAgain(ctx context.Context, in LetterIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showForOperator(ctx, CaseIn{in.Recovery})
	v.typed, v.problem = in, p
	return operatorPage(v), err
}

// MarkSent notes that the letter went out.
func (rm *Room) MarkSent(ctx context.Context, id, operator string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "id = ? AND state = 'asked' AND letter_hash IS NOT NULL AND account <> ?", id, operator)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE recovery_case SET sent_at = ? WHERE id = ?", rm.Now(), id); err != nil {
			return err
		}
		return rm.note(ctx, c.Org, operator, "recovery.letter-sent", id, false)
	})
}

func (rm *Room) sent(ctx context.Context, in CaseIn) (Moved, error) {
	return Moved{"/operator/recoveries/" + in.Recovery}, rm.MarkSent(ctx, in.Recovery, caller(ctx))
}

func (rm *Room) approve(ctx context.Context, in CaseIn) (Moved, error) {
	return Moved{"/operator/recoveries/" + in.Recovery}, rm.Approve(ctx, in.Recovery, caller(ctx))
}
