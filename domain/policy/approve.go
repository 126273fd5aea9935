package policy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// source is the name of this room at the evidence it records.
const source = "policy"

// ValidFor is how long an approval counts as evidence, in years.
const ValidFor = 1

// Sheet is a draft that an owner can approve.
type Sheet struct {
	Document, Title string
	Number          int
	Revision        int
	Digest          string // of the text as it is now
	Ready           bool
}

// Sheets lists the drafts of a company, for those who approve on paper.
func (rm *Room) Sheets(ctx context.Context, org string) ([]Sheet, error) {
	var all []Sheet
	for _, t := range rm.Templates {
		d, err := db.One(ctx, (*Document).fields, "SELECT "+documentColumns+" FROM policy_document d WHERE d.org_id = ? AND d.template = ?", org, t.ID)
		if errors.Is(err, db.ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		v, err := versionIn(ctx, org, d.ID, Draft)
		if problem.Is(err, "not-found") {
			continue
		}
		if err != nil {
			return nil, err
		}
		chapters, err := chaptersOf(ctx, org, v.ID)
		if err != nil {
			return nil, err
		}
		given, err := rm.answersFor(ctx, org, t)
		if err != nil {
			return nil, err
		}
		all = append(all, Sheet{d.ID, t.Title.JA, v.Number, v.Revision, digest(t, chapters), judge(t, v.Settings, chapters, given).Ready()})
	}
	return all, nil
}

// Approve puts the draft in force, as it was at a revision, and returns the id of
// the version. What was in force is replaced, also where it was published.
func (rm *Room) Approve(ctx context.Context, org, id string, revision int) (version string, err error) {
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		t, d, v, err := rm.draft(ctx, org, id)
		if err != nil {
			return err
		}
		if v.Revision != revision {
			return problem.New(http.StatusConflict, "policy-conflict")
		}
		chapters, err := chaptersOf(ctx, org, v.ID)
		if err != nil {
			return err
		}
		given, err := rm.answersFor(ctx, org, t)
		if err != nil {
			return err
		}
		j := judge(t, v.Settings, chapters, given)
		if err := j.refuse(t, chapters); err != nil {
			return err
		}
		v.Digest, v.Approved, version = digest(t, chapters), rm.Now(), v.ID
		if err := rm.enforce(ctx, org, d, v); err != nil {
			return err
		}
		err = rm.note(ctx, org, "approved", v.ID, false, map[string]any{"version": v.Number, "digest": v.Digest, "document": d.ID})
		return errors.Join(err, rm.record(ctx, org, t, d, v, j), rm.recordPublic(ctx, d, v))
	})
	return version, err
}

// refuse is the problem of a draft that cannot be approved yet.
func (j Judgement) refuse(t *Template, chapters []Chapter) error {
	written := false
	for _, c := range chapters {
		written = written || c.JA != ""
	}
	switch {
	case !written:
		return problem.New(http.StatusConflict, "policy-empty")
	case len(j.Missing) > 0:
		return problem.New(http.StatusConflict, "policy-missing", "what", t.setting(j.Missing[0]).Label.JA)
	case len(j.Untrue) > 0:
		return problem.New(http.StatusConflict, "policy-untrue", "what", t.section(j.Untrue[0]).Title.JA)
	}
	return nil
}

