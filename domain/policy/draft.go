package policy

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Bounds of what a company writes.
const (
	MaxBody     = 6000 // characters of a section in one language
	MaxLines    = 200  // paragraphs of it
	maxVersions = 200
)

// answers are what a company said, by place: pack/item to choice.
type answers map[string]string

// answersFor reads the answers that a template asks about.
func (rm *Room) answersFor(ctx context.Context, org string, t *Template) (answers, error) {
	all := answers{}
	for _, pack := range t.packs() {
		if rm.Assess.Packs.ByID(pack) == nil {
			continue
		}
		given, err := rm.Assess.Answers(ctx, org, pack)
		if err != nil {
			return nil, err
		}
		for item, a := range given {
			all[pack+"/"+item] = a.Choice
		}
	}
	return all, nil
}

func (t *Template) packs() []string {
	var packs []string
	for _, s := range t.Sections {
		for _, l := range s.Lines {
			for _, place := range l.When {
				pack, _, _ := strings.Cut(place, "/")
				packs = append(packs, pack)
			}
		}
	}
	slices.Sort(packs)
	return slices.Compact(packs)
}

// say is what a line comes to: the text, what is going to be, or nothing. What
// has no answer is not so; what is not applicable is left out.
func (l Line) say(given answers) Both {
	if len(l.When) == 0 {
		return l.Text
	}
	met := false
	for _, place := range l.When {
		switch given[place] {
		case "met", assess.Done, "m4", "m5":
			met = true
		case "":
		case "not_applicable":
			return Both{}
		default:
			return l.Will
		}
	}
	if met {
		return l.Text
	}
	return l.Will
}

// write is a section as the template has it.
func (t *Template) write(s *Section, v Settings, given answers) (ja, en string) {
	var jas, ens []string
	for _, l := range s.Lines {
		b := l.say(given)
		if b.empty() || t.idle(b.JA, v) {
			continue
		}
		jas, ens = append(jas, t.fill(b.JA, i18n.JA, v)), append(ens, t.fill(b.EN, i18n.EN, v))
	}
	return strings.Join(jas, "\n"), strings.Join(ens, "\n")
}

// Start begins a document from a template, as a draft. There is one of each kind;
// when it exists already, its id comes back.
func (rm *Room) Start(ctx context.Context, org, template string) (id string, err error) {
	t, err := rm.template(template)
	if err != nil {
		return "", err
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		fresh := db.NewID()
		n, err := db.Exec(ctx, `INSERT INTO policy_document (id, org_id, template, public_id, created, created_by, published, published_by)
			VALUES (?, ?, ?, ?, ?, ?, 0, '') ON CONFLICT (org_id, template) DO NOTHING`, fresh, org, template, rm.publicID(fresh), rm.Now(), actor(ctx))
		if err != nil {
			return err
		}
		if n == 0 {
			id, err = db.Value[string](ctx, "SELECT id FROM policy_document WHERE org_id = ? AND template = ?", org, template)
			return err
		}
		id = fresh
		c, err := rm.Company(ctx, org)
		if err != nil {
			return err
		}
		return rm.begin(ctx, org, t, Document{ID: id}, 1, t.defaults(c, rm.Now()), nil)
	})
	return id, err
}

// publicID is the end of a public address: short enough to type, too long to guess.
func (rm *Room) publicID(id string) string {
	sum := sha256.Sum256([]byte(rm.Derive("policy.public", id)))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// begin writes a draft; kept are sections edited by hand in an earlier version.
func (rm *Room) begin(ctx context.Context, org string, t *Template, d Document, number int, v Settings, kept []Chapter) error {
	version := Version{ID: db.NewID(), Document: d.ID, Number: number, Edition: t.Edition, State: Draft, Settings: v, Created: rm.Now(), createdBy: actor(ctx)}
	if err := putVersion(ctx, org, version); err != nil {
		return err
	}
	if err := rm.writeSections(ctx, org, t, version, kept); err != nil {
		return err
	}
	return rm.note(ctx, org, "drafted", d.ID, false, map[string]any{"version": number, "template": t.ID})
}

// writeSections writes every section that nobody wrote by hand.
func (rm *Room) writeSections(ctx context.Context, org string, t *Template, v Version, kept []Chapter) error {
	given, err := rm.answersFor(ctx, org, t)
	if err != nil {
		return err
	}
	for i := range t.Sections {
		s := &t.Sections[i]
		c := Chapter{ID: s.ID, TitleJA: s.Title.JA, TitleEN: s.Title.EN, version: v.ID, place: i + 1}
		at := slices.IndexFunc(kept, func(k Chapter) bool { return k.ID == s.ID && k.Edited })
		if at >= 0 {
			c.JA, c.EN, c.Edited = kept[at].JA, kept[at].EN, true
		} else {
			c.JA, c.EN = t.write(s, v.Settings, given)
		}
		if err := putChapter(ctx, org, c); err != nil {
			return err
		}
	}
	return nil
}

// draft is the document, its template and its draft.
func (rm *Room) draft(ctx context.Context, org, id string) (*Template, Document, Version, error) {
	d, err := documentOf(ctx, org, id)
	if err != nil {
		return nil, d, Version{}, err
	}
	t, err := rm.template(d.Template)
	if err != nil {
		return nil, d, Version{}, err
	}
	v, err := versionIn(ctx, org, id, Draft)
	return t, d, v, err
}

// Next begins the next version as a copy of the last one: what was edited by hand
// stays, the rest is written anew from settings and answers. A draft that is
// already there stays as it is.
func (rm *Room) Next(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		t, d, _, err := rm.draft(ctx, org, id)
		if err == nil || t == nil || !problem.Is(err, "not-found") {
			return err
		}
		all, err := versionsOf(ctx, org, id)
		if err != nil {
			return err
		}
		if len(all) == 0 || len(all) >= maxVersions {
			return problem.New(http.StatusConflict, "policy-versions", "n", maxVersions)
		}
		kept, err := chaptersOf(ctx, org, all[0].ID)
		if err != nil {
			return err
		}
		c, err := rm.Company(ctx, org)
		if err != nil {
			return err
		}
		values := t.defaults(c, rm.Now())
		for _, s := range t.Settings {
			if old, ok := all[0].Settings[s.ID]; ok && s.fault(old) == "" && s.ID != enacted {
				values[s.ID] = old
			}
			if en, ok := all[0].Settings[s.english()]; ok {
				values[s.english()] = en
			}
		}
		return rm.begin(ctx, org, t, d, all[0].Number+1, values, kept)
	})
}

