package review

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Limits of what a company makes.
const (
	maxSnapshots = 200 // a page lists them all; one a week for four years
	maxScope     = 500
)

// Facts are what a snapshot says without anybody's name or words.
type Facts struct {
	Pack    PackFacts    `json:"framework"`
	Company CompanyFacts `json:"company"`
	Scope   string       `json:"scope"` // what is covered, as whoever froze it says
	By      string       `json:"frozen_by"`
	Tally   assess.Tally `json:"tally"`
	Items   []ItemFacts  `json:"items"`
}

// PackFacts is which edition was answered.
type PackFacts struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Edition  string `json:"edition"`
	Verified bool   `json:"verified"`
}

// CompanyFacts is whose snapshot it is. The own name of a sole proprietor is a
// piece.
type CompanyFacts struct {
	Name   string `json:"name"`
	Number string `json:"number"`
	Piece  string `json:"name_piece,omitempty"`
}

// ItemFacts is one item as it stood. By and Words are names of pieces.
type ItemFacts struct {
	Item         string          `json:"item"`
	Sign         string          `json:"number"`
	Requirement  string          `json:"requirement"`
	Title        string          `json:"title"`
	Question     string          `json:"question"`
	State        assess.State    `json:"state"`
	Choice       string          `json:"answer"`
	At           string          `json:"answered_at"`
	By           string          `json:"answered_by"`
	Source       string          `json:"source"`
	Channel      string          `json:"on_behalf"`
	Contradicted bool            `json:"contradicted"`
	Supported    bool            `json:"supported_only"`
	Words        string          `json:"words"`
	Secrets      string          `json:"secret_words"`
	Evidence     []EvidenceFacts `json:"evidence"`
}

// EvidenceFacts is a piece of evidence as it was; its name and note stand in the
// words of its item.
type EvidenceFacts struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	Form       string `json:"form"`
	Digest     string `json:"sha256"`
	Collected  string `json:"collected_at"`
	ValidUntil string `json:"valid_until"`
	Source     string `json:"source"`
	Against    bool   `json:"against"`
	Secret     bool   `json:"secret"`
}

// ItemWords is what people wrote about an item. That of secret evidence is a
// piece of its own, since fewer may see it.
type ItemWords struct {
	Memo      string                   `json:"memo,omitempty"`
	Reason    string                   `json:"reason,omitempty"`
	Scope     string                   `json:"scope,omitempty"`
	Exception string                   `json:"exception,omitempty"`
	Source    string                   `json:"source,omitempty"`
	Told      string                   `json:"words_of,omitempty"`
	Evidence  map[string]EvidenceWords `json:"evidence,omitempty"`
}

// EvidenceWords is what a piece of evidence is called.
type EvidenceWords struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Freeze makes a snapshot of where a company stands in a pack now.
// keys: problem.review-nothing.title, problem.review-nothing.hint, problem.review-preview.title,
// problem.review-preview.hint, problem.review-many.title, problem.review-many.hint
func (rm *Room) Freeze(ctx context.Context, company, pack, scope, by string) (r Record, err error) {
	var v problem.Invalid
	scope = text(&v, "scope", scope, maxScope, true)
	if err := v.Or(); err != nil {
		return r, err
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		stand, err := rm.Assess.Standing(ctx, company, pack)
		if err != nil {
			return err
		}
		if stand.Pack.Preview {
			return problem.New(http.StatusConflict, "review-preview")
		}
		if stand.Tally.Answered() == 0 {
			return problem.New(http.StatusConflict, "review-nothing")
		}
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM review_record WHERE org_id = ? AND kind = ?", company, Snapshot)
		if err != nil {
			return err
		}
		if n >= maxSnapshots {
			return problem.New(http.StatusConflict, "review-many", "n", maxSnapshots)
		}
		r = Record{Org: company, Kind: Snapshot, Pack: pack, By: by}
		facts, pieces, err := rm.facts(ctx, company, stand, scope, by)
		if err != nil {
			return err
		}
		if err := rm.seal(ctx, &r, facts, pieces); err != nil {
			return err
		}
		return rm.note(ctx, company, "review.frozen", r.ID, words{Number: r.Number, Digest: r.Digest})
	})
	return r, err
}

