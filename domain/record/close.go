package record

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// What this room does when a company or a person goes.

// Export hands over what the room keeps of a company; files are among its files.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	ledgers := map[string][]Row{}
	looks := map[string][]Look{}
	times := map[string][]Once{}
	var err error
	for _, l := range rm.Book.Ledgers {
		if ledgers[l.ID], err = rm.Rows(ctx, org, l.ID, "", MaxRows); err != nil {
			return err
		}
		if looks[l.ID], err = rm.Looks(ctx, org, l.ID); err != nil {
			return err
		}
	}
	for _, d := range rm.Book.Duties {
		if times[d.ID], err = allOnces(ctx, org, d.ID); err != nil {
			return err
		}
	}
	requests, err := allRequests(ctx, org)
	if err != nil {
		return err
	}
	for name, what := range map[string]any{"ledgers.json": ledgers, "looked-through.json": looks, "duties.json": times, "requests.json": requests} {
		if err := add(name, func(w io.Writer) error { return json.NewEncoder(w).Encode(what) }); err != nil {
			return err
		}
	}
	return nil
}

func allRequests(ctx context.Context, org string) ([]Request, error) {
	all, err := db.Rows(ctx, (*Request).fields, "SELECT "+requestColumns+" FROM record_request WHERE org_id = ? ORDER BY asked_at, id", org)
	return append([]Request{}, all...), err
}

func allOnces(ctx context.Context, org, duty string) ([]Once, error) {
	return db.Rows(ctx, (*Once).fields, "SELECT "+onceColumns+" FROM record_done WHERE org_id = ? AND duty = ? ORDER BY done_on, id", org, duty)
}

// Close removes every row of a company.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"record_row", "record_look", "record_list", "record_request", "record_done", "record_plan"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", org); err != nil {
				return err
			}
		}
		return nil
	})
}

// gone stands where a name stood.
const gone = "－"

// Erase removes the name of a person from what the companies wrote with which he had
// to do. That something was asked for, approved or done, and when, stays. Tables that
// were uploaded and wait are thrown away.
func (rm *Room) Erase(ctx context.Context, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		names, err := rm.People(ctx, []string{account})
		if err != nil || names[account] == "" {
			return err
		}
		orgs, err := journal.Concerned(ctx, account)
		if err != nil {
			return err
		}
		for _, org := range orgs {
			if org == "" {
				continue
			}
			if err := rm.forget(ctx, org, names[account]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (rm *Room) forget(ctx context.Context, org, name string) error {
	if _, err := db.Exec(ctx, "DELETE FROM record_list WHERE org_id = ?", org); err != nil {
		return err
	}
	for _, f := range []func(context.Context, string, string) error{rm.forgetRows, rm.forgetRequests, rm.forgetOnces, forgetLooks} {
		if err := f(ctx, org, name); err != nil {
			return err
		}
	}
	return nil
}

func (rm *Room) forgetRows(ctx context.Context, org, name string) error {
	for _, l := range rm.Book.Ledgers {
		rows, err := rm.Rows(ctx, org, l.ID, "", MaxRows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if !r.Cells.forget(name) {
				continue
			}
			if _, err := db.Exec(ctx, "UPDATE record_row SET cells = ? WHERE org_id = ? AND id = ?", r.Cells.text(), org, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (rm *Room) forgetRequests(ctx context.Context, org, name string) error {
	all, err := allRequests(ctx, org)
	if err != nil {
		return err
	}
	for _, r := range all {
		changed := r.Cells.forget(name)
		for _, s := range []*string{&r.Asker, &r.Decider, &r.Reason, &r.EndedWhy} {
			changed = forgetIn(s, name) || changed
		}
		if !changed {
			continue
		}
		_, err := db.Exec(ctx, "UPDATE record_request SET cells = ?, asker = ?, decider = ?, reason = ?, ended_why = ? WHERE org_id = ? AND id = ?",
			r.Cells.text(), r.Asker, r.Decider, r.Reason, r.EndedWhy, org, r.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

func (rm *Room) forgetOnces(ctx context.Context, org, name string) error {
	for _, d := range rm.Book.Duties {
		all, err := allOnces(ctx, org, d.ID)
		if err != nil {
			return err
		}
		for _, o := range all {
			changed := o.Cells.forget(name)
			for _, s := range []*string{&o.Who, &o.Found} {
				changed = forgetIn(s, name) || changed
			}
			for i := range o.Attendees {
				changed = forgetIn(&o.Attendees[i], name) || changed
			}
			if !changed {
				continue
			}
			_, err := db.Exec(ctx, "UPDATE record_done SET cells = ?, who = ?, found = ?, attendees = ? WHERE org_id = ? AND id = ?",
				o.Cells.text(), o.Who, o.Found, strings.Join(o.Attendees, "\n"), org, o.ID)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func forgetLooks(ctx context.Context, org, name string) error {
	looks, err := db.Rows(ctx, (*Look).fields, "SELECT "+lookColumns+" FROM record_look WHERE org_id = ? AND note <> ''", org)
	if err != nil {
		return err
	}
	for _, k := range looks {
		if !forgetIn(&k.Note, name) {
			continue
		}
		if _, err := db.Exec(ctx, "UPDATE record_look SET note = ? WHERE org_id = ? AND id = ?", k.Note, org, k.ID); err != nil {
			return err
		}
	}
	return nil
}

// forget takes a name out of the cells and says whether it was there.
func (c Cells) forget(name string) (changed bool) {
	for id, s := range c {
		if forgetIn(&s, name) {
			c[id], changed = s, true
		}
	}
	return changed
}

// shortName is how many characters a name must have to be looked for inside a text: 林
// stands in many words.
const shortName = 3

func forgetIn(s *string, name string) bool {
	if *s != "" && samePerson(*s, name) {
		*s = gone
		return true
	}
	if utf8.RuneCountInString(name) < shortName || !strings.Contains(*s, name) {
		return false
	}
	*s = strings.ReplaceAll(*s, name, gone)
	return true
}

// Replay has nothing to do: this room takes nothing away that somebody was given. What
// a person's erasure takes is done again by the room that erases.
func (rm *Room) Replay(_ context.Context, _ journal.Entry) error { return nil }
