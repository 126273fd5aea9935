package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/problem"
)

var lookSchema = []db.Schema{{Room: "look", Files: fstest.MapFS{
	"0001_look.sql": {Data: []byte("-- +goose Up\nCREATE TABLE look (what TEXT NOT NULL);\n")},
}}}

type lookIn struct {
	After string `query:"after"`
}

// lookServer has a page and a file that note who asked, unless told to refuse.
func lookServer(t *testing.T, d *db.DB, size int) http.Handler {
	t.Helper()
	note := func(ctx context.Context, in lookIn) error {
		if db.InTransaction(ctx) {
			t.Error("the note was taken inside the snapshot")
		}
		if in.After == "gone" {
			return problem.NotFound()
		}
		return d.Write(ctx, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "INSERT INTO look (what) VALUES (?)", CallerFrom(ctx).Account)
			return err
		})
	}
	greet := func(_ context.Context, in lookIn) (hello, error) {
		if in.After == "never" {
			return hello{}, problem.NotFound()
		}
		return hello{Org: "secret-canary"}, nil
	}
	file := func(context.Context, lookIn) (File, error) {
		return File{Name: "a.txt", Type: "text/plain", Write: func(w io.Writer) error {
			_, err := io.WriteString(w, "secret-canary"+strings.Repeat("x", size))
			return err
		}}, nil
	}
	_, h := New(Config{
		DB: d, Texts: texts(t), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }, Session: sampleSession,
		Problem: func(p *problem.Problem, _ string) templ.Component { return text(p.Code) },
	}, []Route{
		Get("/look", SignedIn, "Shows something.", greet, page[hello], Noted(note)),
		GetFile("/look/file", SignedIn, "Gives something.", file, Noted(note)),
	}, nil)
	return h
}

// Nothing is seen without the record of it, and nothing is recorded that was not
// seen.
func TestNotedBeforeItIsSent(t *testing.T) {
	dbtest.Each(t, lookSchema, func(t *testing.T, d *db.DB) {
		for _, size := range []int{0, 2 * fileAtOnce} { // gathered, and streamed
			h := lookServer(t, d, size)
			for _, c := range []struct {
				path  string
				code  int
				looks int
			}{
				{"/look", 200, 1}, {"/api/v1/look", 200, 1}, {"/look/file", 200, 1},
				{"/look?after=gone", 404, 0}, {"/api/v1/look?after=gone", 404, 0}, {"/look/file?after=gone", 404, 0},
				{"/look?after=never", 404, 0},
			} {
				before := looks(t, d)
				r := httptest.NewRequest(http.MethodGet, "http://localhost"+c.path, nil)
				r.AddCookie(&http.Cookie{Name: SessionCookie, Value: "yuki"})
				r.RemoteAddr = "127.0.0.1:5000"
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				shown := strings.Contains(w.Body.String(), "secret-canary")
				if got := looks(t, d) - before; w.Code != c.code || got != c.looks || shown != (c.code == 200) {
					t.Errorf("%s: status %d, %d looks, shown %v", c.path, w.Code, got, shown)
				}
			}
		}
	})
}

func looks(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	err := d.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, "SELECT COUNT(*) FROM look WHERE what = 'yuki'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOnlyReadingByKnownPeopleIsNoted(t *testing.T) {
	note := func(context.Context, none) error { return nil }
	plain := func(context.Context, none) (hello, error) { return hello{}, nil }
	for name, make := range map[string]func(){
		"a change":   func() { Post("/x", SignedIn, "Changes it.", plain, page[hello], Noted(note)) },
		"a stranger": func() { Get("/x", Public, "Shows it.", plain, page[hello], Noted(note)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s can be noted", name)
				}
			}()
			make()
		}()
	}
}