// Rewrite writes the draft anew from the template, settings and answers of now.
// With all it takes the place of what was edited by hand too.
func (rm *Room) Rewrite(ctx context.Context, org, id string, all bool) error {
	return rm.change(ctx, org, id, "rewritten", func(ctx context.Context, t *Template, v *Version) error {
		var kept []Chapter
		if !all {
			var err error
			if kept, err = chaptersOf(ctx, org, v.ID); err != nil {
				return err
			}
		}
		return rm.writeSections(ctx, org, t, *v, kept)
	})
}

// Set changes settings of the draft; sections that nobody edited follow.
func (rm *Room) Set(ctx context.Context, org, id string, form map[string]string) error {
	return rm.change(ctx, org, id, "set", func(ctx context.Context, t *Template, v *Version) error {
		next, err := t.typed(v.Settings, form)
		if err != nil {
			return err
		}
		v.Settings = next
		kept, err := chaptersOf(ctx, org, v.ID)
		if err != nil {
			return err
		}
		return rm.writeSections(ctx, org, t, *v, kept)
	})
}

// Words are what somebody writes into a section.
type Words struct {
	Revision int
	JA, EN   string
	Anew     bool // write it from the template again
}

// Edit changes a section of the draft. When somebody changed the draft since
// Revision, nothing is saved and the problem is "policy-conflict".
func (rm *Room) Edit(ctx context.Context, org, id, section string, w Words) error {
	w.JA, w.EN = tidy(w.JA), tidy(w.EN)
	var bad problem.Invalid
	for name, s := range map[string]string{"ja": w.JA, "en": w.EN} {
		if code, n := bodyFault(s); code != "" {
			bad.Add(name, code, "n", n)
		}
	}
	bad.Check(w.JA != "" || w.EN == "", "ja", "policy-japanese")
	if err := bad.Or(); err != nil {
		return err
	}
	return rm.change(ctx, org, id, "edited", func(ctx context.Context, t *Template, v *Version) error {
		if w.Revision != v.Revision {
			return problem.New(http.StatusConflict, "policy-conflict")
		}
		c, err := chapterOf(ctx, org, v.ID, section)
		if err != nil {
			return err
		}
		c.JA, c.EN, c.Edited = w.JA, w.EN, true
		if s := t.section(section); w.Anew && s != nil {
			given, err := rm.answersFor(ctx, org, t)
			if err != nil {
				return err
			}
			c.JA, c.EN = t.write(s, v.Settings, given)
			c.Edited = false
		}
		return putChapter(ctx, org, c)
	})
}

// bodyFault is the code of what is wrong with a section, and the bound it passes.
// keys: field.policy-*
func bodyFault(s string) (code string, bound int) {
	switch {
	case utf8.RuneCountInString(s) > MaxBody:
		return "policy-body", MaxBody
	case strings.Count(s, "\n") >= MaxLines:
		return "policy-lines", MaxLines
	case strings.ContainsFunc(s, unseen):
		return "policy-signs", 0
	}
	return "", 0
}

// change does something to the draft, counts it and notes it.
func (rm *Room) change(ctx context.Context, org, id, verb string, do func(context.Context, *Template, *Version) error) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		t, _, v, err := rm.draft(ctx, org, id)
		if err != nil {
			return err
		}
		if err := do(ctx, t, &v); err != nil {
			return err
		}
		settings, err := json.Marshal(v.Settings)
		if err != nil {
			return err
		}
		v.settings = string(settings)
		if err := touch(ctx, org, v, actor(ctx), rm.Now()); err != nil {
			return err
		}
		return rm.note(ctx, org, verb, id, false, map[string]any{"version": v.Number})
	})
}

// tidy makes one paragraph of each line and drops what is around it.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "　").Replace(s)
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// enacted is the setting that holds the day from which a version holds.
const enacted = "enacted"
