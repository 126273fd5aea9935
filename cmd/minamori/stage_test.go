package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// stage is the whole house over a demo, without listeners, with a clock that a
// test moves and a log that it reads.
type stage struct {
	*House
	t     *testing.T
	log   *logged
	clock *time.Time
	cast  map[string]string // account by role in company a; "operator"
	a, b  string            // two companies
	ownB  string            // the owner of b
	ids   map[string]string // what stands in paths, of company a
}

type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// onStage runs a test over a demo house on each database.
func onStage(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, newStage(t, Store{})) })
	t.Run("postgres", func(t *testing.T) {
		// The fill ends before a copy is made; newStage takes its people and its clock.
		target := dbtest.PostgresFilled(t, func(target string) error { return filledPostgres.fill(t, Store{DatabaseURL: target}) })
		f(t, newStage(t, Store{DatabaseURL: target}))
	})
}

func newStage(t *testing.T, store Store) *stage {
	t.Helper()
	store.Data, store.LogLevel = filepath.Join(t.TempDir(), "data"), "debug"
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Now().UTC()
	s := &stage{t: t, log: &logged{}, clock: &clock, cast: map[string]string{}}
	c := &console{ctx: context.Background(), out: io.Discard, err: s.log, texts: texts, now: func() time.Time { return *s.clock }}
	people, err := s.people(c, store)
	if err != nil {
		t.Fatal(err)
	}
	s.House, err = build(c, store, Web{MailFrom: "minamori@localhost"}, "http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	s.a, s.b, s.ownB = people[1].Org, people[len(people)-1].Org, people[len(people)-1].Account
	for _, p := range people[:6] {
		s.cast[p.Role] = p.Account
	}
	s.fixtures()
	return s
}

// demoFill is a demo that was made once for all tests of this process, and the
// moment at which it was: filling it anew would be most of what these tests take.
type demoFill struct {
	folder string
	people []demoPerson
	at     time.Time
}

var filledFile, filledPostgres demoFill

// fill makes the demo; the database is that of the store, or a file in the folder.
func (d *demoFill) fill(t *testing.T, store Store) error {
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		return err
	}
	if d.folder, err = os.MkdirTemp("", "minamori-stage-"); err != nil {
		return err
	}
	store.Data, store.LogLevel = filepath.Join(d.folder, "data"), "debug"
	d.at = time.Now().UTC()
	c := &console{ctx: context.Background(), out: io.Discard, err: io.Discard, texts: texts, now: func() time.Time { return d.at }}
	d.people, err = fillDemo(c, store, 12)
	return err
}

// people gives the stage a copy of the demo. A database that is not a copy of it is
// filled.
func (s *stage) people(c *console, store Store) ([]demoPerson, error) {
	d := &filledPostgres
	switch {
	case store.DatabaseURL == "":
		d = &filledFile
		if d.folder == "" {
			if err := d.fill(s.t, Store{}); err != nil {
				return nil, err
			}
		}
	case !strings.Contains(store.DatabaseURL, "/t_"):
		return fillDemo(c, store, 12)
	}
	*s.clock = d.at
	return slices.Clone(d.people), copyFolder(filepath.Join(d.folder, "data"), store.Data)
}

// copyFolder copies a data folder; its files are for their owner alone.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		b, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(target, b, 0o600))
	})
}

// asked is a request before it is sent.
type asked struct {
	session, token string
	method, path   string
	kind, body     string
	lang           i18n.Lang
	cookies        []*http.Cookie
}

func (s *stage) do(a asked) *httptest.ResponseRecorder {
	req := httptest.NewRequest(a.method, "http://localhost"+a.path, strings.NewReader(a.body))
	req.RemoteAddr = "127.0.0.1:1"
	if a.kind != "" {
		req.Header.Set("Content-Type", a.kind)
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.session != "" {
		req.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: a.session})
	}
	if a.lang != "" {
		req.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: string(a.lang)})
	}
	for _, c := range a.cookies {
		req.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, req)
	return w
}

// login starts a session; it has just been proved who it is.
func (s *stage) login(account string) string {
	s.t.Helper()
	g, err := s.Accounts.StartSession(context.Background(), account, false)
	if err != nil {
		s.t.Fatal(err)
	}
	return g.Token
}

