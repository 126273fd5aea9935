package policy

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("policy", schemaFiles) }

// Document is the policy or the rule book of a company.
type Document struct {
	ID          string    `json:"id"`
	Org         string    `json:"-"`
	Template    string    `json:"template"`
	Created     time.Time `json:"created"`
	Published   int       `json:"published_version"` // 0 when it is not
	PublishedAt time.Time `json:"published_at"`

	public      string
	createdBy   string
	publishedBy string
}

const documentColumns = "d.id, d.org_id, d.template, d.public_id, d.created, d.created_by, d.published, d.published_at, d.published_by"

func (d *Document) fields() []any {
	return []any{&d.ID, &d.Org, &d.Template, &d.public, db.At(&d.Created), &d.createdBy, &d.Published, db.At(&d.PublishedAt), &d.publishedBy}
}

// The states of a version.
// keys: policy.state.*
const (
	Draft     = "draft"
	Approved  = "approved"
	Replaced  = "replaced"
	Withdrawn = "withdrawn"
)

// Version is one text of a document.
type Version struct {
	ID       string    `json:"-"`
	Document string    `json:"-"`
	Number   int       `json:"number"`
	Edition  string    `json:"edition"`
	State    string    `json:"state"`
	Settings Settings  `json:"settings"`
	Revision int       `json:"revision"`
	Created  time.Time `json:"created"`
	Changed  time.Time `json:"changed"`
	Approved time.Time `json:"approved_at"`
	Ended    time.Time `json:"ended_at"`
	Digest   string    `json:"digest"`

	settings                               string
	createdBy, changedBy, approvedBy, ends string
}

const versionColumns = `v.id, v.document_id, v.number, v.edition, v.state, v.settings, v.revision, v.created, v.created_by, v.changed, v.changed_by,
	v.approved_at, v.approved_by, v.ended_at, v.ended_by, v.digest`

func (v *Version) fields() []any {
	return []any{
		&v.ID, &v.Document, &v.Number, &v.Edition, &v.State, &v.settings, &v.Revision, db.At(&v.Created), &v.createdBy, db.At(&v.Changed), &v.changedBy,
		db.At(&v.Approved), &v.approvedBy, db.At(&v.Ended), &v.ends, &v.Digest,
	}
}

// Chapter is a section of a version. A body holds one paragraph a line.
type Chapter struct {
	ID      string `json:"id"`
	TitleJA string `json:"title_ja"`
	TitleEN string `json:"title_en"`
	JA      string `json:"ja"`
	EN      string `json:"en"`
	Edited  bool   `json:"edited"`

	version string
	place   int
}

const chapterColumns = "s.version_id, s.section, s.place, s.title_ja, s.title_en, s.ja, s.en, s.edited"

func (c *Chapter) fields() []any {
	return []any{&c.version, &c.ID, &c.place, &c.TitleJA, &c.TitleEN, &c.JA, &c.EN, &c.Edited}
}

// orNotFound answers a missing row as one that is not the caller's to see.
func orNotFound(err error) error {
	if errors.Is(err, db.ErrNone) {
		return problem.NotFound()
	}
	return err
}

func documentOf(ctx context.Context, org, id string) (Document, error) {
	d, err := db.One(ctx, (*Document).fields, "SELECT "+documentColumns+" FROM policy_document d WHERE d.org_id = ? AND d.id = ?", org, id)
	return d, orNotFound(err)
}

// versionsOf lists the versions, the newest first.
func versionsOf(ctx context.Context, org, document string) ([]Version, error) {
	all, err := db.Rows(ctx, (*Version).fields,
		"SELECT "+versionColumns+" FROM policy_version v WHERE v.org_id = ? AND v.document_id = ? ORDER BY v.number DESC LIMIT 200", org, document)
	for i := range all {
		err = errors.Join(err, all[i].read())
	}
	return all, err
}

func versionOf(ctx context.Context, org, document string, number int) (Version, error) {
	return oneVersion(ctx, "v.org_id = ? AND v.document_id = ? AND v.number = ?", org, document, number)
}

// versionIn returns the newest version in a state.
func versionIn(ctx context.Context, org, document, state string) (Version, error) {
	return oneVersion(ctx, "v.org_id = ? AND v.document_id = ? AND v.state = ? ORDER BY v.number DESC LIMIT 1", org, document, state)
}

func oneVersion(ctx context.Context, where string, args ...any) (Version, error) {
	v, err := db.One(ctx, (*Version).fields, "SELECT "+versionColumns+" FROM policy_version v WHERE "+where, args...)
	if err != nil {
		return v, orNotFound(err)
	}
	return v, v.read()
}

func (v *Version) read() error { return json.Unmarshal([]byte(v.settings), &v.Settings) }

func chaptersOf(ctx context.Context, org, version string) ([]Chapter, error) {
	return db.Rows(ctx, (*Chapter).fields, "SELECT "+chapterColumns+" FROM policy_section s WHERE s.org_id = ? AND s.version_id = ? ORDER BY s.place", org, version)
}

func chapterOf(ctx context.Context, org, version, id string) (Chapter, error) {
	c, err := db.One(ctx, (*Chapter).fields,
		"SELECT "+chapterColumns+" FROM policy_section s WHERE s.org_id = ? AND s.version_id = ? AND s.section = ?", org, version, id)
	return c, orNotFound(err)
}

func putVersion(ctx context.Context, org string, v Version) error {
	settings, err := json.Marshal(v.Settings)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `INSERT INTO policy_version (id, org_id, document_id, number, edition, state, settings, revision, created, created_by, changed, changed_by,
		approved_by, ended_by, digest) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, '', '', '')`,
		v.ID, org, v.Document, v.Number, v.Edition, v.State, string(settings), v.Created, v.createdBy, v.Created, v.createdBy)
	return err
}

func putChapter(ctx context.Context, org string, c Chapter) error {
	_, err := db.Exec(ctx, `INSERT INTO policy_section (version_id, org_id, section, place, title_ja, title_en, ja, en, edited) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (version_id, section) DO UPDATE SET title_ja = excluded.title_ja, title_en = excluded.title_en, ja = excluded.ja, en = excluded.en, edited = excluded.edited`,
		c.version, org, c.ID, c.place, c.TitleJA, c.TitleEN, c.JA, c.EN, c.Edited)
	return err
}

// touch counts a change of a draft. What is no draft any more is not found.
func touch(ctx context.Context, org string, v Version, by string, at time.Time) error {
	n, err := db.Exec(ctx, `UPDATE policy_version SET revision = revision + 1, changed = ?, changed_by = ?, settings = ? WHERE id = ? AND org_id = ? AND state = 'draft'`,
		at, by, v.settings, v.ID, org)
	if err == nil && n == 0 {
		return problem.NotFound()
	}
	return err
}
