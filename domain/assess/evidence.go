package assess

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// What a piece of evidence is.
const (
	KindFile         = "file"
	KindLink         = "link"
	KindStatement    = "statement" // somebody's words, dated
	KindCheck        = "check"     // a machine looked
	KindConfirmation = "confirmation"
	KindPaper        = "paper" // a paper that another room keeps
)

// How careful to be with a piece of evidence. Secret is for managers and owners
// and is never granted to a helper.
const (
	Internal = "internal"
	Secret   = "secret"
)

// Forms lists what can show that a criterion is met, in the order of a form.
func Forms() []string {
	return []string{FormRule, FormLedger, FormAgreement, FormRecord, FormApproval, FormDuty, FormSetting}
}

// Evidence is what shows that an answer is so.
type Evidence struct {
	ID          string
	Item        string // the one it is read for
	Kind        string
	Form        string // what it shows: one of Forms, or "" when nobody said
	Blob        string // of a file
	URL         string // of a link
	Name        string
	Note        string
	Digest      string // SHA-256 in hex, "" without
	Sensitivity string
	At          time.Time // collected
	ValidUntil  time.Time // zero when it does not age
	By          string    // account
	Source, Ref string    // the room that knows it, and its name there
	Against     bool      // it shows that the answer is not so
}

const evidenceColumns = `id, kind, form, blob_id, url, name, note, digest, sensitivity, collected_at, valid_until, collected_by, source, ref, against`

func (e *Evidence) fields() []any {
	return []any{
		&e.ID, &e.Kind, &e.Form, &e.Blob, &e.URL, &e.Name, &e.Note, &e.Digest, &e.Sensitivity, db.At(&e.At), db.At(&e.ValidUntil),
		&e.By, &e.Source, &e.Ref, &e.Against,
	}
}

// Valid says that the evidence has not ended.
func (e *Evidence) Valid(now time.Time) bool {
	return e.ValidUntil.IsZero() || now.Before(e.ValidUntil)
}

// EvidenceInput is evidence that somebody of the company brings.
type EvidenceInput struct {
	Org, Actor  string
	At          Place
	Also        []string // further items of the same pack that it is for
	Form        string
	Note        string
	Link        string // instead of a file
	File        web.Upload
	Sensitivity string
	ValidUntil  time.Time
}

// MaxEvidence is how many pieces an item may have: a page lists them all.
const MaxEvidence = 30

// aged is how long evidence for a criterion holds when nobody says otherwise: the
// schemes look at a year.
const aged = 365 * 24 * time.Hour

// AddEvidence keeps a file, a link or a statement for an item.
func (rm *Room) AddEvidence(ctx context.Context, in EvidenceInput) (Evidence, error) {
	s, _, err := rm.position(in.At.Pack, in.At.Item)
	if err != nil {
		return Evidence{}, err
	}
	places, err := rm.evidenceSound(s, &in)
	if err != nil {
		return Evidence{}, err
	}
	if err := rm.roomForEvidence(ctx, in.Org, in.At); err != nil {
		return Evidence{}, err
	}
	e := Evidence{
		ID: db.NewID(), Item: in.At.Item, Kind: KindStatement, Form: in.Form, URL: in.Link, Note: in.Note, Sensitivity: in.Sensitivity,
		At: rm.Now(), ValidUntil: in.ValidUntil, By: in.Actor, Name: title(in.Note),
	}
	switch {
	case in.File.Present():
		e.Kind, e.Name = KindFile, fileName(in.File.Name)
		// Before Write: ten megabytes from a slow line must not hold the one writer.
		if e.Blob, e.Digest, err = rm.KeepFile(ctx, in.Org, in.File); err != nil {
			return Evidence{}, err
		}
	case in.Link != "":
		e.Kind, e.Name = KindLink, in.Link
	}
	if e.ValidUntil.IsZero() && s.Kind == Criteria {
		e.ValidUntil = e.At.Add(aged)
	}
	return e, rm.DB.Write(ctx, func(ctx context.Context) error { return rm.keepEvidence(ctx, in.Org, e, places) })
}