// send posts JSON as somebody and must succeed.
func (s *stage) send(session, path string, body any) map[string]any {
	s.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	w := s.do(asked{session: session, method: http.MethodPost, path: "/api/v1" + path, kind: "application/json", body: string(b)})
	if w.Code != http.StatusOK {
		s.t.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
	}
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// upload posts a form with a file as somebody.
func (s *stage) upload(session, path, field, name string, fields map[string]string) *httptest.ResponseRecorder {
	s.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for k, v := range fields {
		_ = form.WriteField(k, v)
	}
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = part.Write([]byte("%PDF-1.4\n%%EOF\n"))
	_ = form.Close()
	return s.do(asked{session: session, method: http.MethodPost, path: path, kind: form.FormDataContentType(), body: b.String()})
}

const pack25 = "self-diagnosis-25"

// fixtures gives company a one of everything that a path can name.
func (s *stage) fixtures() {
	s.t.Helper()
	owner := s.login(s.cast["owner"])
	org := "/orgs/" + s.a
	item := org + "/frameworks/" + pack25 + "/items/11"
	s.send(owner, org+"/sites", map[string]any{"name": "倉庫（架空）", "country": "JP", "prefecture": "21"})
	s.send(owner, org+"/relations", map[string]any{"kind": "parent", "name": "れいだい株式会社"})
	s.send(owner, org+"/circles", map[string]any{"kind": "region", "name": "となり町グループ（架空）"})
	invited := s.send(owner, org+"/invitations", map[string]any{"email": "invited@example.jp", "role": "member"})
	s.send(owner, org+"/tokens", map[string]any{"label": "表計算", "role": "viewer", "days": 30})
	if w := s.upload(owner, item+"/evidence", "evidence", "evidence.pdf", nil); w.Code != http.StatusSeeOther {
		s.t.Fatalf("evidence: %d %s", w.Code, w.Body)
	}
	sheet := s.send(owner, org+"/papers", map[string]any{"act": "org.owner-invitation", "input": []string{"second@example.jp"}})
	signed := s.send(owner, org+"/papers", map[string]any{"act": "org.owner-invitation", "input": []string{"third@example.jp"}})
	paper := map[string]string{"signer": "代表 001（架空）", "signed_on": s.clock.In(i18n.Tokyo).Format(time.DateOnly)}
	if w := s.upload(owner, org+"/papers/"+signed["id"].(string)+"/signed", "file", "signed.pdf", paper); w.Code != http.StatusSeeOther {
		s.t.Fatalf("paper: %d %s", w.Code, w.Body)
	}
	call := s.send(owner, org+"/helpers/support", map[string]any{"parts": []string{"profile", "answers", "files"}, "hours": 24, "reason": "表示がおかしいです。"})
	hook := s.send(owner, org+"/webhooks", map[string]any{"url": "https://hook.example.jp/", "verbs": []string{"org.edited"}})
	contested := s.contested()
	circle := s.value("SELECT MAX(id) FROM org_circle WHERE name = ?", "となり町グループ（架空）")
	added := s.send(owner, org+"/circles/"+circle+"/desk/cases", map[string]any{"name": "みほん名簿（架空）", "email": "case@example.jp"})
	s.send(owner, added["next"].(string)+"/letter", map[string]any{})
	s.send(owner, added["next"].(string)+"/open", map[string]any{})
	s.ids = map[string]string{
		"{case}":     s.value("SELECT MAX(id) FROM desk_case WHERE org_id = ?", s.a),
		"{import}":   s.memberImport(circle),
		"{provider}": "nobody",
		"{recovery}": s.value("SELECT MAX(id) FROM recovery_case"),
		"successor":  s.value("SELECT MAX(account) FROM recovery_case"),
		"{webhook}":  hook["id"].(string),
		"{proof}":    s.value("SELECT MAX(id) FROM binding_proof WHERE org_id = ? AND ended_at IS NULL", s.a),
		"{body}":     s.value("SELECT MAX(id) FROM binding_body WHERE ended_at IS NULL"),
		"{dispute}":  contested,
		"{paper}":    s.value("SELECT MAX(p.id) FROM binding_paper p"),
		"support":    call["id"].(string),
		"{grant}":    s.value("SELECT MAX(id) FROM helper_grant WHERE kind = 'helper' AND org_id = ?", s.a),
		"{advice}":   s.value("SELECT MAX(id) FROM helper_advice WHERE org_id = ?", s.a),
		"signed":     signed["id"].(string),
		"{sheet}":    sheet["id"].(string),
		"{org}":      s.a, "{pack}": pack25, "{item}": "11", "{closing}": "nobody", "{account}": s.cast["member"],
		"{circle}":     s.value("SELECT MAX(id) FROM org_circle WHERE name = ?", "となり町グループ（架空）"),
		"{site}":       s.value("SELECT MAX(id) FROM org_site WHERE org_id = ?", s.a),
		"{relation}":   s.value("SELECT MAX(id) FROM org_relation WHERE org_id = ?", s.a),
		"{invitation}": invited["id"].(string), "{$}": "",
		"{evidence}": s.value("SELECT MAX(id) FROM assess_evidence WHERE org_id = ? AND kind = 'file'", s.a),
		"evidence":   s.value("SELECT MAX(id) FROM assess_evidence WHERE org_id = ? AND kind = 'file'", s.a),
		"tokens":     s.value("SELECT MAX(id) FROM auth_token WHERE org_id = ?", s.a),
	}
	for _, room := range []func(string) map[string]string{
		s.policyFixtures, s.recordFixtures, s.starFixtures, s.reviewFixtures, s.exchangeFixtures, s.planFixtures, s.boardFixtures, s.mappingFixtures,
	} {
		maps.Copy(s.ids, room(owner))
	}
}

// contested is the dispute of the demo, in which the holder has handed in a paper.
func (s *stage) contested() string {
	s.t.Helper()
	id := s.value("SELECT MAX(id) FROM binding_dispute WHERE decided_at IS NULL")
	holder := s.value("SELECT MIN(org_id) FROM binding_side WHERE dispute_id = ? AND words <> ''", id)
	owner := s.login(s.value("SELECT MIN(account_id) FROM org_member WHERE org_id = ? AND role = 'owner'", holder))
	w := s.upload(owner, "/orgs/"+holder+"/binding/case", "paper", "touki.pdf", map[string]string{"words": "登記の写しです。"})
	if w.Code != http.StatusSeeOther {
		s.t.Fatalf("paper: %d %s", w.Code, w.Body)
	}
	return id
}

// memberImport is a list of members on its way into a circle of company a.
func (s *stage) memberImport(circle string) string {
	s.t.Helper()
	err := s.DB.Write(context.Background(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, `
			INSERT INTO desk_import (id, org_id, circle_id, made_by, created, file, guess, cells, state, doubtful, job_id, total, done, added, changed, missing, report)
			VALUES ('import-a', ?, ?, ?, ?, '', '', '', 'waiting', FALSE, 0, 0, 0, 0, 0, 0, '')`, s.a, circle, s.cast["member"], *s.clock)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return "import-a"
}

func (s *stage) value(query string, args ...any) (v string) {
	s.t.Helper()
	err := s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		v, err = db.Value[string](ctx, query, args...)
		return err
	})
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return v
}

