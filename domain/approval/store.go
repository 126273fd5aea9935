package approval

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

const sheetColumns = `id, act, inputs, sentences, made_by, created, expires, withdrawn_at,
	signer, signed_on, blob_id, uploaded_by, uploaded_at, subject, denied_by, denied_at`

func (s *Sheet) fields() []any {
	return []any{
		&s.ID, &s.Act, texts{&s.inputs}, texts{&s.Sentences}, &s.MadeBy, db.At(&s.Created), db.At(&s.Expires), db.At(&s.withdrawnAt),
		&s.Signer, &s.SignedOn, &s.blob, &s.UploadedBy, db.At(&s.UploadedAt), &s.Subject, &s.deniedBy, db.At(&s.deniedAt),
	}
}

// texts scans a list that is stored as JSON.
type texts struct{ to *[]string }

// Scan reads the stored list.
func (t texts) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return errors.New("approval: a list is stored as text")
	}
	return json.Unmarshal([]byte(s), t.to)
}

func stored(list []string) string {
	b, _ := json.Marshal(list) // a list of strings has no way to fail
	return string(b)
}

// sheetOf returns a sheet of an organisation.
func sheetOf(ctx context.Context, id, sheet string) (Sheet, error) {
	s, err := db.One(ctx, (*Sheet).fields, "SELECT "+sheetColumns+" FROM approval_sheet WHERE org_id = ? AND id = ?", id, sheet)
	if errors.Is(err, db.ErrNone) {
		return s, problem.NotFound()
	}
	return s, err
}

// sheets lists sheets, the newest first; before is the cursor of the page before.
func sheets(ctx context.Context, id, before string, limit int) ([]Sheet, error) {
	query := "SELECT " + sheetColumns + " FROM approval_sheet WHERE org_id = ?"
	args := []any{id}
	if before != "" {
		query += " AND (created, id) < (SELECT created, id FROM approval_sheet WHERE org_id = ? AND id = ?)"
		args = append(args, id, before)
	}
	return db.Rows(ctx, (*Sheet).fields, query+" ORDER BY created DESC, id DESC LIMIT ?", append(args, limit)...)
}

// Prepare makes a sheet for an act. Nothing else happens yet.
func (rm *Room) Prepare(ctx context.Context, id, code string, inputs []string) (Sheet, error) {
	act := rm.act(code)
	if act == nil || len(inputs) != len(act.Fields) {
		return Sheet{}, problem.NotFound()
	}
	now := rm.Now()
	s := Sheet{ID: db.NewID(), Act: code, inputs: inputs, MadeBy: web.CallerFrom(ctx).Account, Created: now, Expires: now.Add(SheetFor)}
	return s, rm.DB.Write(ctx, func(ctx context.Context) (err error) {
		if err := rm.roomForOne(ctx, id); err != nil {
			return err
		}
		if s.Sentences, err = act.Sentences(ctx, id, inputs); err != nil {
			return err
		}
		_, err = db.Exec(ctx, `
			INSERT INTO approval_sheet (id, org_id, act, inputs, sentences, made_by, created, expires, signer, signed_on, blob_id, uploaded_by, subject, denied_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', '', '')`,
			s.ID, id, s.Act, stored(inputs), stored(s.Sentences), s.MadeBy, s.Created, s.Expires)
		if err != nil {
			return err
		}
		return rm.note(ctx, id, "approval.prepared", s.ID, map[string]any{"act": code, "sentences": s.Sentences}, false)
	})
}

func (rm *Room) roomForOne(ctx context.Context, id string) error {
	n, err := db.Value[int](ctx, `
		SELECT COUNT(*) FROM approval_sheet
		WHERE org_id = ? AND uploaded_at IS NULL AND withdrawn_at IS NULL AND expires > ?`, id, rm.Now())
	if err == nil && n >= maxOpen {
		return problem.New(http.StatusConflict, "approval-many", "n", maxOpen)
	}
	return err
}

func (rm *Room) note(ctx context.Context, id, verb, sheet string, words any, revokes bool) error {
	return journal.Note(ctx, journal.Entry{
		Org: id, At: rm.Now(), Actor: web.CallerFrom(ctx).Account, Verb: verb, Subject: sheet, Revokes: revokes,
	}, words)
}

// Upload is a signed sheet, as the uploader brings it in.
type Upload struct {
	Signer   string // name on the sheet
	SignedOn string // day on the sheet, as 2026-11-24
	Blob     string
}

// check reads what was typed. keys: field.approval-day, field.approval-day-later,
// field.approval-day-before
func (u *Upload) check(s Sheet, now time.Time) error {
	var v problem.Invalid
	name, flaw := org.Screen(u.Signer)
	if flaw != nil {
		v.Add("signer", flaw.Code, flaw.Args...)
	}
	u.Signer = name
	day, err := time.ParseInLocation(time.DateOnly, u.SignedOn, i18n.Tokyo)
	v.Check(err == nil, "signed_on", "approval-day")
	if err == nil {
		v.Check(!day.After(now), "signed_on", "approval-day-later")
		v.Check(!day.Before(s.Created.In(i18n.Tokyo).Add(-24*time.Hour)), "signed_on", "approval-day-before")
	}
	return v.Or()
}