// facts takes a standing apart into what is known and what people wrote.
func (rm *Room) facts(ctx context.Context, company string, s assess.Standing, scope, by string) (Facts, []Piece, error) {
	o, err := rm.Organisation(ctx, company)
	if err != nil {
		return Facts{}, nil, err
	}
	people := &cast{place: map[string]string{}}
	p := s.Pack
	f := Facts{
		Pack:  PackFacts{p.ID, i18n.Plain(p.Title.JA), p.Edition, p.Verified},
		Scope: scope, Tally: s.Tally, Company: CompanyFacts{Name: o.OpenName(), Number: o.Number()}, By: people.name(by),
	}
	var pieces []Piece
	if o.Kind == org.KindSoleProprietor {
		f.Company.Piece = "company"
		pieces = append(pieces, Piece{Name: "company", Words: o.Name})
	}
	for _, it := range s.Items {
		x, more := frozen(it, people)
		f.Items = append(f.Items, x)
		pieces = append(pieces, more...)
	}
	names, err := rm.Accounts(ctx, people.accounts)
	for i, account := range people.accounts {
		pieces = append(pieces, Piece{Name: "person." + strconv.Itoa(i+1), Account: account, Words: names[account].Name})
	}
	return f, pieces, err
}

// cast numbers the people of a snapshot, so that a name stands in it once.
type cast struct {
	accounts []string
	place    map[string]string
}

func (c *cast) name(account string) string {
	if account == "" {
		return ""
	}
	if c.place[account] == "" {
		c.accounts = append(c.accounts, account)
		c.place[account] = "person." + strconv.Itoa(len(c.accounts))
	}
	return c.place[account]
}

func frozen(it assess.ItemStand, people *cast) (ItemFacts, []Piece) {
	a := it.Answer
	x := ItemFacts{
		Item: it.Item.ID, Sign: it.Item.Sign(), Requirement: it.Item.Requirement,
		Title: i18n.Plain(it.Item.Title.JA), Question: i18n.Plain(it.Item.Question.JA),
		State: it.State, Choice: a.Choice, At: stored(a.At), By: people.name(a.By), Source: a.Source, Channel: a.Behalf.Channel,
		Contradicted: it.Contradicted, Supported: it.Supported, Evidence: []EvidenceFacts{},
	}
	open := ItemWords{Memo: a.Memo, Reason: a.Reason, Scope: a.Scope, Exception: a.Exception, Source: a.SourceNote, Told: a.Behalf.Words}
	var secret ItemWords
	for _, e := range it.Proofs {
		f := EvidenceFacts{
			ID: e.ID, Kind: e.Kind, Form: e.Form, Digest: e.Digest, Collected: stored(e.At), ValidUntil: stored(e.ValidUntil),
			Source: e.Source, Against: e.Against, Secret: e.Sensitivity == assess.Secret,
		}
		to := &open
		if f.Secret {
			to = &secret
		}
		if to.Evidence == nil {
			to.Evidence = map[string]EvidenceWords{}
		}
		to.Evidence[e.ID] = EvidenceWords{e.Name, e.Note, e.URL}
		x.Evidence = append(x.Evidence, f)
	}
	var pieces []Piece
	if p, ok := open.piece("item." + x.Item); ok {
		x.Words, pieces = p.Name, append(pieces, p)
	}
	if p, ok := secret.piece("secret." + x.Item); ok {
		x.Secrets, pieces = p.Name, append(pieces, p)
	}
	return x, pieces
}

func (w ItemWords) piece(name string) (Piece, bool) {
	raw, _ := json.Marshal(w) // strings have no way to fail
	return Piece{Name: name, Words: string(raw)}, string(raw) != "{}"
}

func stored(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return db.Text(t)
}

// moment reads what stored wrote.
func moment(s string) (t time.Time) {
	_ = db.At(&t).Scan(s) // "" and what is damaged are no time
	return t
}