// keepEvidence puts evidence in its places, and the journal and the day with it.
func (rm *Room) keepEvidence(ctx context.Context, org string, e Evidence, places []Place) error {
	if err := putEvidence(ctx, org, places[0], e); err != nil {
		return err
	}
	for _, p := range places {
		if err := putProof(ctx, org, e.ID, p); err != nil {
			return err
		}
	}
	err := journal.Note(ctx, journal.Entry{
		Org: org, At: e.At, Actor: e.By, Verb: "assess.evidence_added", Subject: e.ID,
	}, evidenceWords{places[0].Pack, places[0].Item, e.Name, len(places), e.Digest})
	return errors.Join(err, rm.dayOf(ctx, org, places))
}

// dayOf keeps where the day ends in the packs that evidence was about.
func (rm *Room) dayOf(ctx context.Context, org string, places []Place) error {
	seen := map[string]bool{}
	for _, p := range places {
		s := rm.sheets[p.Pack]
		if s == nil || s.Kind != Criteria || seen[p.Pack] {
			continue
		}
		seen[p.Pack] = true
		answers, err := answersOf(ctx, org, p.Pack)
		if err != nil {
			return err
		}
		if err := rm.putDay(ctx, s, org, answers, rm.Now()); err != nil {
			return err
		}
	}
	return nil
}

// evidenceSound finds what is wrong with evidence and returns where it goes.
func (rm *Room) evidenceSound(s *sheet, in *EvidenceInput) ([]Place, error) {
	in.Note, in.Link = Tidy(in.Note), strings.TrimSpace(in.Link)
	var v problem.Invalid
	v.Check(in.File.Present() || in.Link != "" || in.Note != "", "evidence", "assess-evidence-none")
	v.Check(utf8.RuneCountInString(in.Note) <= MaxMemo, "note", "assess-memo-long", "n", MaxMemo)
	v.Check(!strings.ContainsFunc(in.Note, Unseen), "note", "assess-memo-signs")
	v.Check(in.Link == "" || webAddress(in.Link), "link", "assess-link")
	v.Check(in.Form == "" || slices.Contains(Forms(), in.Form), "form", "choice")
	v.Check(in.Sensitivity == "" || in.Sensitivity == Internal || in.Sensitivity == Secret, "sensitivity", "choice")
	v.Check(in.ValidUntil.IsZero() || in.ValidUntil.After(rm.Now()), "valid_until", "assess-valid-until")
	places := []Place{in.At}
	for _, item := range in.Also {
		if _, ok := s.index[item]; !ok {
			return nil, problem.NotFound()
		}
		if p := (Place{in.At.Pack, item}); !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	return places, v.Or()
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= 1000 && !strings.ContainsFunc(s, Unseen)
}

// title is the first line of a statement, to stand in a list.
func title(note string) string {
	line, _, _ := strings.Cut(note, "\n")
	if runes := []rune(line); len(runes) > 60 {
		line = string(runes[:59]) + "…"
	}
	return line
}

func (rm *Room) roomForEvidence(ctx context.Context, org string, at Place) error {
	return rm.DB.Read(ctx, func(ctx context.Context) error {
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM assess_proof WHERE org_id = ? AND pack = ? AND item = ?", org, at.Pack, at.Item)
		var v problem.Invalid
		v.Check(n < MaxEvidence, "evidence", "assess-evidence-many", "n", MaxEvidence)
		return errors.Join(err, v.Or())
	})
}

// RemoveEvidence takes evidence away again: the wrong file, say. The journal keeps
// that it was there. What another room knows is taken away there.
func (rm *Room) RemoveEvidence(ctx context.Context, org, pack, item, id, actor string) error {
	var e Evidence
	err := rm.DB.Write(ctx, func(ctx context.Context) (err error) {
		if e, err = evidenceNamed(ctx, org, pack, item, id); err != nil {
			return err
		}
		if e.Source != "" {
			return problem.New(http.StatusConflict, "assess-evidence-kept", "source", e.Source)
		}
		places, err := placesOf(ctx, org, id)
		if err != nil {
			return err
		}
		return rm.dropEvidence(ctx, org, e, places, actor)
	})
	if err != nil || rm.DropFile == nil || e.Blob == "" {
		return err
	}
	return rm.DropFile(ctx, org, e.Blob)
}

func (rm *Room) dropEvidence(ctx context.Context, org string, e Evidence, places []Place, actor string) error {
	if _, err := db.Exec(ctx, "DELETE FROM assess_proof WHERE evidence_id = ? AND org_id = ?", e.ID, org); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, "DELETE FROM assess_evidence WHERE id = ? AND org_id = ?", e.ID, org); err != nil {
		return err
	}
	words := evidenceWords{Name: e.Name}
	if len(places) > 0 {
		words.Pack, words.Item = places[0].Pack, places[0].Item
	}
	err := journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor, Verb: "assess.evidence_removed", Subject: e.ID}, words)
	return errors.Join(err, rm.dayOf(ctx, org, places))
}