// Sign records a signed sheet and does its act, both or neither.
func (rm *Room) Sign(ctx context.Context, id, sheet string, u Upload) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := rm.mayUpload(ctx, id, sheet)
		if err != nil {
			return err
		}
		if err := u.check(s, rm.Now()); err != nil {
			return err
		}
		subject, err := rm.act(s.Act).Do(ctx, id, s.inputs)
		if err != nil {
			return err
		}
		n, err := db.Exec(ctx, `
			UPDATE approval_sheet SET signer = ?, signed_on = ?, blob_id = ?, uploaded_by = ?, uploaded_at = ?, subject = ?
			WHERE org_id = ? AND id = ? AND uploaded_at IS NULL AND withdrawn_at IS NULL`,
			u.Signer, u.SignedOn, u.Blob, web.CallerFrom(ctx).Account, rm.Now(), subject, id, sheet)
		if err == nil && n == 0 {
			return rm.over(s)
		}
		if err != nil {
			return err
		}
		words := map[string]any{"act": s.Act, "signer": u.Signer, "signed_on": u.SignedOn, "subject": subject}
		if err := rm.note(ctx, id, "approval.signed", sheet, words, false); err != nil || rm.Uploaded == nil {
			return err
		}
		return rm.Uploaded(ctx, id, sheet)
	})
}

// mayUpload returns a sheet that waits, unless the caller would gain by it.
func (rm *Room) mayUpload(ctx context.Context, id, sheet string) (Sheet, error) {
	s, err := sheetOf(ctx, id, sheet)
	if err != nil {
		return s, err
	}
	act := rm.act(s.Act)
	if s.Phase(rm.Now()) != Waiting || act == nil {
		return s, rm.over(s)
	}
	if act.Gains == nil {
		return s, nil
	}
	gains, err := act.Gains(ctx, web.CallerFrom(ctx).Account, s.inputs)
	if err == nil && gains {
		return s, problem.New(http.StatusForbidden, "approval-own")
	}
	return s, err
}

func (rm *Room) over(s Sheet) error {
	return problem.New(http.StatusConflict, "approval-over", "number", s.Short())
}

// Withdraw ends a sheet that was not signed yet.
func (rm *Room) Withdraw(ctx context.Context, id, sheet string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := sheetOf(ctx, id, sheet)
		if err != nil {
			return err
		}
		if s.Phase(rm.Now()) != Waiting {
			return rm.over(s)
		}
		if err := withdraw(ctx, id, sheet, rm.Now()); err != nil {
			return err
		}
		return rm.note(ctx, id, "approval.withdrawn", sheet, nil, true)
	})
}

func withdraw(ctx context.Context, id, sheet string, at time.Time) error {
	_, err := db.Exec(ctx, "UPDATE approval_sheet SET withdrawn_at = ? WHERE org_id = ? AND id = ? AND uploaded_at IS NULL AND withdrawn_at IS NULL",
		at, id, sheet)
	return err
}

// Deny says that an owner does not recognise a signed sheet. What it did is not
// undone by this: each act has its own way back, and the record stays.
func (rm *Room) Deny(ctx context.Context, id, sheet string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := sheetOf(ctx, id, sheet)
		if err != nil {
			return err
		}
		if s.Phase(rm.Now()) != Signed {
			return rm.over(s)
		}
		if err := deny(ctx, id, sheet, web.CallerFrom(ctx).Account, rm.Now()); err != nil {
			return err
		}
		return rm.note(ctx, id, "approval.denied", sheet, nil, true)
	})
}

func deny(ctx context.Context, id, sheet, by string, at time.Time) error {
	_, err := db.Exec(ctx, "UPDATE approval_sheet SET denied_by = ?, denied_at = ? WHERE org_id = ? AND id = ? AND uploaded_at IS NOT NULL AND denied_at IS NULL",
		by, at, id, sheet)
	return err
}

// Replay takes away again, after a restore, what had been taken away since.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		switch e.Verb {
		case "approval.withdrawn":
			return withdraw(ctx, e.Org, e.Subject, e.At)
		case "approval.denied":
			return deny(ctx, e.Org, e.Subject, e.Actor, e.At)
		}
		return nil
	})
}

// OnPaper returns, for records of an organisation, the signed sheets that made
// them. A sheet that an owner denied is left out: it approves nothing.
func (rm *Room) OnPaper(ctx context.Context, id string, subjects []string) (map[string]org.Paper, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	args := []any{id}
	for _, s := range subjects {
		args = append(args, s)
	}
	type row struct {
		subject, by string
		at          time.Time
	}
	rows, err := db.Rows(ctx, func(r *row) []any { return []any{&r.subject, &r.by, db.At(&r.at)} }, `
		SELECT subject, uploaded_by, uploaded_at FROM approval_sheet
		WHERE org_id = ? AND uploaded_at IS NOT NULL AND denied_at IS NULL AND subject IN (?`+strings.Repeat(", ?", len(subjects)-1)+`)
		ORDER BY uploaded_at`, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var by []string
	for _, r := range rows {
		by = append(by, r.by)
	}
	names, err := rm.People(ctx, by)
	papers := map[string]org.Paper{}
	for _, r := range rows {
		papers[r.subject] = org.Paper{By: names[r.by], At: r.at}
	}
	return papers, err
}