// digest is over everything that was approved.
func digest(t *Template, chapters []Chapter) string {
	h := sha256.New()
	put := func(parts ...string) {
		for _, p := range parts {
			h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
		}
	}
	put(t.ID, t.Edition, t.Title.JA, t.Title.EN)
	for _, c := range chapters {
		put(c.ID, c.TitleJA, c.TitleEN, c.JA, c.EN)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (rm *Room) enforce(ctx context.Context, org string, d Document, v Version) error {
	if _, err := db.Exec(ctx, "UPDATE policy_version SET state = 'replaced', ended_at = ?, ended_by = ? WHERE org_id = ? AND document_id = ? AND state = 'approved'",
		v.Approved, actor(ctx), org, d.ID); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, "UPDATE policy_version SET state = 'approved', approved_at = ?, approved_by = ?, digest = ? WHERE org_id = ? AND id = ?",
		v.Approved, actor(ctx), v.Digest, org, v.ID); err != nil {
		return err
	}
	_, err := db.Exec(ctx, "UPDATE policy_document SET published = ? WHERE org_id = ? AND id = ? AND published <> 0", v.Number, org, d.ID)
	return err
}

// record brings the evidence up to the version: one piece for each section that is
// a rule for something, one for the document as a whole.
func (rm *Room) record(ctx context.Context, org string, t *Template, d Document, v Version, j Judgement) error {
	one := func(ref, name string, places []string) error {
		proves := rm.known(places)
		if len(proves) == 0 {
			return rm.forget(ctx, org, ref)
		}
		_, err := rm.Assess.Record(ctx, assess.Recorded{
			Org: org, Actor: actor(ctx), Source: source, Ref: ref, Kind: assess.KindPaper, Form: assess.FormRule, Name: name,
			URL: versionPath(org, d.ID, v.Number), Digest: v.Digest, CollectedAt: v.Approved, ValidUntil: v.Approved.AddDate(ValidFor, 0, 0), Proves: proves,
		})
		return err
	}
	if err := one(t.ID, t.Title.JA, t.Proves); err != nil {
		return err
	}
	for i := range t.Sections {
		s := &t.Sections[i]
		if err := one(t.ref(s), t.Title.JA+"「"+s.Title.JA+"」", j.Proves[s.ID]); err != nil {
			return err
		}
	}
	return nil
}

func (t *Template) ref(s *Section) string { return t.ID + "/" + s.ID }

// known leaves out what no pack of this installation has.
func (rm *Room) known(places []string) []assess.Place {
	var all []assess.Place
	for _, place := range places {
		pack, item, _ := strings.Cut(place, "/")
		if p := rm.Assess.Packs.ByID(pack); p != nil && p.Item(item) != nil {
			all = append(all, assess.Place{Pack: pack, Item: item})
		}
	}
	return all
}

// forget takes a piece of evidence away; that there is none is fine.
func (rm *Room) forget(ctx context.Context, org, ref string) error {
	err := rm.Assess.Withdraw(ctx, org, source, ref, actor(ctx))
	if problem.Is(err, "not-found") {
		return nil
	}
	return err
}

// Withdraw ends what is in force: it is no evidence any more, and nobody outside
// reads it.
func (rm *Room) Withdraw(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		d, err := documentOf(ctx, org, id)
		if err != nil {
			return err
		}
		v, err := versionIn(ctx, org, id, Approved)
		if err != nil {
			return err
		}
		if err := rm.end(ctx, d, rm.Now(), actor(ctx)); err != nil {
			return err
		}
		return rm.note(ctx, org, "withdrawn", id, true, map[string]any{"version": v.Number})
	})
}

// end withdraws what was approved up to a time.
func (rm *Room) end(ctx context.Context, d Document, at time.Time, by string) error {
	if _, err := db.Exec(ctx, "UPDATE policy_version SET state = 'withdrawn', ended_at = ?, ended_by = ? WHERE org_id = ? AND document_id = ? AND state = 'approved' AND approved_at <= ?",
		at, by, d.Org, d.ID, at); err != nil {
		return err
	}
	if _, err := versionIn(ctx, d.Org, d.ID, Approved); err == nil || !problem.Is(err, "not-found") {
		return err // approved again since
	}
	if err := rm.hide(ctx, d, rm.Now()); err != nil {
		return err
	}
	t, err := rm.template(d.Template)
	if err != nil {
		return err
	}
	err = rm.forget(ctx, d.Org, t.ID)
	for i := range t.Sections {
		err = errors.Join(err, rm.forget(ctx, d.Org, t.ref(&t.Sections[i])))
	}
	return err
}

// Replay takes away again what a line of the ledger says was taken away.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		d, err := documentOf(ctx, e.Org, e.Subject)
		if problem.Is(err, "not-found") {
			return nil
		}
		if err != nil {
			return err
		}
		switch e.Verb {
		case "policy.withdrawn":
			return rm.end(ctx, d, e.At, e.Actor)
		case "policy.unpublished":
			return rm.hide(ctx, d, e.At)
		}
		return nil
	})
}