type evidenceWords struct {
	Pack   string `json:"pack"`
	Item   string `json:"item"`
	Name   string `json:"name"`
	Places int    `json:"places,omitempty"`
	Digest string `json:"sha256,omitempty"`
}

func putEvidence(ctx context.Context, org string, at Place, e Evidence) error {
	_, err := db.Exec(ctx, `
		INSERT INTO assess_evidence (org_id, pack, item, `+evidenceColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		org, at.Pack, at.Item, e.ID, e.Kind, e.Form, e.Blob, e.URL, e.Name, e.Note, e.Digest, e.Sensitivity,
		db.Text(e.At), e.ValidUntil, e.By, e.Source, e.Ref, e.Against)
	return err
}

func putProof(ctx context.Context, org, evidence string, at Place) error {
	_, err := db.Exec(ctx, `INSERT INTO assess_proof (org_id, pack, item, evidence_id) VALUES (?, ?, ?, ?)
		ON CONFLICT (org_id, pack, item, evidence_id) DO NOTHING`, org, at.Pack, at.Item, evidence)
	return err
}

func placesOf(ctx context.Context, org, evidence string) ([]Place, error) {
	return db.Rows(ctx, func(p *Place) []any { return []any{&p.Pack, &p.Item} },
		"SELECT pack, item FROM assess_proof WHERE evidence_id = ? AND org_id = ? ORDER BY pack, item", evidence, org)
}

// evidenceNamed returns a piece of evidence of an item of a company, or a problem.
func evidenceNamed(ctx context.Context, org, pack, item, id string) (Evidence, error) {
	e, err := db.One(ctx, (*Evidence).fields, "SELECT "+evidenceColumns+` FROM assess_evidence WHERE id = ? AND org_id = ?
		AND EXISTS (SELECT 1 FROM assess_proof p WHERE p.evidence_id = assess_evidence.id AND p.pack = ? AND p.item = ?)`, id, org, pack, item)
	if errors.Is(err, db.ErrNone) {
		err = problem.NotFound()
	}
	e.Item = item
	return e, err
}

// evidenceOf returns all evidence for a pack, by item, the newest first.
func evidenceOf(ctx context.Context, org, pack string) (map[string][]Evidence, error) {
	fields := func(e *Evidence) []any { return append([]any{&e.Item}, e.fields()...) }
	all := map[string][]Evidence{}
	err := db.Each(ctx, fields, func(e Evidence) error {
		all[e.Item] = append(all[e.Item], e)
		return nil
	}, "SELECT p.item, "+evidenceColumns+` FROM assess_proof p JOIN assess_evidence e ON e.id = p.evidence_id
		WHERE p.org_id = ? AND p.pack = ? ORDER BY collected_at DESC, id`, org, pack)
	return all, err
}

// shownItems is how much of a pack has evidence that holds.
type shownItems struct {
	Items  map[string]bool // items with evidence
	Oldest time.Time       // among the newest of each item
}

// shownOf returns which items have evidence that holds, by pack; pack "" means all
// packs.
func shownOf(ctx context.Context, org, pack string, now time.Time) (map[string]shownItems, error) {
	type row struct {
		pack, item string
		at         time.Time
	}
	fields := func(r *row) []any { return []any{&r.pack, &r.item, db.At(&r.at)} }
	all := map[string]shownItems{}
	err := db.Each(ctx, fields, func(r row) error {
		s := all[r.pack]
		if s.Items == nil {
			s.Items = map[string]bool{}
		}
		s.Items[r.item] = true
		if s.Oldest.IsZero() || r.at.Before(s.Oldest) {
			s.Oldest = r.at
		}
		all[r.pack] = s
		return nil
	}, `SELECT p.pack, p.item, MAX(e.collected_at) FROM assess_proof p JOIN assess_evidence e ON e.id = p.evidence_id
		WHERE p.org_id = ? AND (p.pack = ? OR ? = '') AND NOT e.against AND (e.valid_until IS NULL OR e.valid_until > ?)
		GROUP BY p.pack, p.item`, org, pack, pack, db.Text(now))
	return all, err
}
