package record_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/record"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

const pack = "scs-star3-2026"

// stage is the room behind the real web layer, with the sheets of content and a pack
// of bare titles that holds every criterion they name. A session cookie is the id of
// its account.
type stage struct {
	*record.Room
	t       *testing.T
	d       *db.DB
	org     *org.Room
	now     time.Time
	files   map[string]string
	handler http.Handler
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{journal.Schema(), org.Schema(), assess.Schema(), record.Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func book(t testing.TB) *record.Book {
	t.Helper()
	b, err := record.LoadBook(content.Ledgers(), content.Forms(), content.Duties())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// places are all criteria that the sheets name.
func places(b *record.Book) (all []string) {
	take := func(p record.Proves) {
		for _, x := range p.Places() {
			all = append(all, x.Item)
		}
	}
	for _, l := range b.Ledgers {
		take(l.Proves)
	}
	for _, f := range b.Forms {
		take(f.Proves)
	}
	for _, d := range b.Duties {
		take(d.Proves)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func packs(t testing.TB, b *record.Book) *assess.Library {
	t.Helper()
	schema, err := fs.ReadFile(content.Frameworks(), "schema.json")
	if err != nil {
		t.Fatal(err)
	}
	const trial = `{ja: ためし, easy: ためし, en: Trial}`
	var y strings.Builder
	fmt.Fprintf(&y, "id: %s\nfamily: scs-star3\nkind: criteria\ntitles_only: true\ntitle: %s\nowner: %s\nlicence: %s\nverified_note: %s\n", pack, trial, trial, trial, trial)
	fmt.Fprintf(&y, "source: {title: Trial, edition: \"1\", seen: {on: \"2026-11-23\", in: a test}}\nedition: \"1\"\nvalid_from: \"2026-03-27\"\nverified: false\nparts: [{id: \"1\", title: %s}]\nchoices:\n", trial)
	for _, c := range []string{"met", "partly", "not_met", "not_applicable", "unknown"} {
		fmt.Fprintf(&y, "  - {code: %s, label: %s}\n", c, trial)
	}
	y.WriteString("items:\n")
	for i, item := range places(b) {
		fmt.Fprintf(&y, "  - {id: %q, number: %d, part: \"1\", title: %s}\n", item, i+1, trial)
	}
	lib, err := assess.LoadPacks(fstest.MapFS{"schema.json": {Data: schema}, pack + ".yaml": {Data: []byte(y.String())}})
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func newStage(t *testing.T, d *db.DB) *stage {
	t.Helper()
	s := &stage{t: t, d: d, now: time.Date(2026, 10, 14, 3, 0, 0, 0, time.UTC), files: map[string]string{}}
	clock := func() time.Time { return s.now }
	s.org = org.New(org.Config{DB: d, Now: clock, Derive: func(purpose, id string) string { return purpose + id },
		QueueInvitation: func(context.Context, string) error { return nil },
		Accounts:        func(context.Context, []string) (map[string]org.Person, error) { return nil, nil },
	})
	people := func(_ context.Context, accounts []string) (map[string]string, error) {
		all := map[string]string{}
		for _, a := range accounts {
			all[a] = a + "さん"
		}
		return all, nil
	}
	b := book(t)
	s.Room = record.New(record.Config{
		DB: d, Now: clock, Book: b, People: people,
		Assess: assess.New(assess.Config{DB: d, Now: clock, Packs: packs(t, b), People: people}),
		Company: func(ctx context.Context, id string) (string, string, error) {
			o, err := s.org.ByID(ctx, org.ID(id))
			return o.Name, o.Number(), err
		},
		Alone: func(ctx context.Context, id string) (bool, error) {
			all, err := s.org.Members(ctx, org.ID(id), "", 2)
			return len(all) < 2, err
		},
		KeepFile: func(_ context.Context, org string, u web.Upload) (string, error) {
			r, err := u.Open()
			if err != nil {
				return "", err
			}
			defer r.Close()
			text, err := io.ReadAll(r)
			s.files[org+"/"+u.Name] = string(text)
			return u.Name, err
		},
		OpenFile: func(_ context.Context, org, blob string) (web.File, error) {
			text, ok := s.files[org+"/"+blob]
			if !ok {
				return web.File{}, problem.NotFound()
			}
			return web.File{Name: blob, Type: "application/pdf", Write: func(w io.Writer) error { _, err := io.WriteString(w, text); return err }}, nil
		},
		DropFile: func(_ context.Context, org, blob string) error { delete(s.files, org+"/"+blob); return nil },
	})
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	session := func(_ context.Context, token string) (web.Caller, error) {
		token, err := url.QueryUnescape(token) // cookies are ASCII
		return web.Caller{Account: token, Session: token, SteppedUp: s.now}, err
	}
	_, s.handler = web.New(web.Config{
		DB: d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: clock, Session: session, Member: s.org.Member,
		LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, id string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.T("problem."+p.Code+".title", p.Args...), Hint: ui.T("problem."+p.Code+".hint", p.Args...), RequestID: id})
		},
	}, s.Routes(), nil)
	return s
}

// company registers a company with owner "<name>-owner" and one person per role.
func (s *stage) company(name string, n int) string {
	s.t.Helper()
	id := s.small(name, n)
	for _, r := range []web.Role{web.Viewer, web.Member, web.Manager} {
		if err := s.org.AddMember(context.Background(), org.ID(id), name+"-"+r.String(), r); err != nil {
			s.t.Fatal(err)
		}
	}
	return id
}

// small registers a company of its owner alone.
func (s *stage) small(name string, n int) string {
	s.t.Helper()
	o, err := s.org.Create(context.Background(), name+"-owner", org.Profile{Kind: org.KindCompany, Name: "株式会社" + name, CorporateNumber: org.Fictional(n)})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(o.ID)
}

type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (s *stage) send(r *http.Request, as string) answer {
	s.t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: url.QueryEscape(as)})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if body := w.Body.String(); strings.Contains(body, "⟦") {
		s.t.Errorf("%s %s lacks a text: %.80s", r.Method, r.URL.Path, body[strings.Index(body, "⟦"):])
	}
	s.now = s.now.Add(time.Second)
	return answer{w, s.t}
}

func (s *stage) get(path, as string) answer {
	s.t.Helper()
	return s.send(httptest.NewRequest(http.MethodGet, path, nil), as)
}

func (s *stage) post(path, as string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r, as)
}