// wordsOf is what was written about an item, empty when it was erased.
func (r *Record) wordsOf(piece string) (w ItemWords) {
	if s := r.said(piece); s != "" {
		_ = json.Unmarshal([]byte(s), &w) // proven by its digest before
	}
	return w
}

// snapshot returns a snapshot of a company with its facts.
func (rm *Room) snapshot(ctx context.Context, company, id string) (r Record, f Facts, err error) {
	r, err = recordOf(ctx, company, Snapshot, id)
	if err == nil {
		r.read(&f)
	}
	return r, f, err
}

// sound is snapshot for who would build on it.
func (rm *Room) sound(ctx context.Context, company, id string) (r Record, f Facts, err error) {
	if r, f, err = rm.snapshot(ctx, company, id); err != nil {
		return r, f, err
	}
	switch {
	case r.Damaged:
		err = damaged()
	case !r.Withdrawn.IsZero():
		err = over("review-withdrawn", r.Number)
	}
	return r, f, err
}

// over says that what somebody would use has ended.
// keys: problem.review-withdrawn.title, problem.review-withdrawn.hint
func over(code string, number int) error {
	return problem.New(http.StatusConflict, code, "number", number)
}

// WithdrawSnapshot takes a snapshot back: nobody can confirm it or swear by it any
// more, and who looks at it now does so no longer. What was recorded stays.
func (rm *Room) WithdrawSnapshot(ctx context.Context, company, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := recordOf(ctx, company, Snapshot, id)
		if err != nil || !r.Withdrawn.IsZero() {
			return err
		}
		return rm.withdrawAll(ctx, r)
	})
}

func (rm *Room) withdrawAll(ctx context.Context, r Record) error {
	if err := rm.withdraw(ctx, r, "withdrawn", "review.snapshot-withdrawn"); err != nil {
		return err
	}
	if err := rm.endSeats(ctx, "withdrawn", "org_id = ? AND snapshot_id = ?", r.Org, r.ID); err != nil {
		return err
	}
	all, err := recordsOf(ctx, r.Org, r.ID, Confirmation)
	for _, c := range all {
		if err == nil && c.Withdrawn.IsZero() {
			err = rm.withdrawConfirmation(ctx, c, "snapshot")
		}
	}
	return err
}

// text takes what somebody wrote, each line screened as a name is: pages show it
// as it stands and make no link of it.
// keys: field.review-text-empty, field.review-text-long
func text(v *problem.Invalid, field, s string, most int, mayBeEmpty bool) string {
	var lines []string
	for line := range strings.Lines(s) {
		clean, flaw := screenLong(strings.TrimRight(line, "\r\n"))
		switch {
		case flaw != nil && flaw.Code == "name-empty":
			continue
		case flaw != nil:
			v.Add(field, flaw.Code, flaw.Args...)
			return s
		}
		lines = append(lines, clean)
	}
	clean := strings.Join(lines, "\n")
	if clean == "" && !mayBeEmpty {
		v.Add(field, "review-text-empty")
	}
	if utf8.RuneCountInString(clean) > most {
		v.Add(field, "review-text-long", "n", most)
	}
	return clean
}

// screenLong is org.Screen for a line that may be longer than a name.
func screenLong(s string) (string, *org.Flaw) {
	var clean strings.Builder
	for part := range slices.Chunk([]rune(s), org.NameLimit) {
		c, flaw := org.Screen(string(part))
		if flaw != nil && flaw.Code != "name-empty" {
			return "", flaw
		}
		if flaw == nil {
			clean.WriteString(c)
		}
	}
	if clean.Len() == 0 {
		return "", &org.Flaw{Code: "name-empty"}
	}
	return clean.String(), nil
}

// name takes a name, which may be left empty where mayBeEmpty says so.
func name(v *problem.Invalid, field, s string, mayBeEmpty bool) string {
	clean, flaw := org.Screen(s)
	if flaw != nil && !(mayBeEmpty && flaw.Code == "name-empty") {
		v.Add(field, flaw.Code, flaw.Args...)
	}
	return clean
}