// path fills a pattern with what company a has, in the name of org.
func (s *stage) path(r web.Route, org string) string {
	var parts []string
	for part := range strings.SplitSeq(r.Path, "/") {
		switch {
		case part == "{grant}" && slices.Contains(parts, "operator"):
			part = s.ids["support"]
		case part == "{recovery}" && !slices.Contains(parts, "operator"):
			part = "nobody" // a case is seen by whom it concerns
		case part == "{org}":
			part = org
		case part == "{id}" && slices.Contains(parts, "evidence"):
			part = s.ids["evidence"]
		case part == "{id}" && slices.Contains(parts, "tokens"):
			part = s.ids["tokens"]
		case part == "{sheet}" && r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/signed"):
			part = s.ids["signed"]
		case part == "{id}":
			part = "nobody"
		case strings.HasPrefix(part, "{"):
			filled, ok := s.ids[part]
			if !ok {
				s.t.Fatalf("%s: the stage knows no %s; give company a one", r.Path, part)
			}
			part = filled
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "/")
}

// faces are the requests of a route: its page and, where it has one, its JSON.
func (s *stage) faces(r web.Route, org string) []asked {
	path := s.path(r, org)
	page := asked{method: r.Method, path: path}
	api := asked{method: r.Method, path: "/api/v1" + path}
	if r.Method == http.MethodPost {
		page.kind, api.kind, api.body = "application/x-www-form-urlencoded", "application/json", "{}"
	}
	if r.PageOnly {
		return []asked{page}
	}
	return []asked{page, api}
}

// tables lists all tables of the database.
func (s *stage) tables() (names []string) {
	s.t.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
	if s.DB.Dialect == db.Postgres {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name"
	}
	err := s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		names, err = db.Rows(ctx, func(n *string) []any { return []any{n} }, query)
		return err
	})
	if err != nil || len(names) < 20 {
		s.t.Fatalf("%d tables: %v", len(names), err)
	}
	return names
}

// dump is the content of a table, row by row, as text.
func (s *stage) dump(table string) string {
	s.t.Helper()
	columns := "*"
	if table == "auth_session" {
		columns = "hash, id, account, expires, stepped_up" // last_seen says that somebody looked
	}
	rows, err := s.DB.Pool().Query("SELECT " + columns + " FROM " + table)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		row := make([]any, len(names))
		for i := range row {
			row[i] = new(any)
		}
		if err := rows.Scan(row...); err != nil {
			s.t.Fatal(err)
		}
		var line strings.Builder
		for i := range row {
			v := *row[i].(*any)
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			fmt.Fprintf(&line, "%s=%v ", names[i], v)
		}
		lines = append(lines, line.String())
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// digest is all that the database holds, but for the queue.
func (s *stage) digest() map[string]string {
	s.t.Helper()
	all := map[string]string{}
	for _, table := range s.tables() {
		if strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "job_") {
			continue
		}
		all[table] = fmt.Sprintf("%x", sha256.Sum256([]byte(s.dump(table))))
	}
	return all
}
