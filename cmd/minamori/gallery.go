package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/minamori-project/minamori/domain/account"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

type galleryCmd struct {
	Output
	Folder string `arg:"" type:"path" help:"Folder to write into; it is made."`
}

// Run draws every part and every page, in three registers, for the eye.
func (g galleryCmd) Run(c *console) error {
	dir, err := os.MkdirTemp("", "minamori-gallery-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	store := Store{Data: filepath.Join(dir, "data"), LogLevel: "error"}
	people, err := fillDemo(c, store, 40)
	if err != nil {
		return err
	}
	h, err := build(c, store, Web{MailFrom: "minamori@localhost"}, "http://localhost")
	if err != nil {
		return err
	}
	defer h.close()
	d := &drawing{House: h, ctx: c.ctx, folder: g.Folder, people: people}
	if err := errors.Join(d.assets(), d.samples(), d.pages(), d.index()); err != nil {
		return err
	}
	return g.print(c, d.done, func(w io.Writer) { fmt.Fprintf(w, "%d pages are in %s\n", len(d.done), g.Folder) })
}

type drawing struct {
	*House
	ctx    context.Context
	folder string
	people []demoPerson
	done   []string
}

func (d *drawing) write(name string, body []byte) error {
	file := filepath.Join(d.folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	d.done = append(d.done, name)
	return os.WriteFile(file, body, 0o644)
}

func (d *drawing) assets() error {
	return fs.WalkDir(ui.AssetFS, "assets", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := ui.AssetFS.ReadFile(path)
		if err != nil {
			return err
		}
		file := filepath.Join(d.folder, strings.TrimPrefix(ui.Asset(filepath.Base(path)), "/"))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, body, 0o644)
	})
}

// local makes the addresses of assets work from a file.
func local(page []byte) []byte {
	return bytes.ReplaceAll(page, []byte(`"/assets/`), []byte(`"../assets/`))
}

func (d *drawing) samples() error {
	for _, l := range i18n.Langs {
		ctx := ui.WithFrame(i18n.Into(d.ctx, d.texts.In(l)), ui.Frame{Path: "/", SignedIn: true, OrgName: named[0].Name, OrgURL: "/"})
		for _, s := range append(ui.Samples(), account.Samples()...) {
			var b bytes.Buffer
			if err := s.Component.Render(ctx, &b); err != nil {
				return fmt.Errorf("sample %s: %w", s.Name, err)
			}
			if err := d.write(fmt.Sprintf("%s/part-%s.html", l, fileName(s.Name)), local(b.Bytes())); err != nil {
				return err
			}
		}
	}
	return nil
}

var notInFileNames = regexp.MustCompile(`[^a-zA-Z0-9]+`)

func fileName(s string) string { return strings.Trim(notInFileNames.ReplaceAllString(s, "-"), "-") }

// pages asks for every page of the table as the owner of the first company, and
// for those of the operator as the operator.
func (d *drawing) pages() error {
	for _, r := range d.Routes {
		if r.Method != http.MethodGet || r.View == nil {
			continue
		}
		for _, l := range i18n.Langs {
			body, ok, err := d.ask(r, l)
			if err != nil {
				return err
			}
			if !ok {
				continue // leads elsewhere, or needs something that a visitor does not have
			}
			if err := d.write(fmt.Sprintf("%s/page-%s.html", l, fileName("home"+r.Path)), local(body)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *drawing) ask(r web.Route, l i18n.Lang) (body []byte, ok bool, err error) {
	who := d.people[1]
	if r.Role == web.Operator {
		who = d.people[0]
	}
	req := httptest.NewRequest(http.MethodGet, "http://localhost"+d.path(r.Path, who.Org), nil)
	req.RemoteAddr = "127.0.0.1:1" // this computer: plain http is refused beyond
	req.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: string(l)})
	if r.Role != web.Public {
		grant, err := d.Accounts.StartSession(d.ctx, who.Account, false)
		if err != nil {
			return nil, false, err
		}
		req.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: grant.Token})
	}
	w := httptest.NewRecorder()
	d.Handler.ServeHTTP(w, req)
	html := strings.HasPrefix(w.Header().Get("Content-Type"), "text/html")
	return w.Body.Bytes(), w.Code == http.StatusOK && html, nil
}

func (d *drawing) path(pattern, company string) string {
	return strings.NewReplacer(
		"{org}", company, "{pack}", "self-diagnosis-25", "{item}", "11", "{circle}", d.circle(company), "{$}", "",
	).Replace(pattern)
}

func (d *drawing) circle(id string) (first string) {
	_ = d.DB.Read(d.ctx, func(ctx context.Context) error {
		circles, err := d.Org.Circles(ctx, org.ID(id))
		if len(circles) > 0 {
			first = circles[0].ID
		}
		return err
	})
	return first
}

// index lists what was drawn.
func (d *drawing) index() error {
	var b bytes.Buffer
	b.WriteString("<!doctype html><meta charset=\"utf-8\"><title>Minamori</title><ul>\n")
	for _, name := range d.done {
		fmt.Fprintf(&b, "<li><a href=\"%s\">%s</a></li>\n", name, name)
	}
	b.WriteString("</ul>\n")
	return os.WriteFile(filepath.Join(d.folder, "index.html"), b.Bytes(), 0o644)
}