// upload posts a form with a file.
func (s *stage) upload(path, as, name string, data []byte, pairs ...string) answer {
	s.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = form.WriteField(pairs[i], pairs[i+1])
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return s.send(r, as)
}

func (a answer) want(status int, parts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Errorf("status %d, want %d: %.400s", a.Code, status, a.Body.String())
	}
	for _, p := range parts {
		if !strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page does not say %q: %s", p, text(a.Body.String()))
		}
	}
	return a
}

func (a answer) wantNot(parts ...string) answer {
	a.t.Helper()
	for _, p := range parts {
		if strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page says %q", p)
		}
	}
	return a
}

// next is the address to which an answer leads.
func (a answer) next() string {
	a.t.Helper()
	a.want(http.StatusSeeOther)
	return a.Header().Get("Location")
}

func (s *stage) value(query string, args ...any) (v string) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		v, err = db.Value[string](ctx, query, args...)
		return err
	})
	if err != nil && !errors.Is(err, db.ErrNone) {
		s.t.Fatalf("%s: %v", query, err)
	}
	return v
}

// stands is the state of a criterion met by word.
func (s *stage) stands(org, item string) assess.State {
	s.t.Helper()
	var st assess.Standing
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		st, err = s.Assess.Standing(ctx, org, pack)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, x := range st.Items {
		if x.Item.ID == item {
			return x.State
		}
	}
	s.t.Fatalf("no criterion %s", item)
	return ""
}

// met answers a criterion.
func (s *stage) met(org string, items ...string) {
	s.t.Helper()
	for _, item := range items {
		if _, err := s.Assess.Answer(context.Background(), assess.AnswerInput{Org: org, Pack: pack, Item: item, Choice: "met", Actor: "tester"}); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) sound() {
	s.t.Helper()
	if report, err := journal.Verify(context.Background(), s.d, nil, nil); err != nil || !report.OK() {
		s.t.Errorf("journal: %+v, %v", report, err)
	}
}

// text is what stands on a page between its head and its foot, without tags.
func text(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main")
	var b strings.Builder
	for part := range strings.SplitSeq(page, "<") {
		_, words, _ := strings.Cut(part, ">")
		b.WriteString(words + " ")
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// in asks for a page in a register.
func (s *stage) in(lang, path, as string) answer {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: lang})
	return s.send(r, as)
}

func (s *stage) all(query string, args ...any) (rows []string) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		rows, err = db.Rows(ctx, func(v *string) []any { return []any{v} }, query, args...)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return rows
}
