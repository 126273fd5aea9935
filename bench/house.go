package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"

	"github.com/a-h/templ"
)

// house is the rooms that an answer passes, inside this process.
type house struct {
	db     *db.DB
	assess *assess.Room
	org    *org.Room
	keeper *auth.Keeper
	packs  *assess.Library
}

// enter opens the rooms over a database. data holds the key of the
// installation.
func enter(ctx context.Context, data, target string) (*house, error) {
	d, err := db.Open(ctx, target)
	if err != nil {
		return nil, err
	}
	schemas := []db.Schema{journal.Schema(), auth.Schema(), blob.Schema(), job.Schema(), org.Schema(), assess.Schema()}
	if _, err := d.Migrate(ctx, schemas); err != nil {
		return nil, err
	}
	h := &house{db: d}
	if h.packs, err = assess.LoadPacks(content.Frameworks()); err != nil {
		return nil, err
	}
	keys, err := auth.LoadKeys(filepath.Join(data, "installation.key"))
	if err != nil {
		return nil, err
	}
	h.keeper, err = auth.New(d, auth.Config{Keys: keys, Now: time.Now, Host: "localhost", Origin: "http://localhost:8080"})
	if err != nil {
		return nil, err
	}
	h.org = org.New(org.Config{DB: d, Now: time.Now, Derive: h.keeper.Derive})
	h.assess = assess.New(assess.Config{DB: d, Now: time.Now, Packs: h.packs, Organisation: h.profile, People: h.names})
	return h, nil
}

func (h *house) close() { _ = h.db.Close() }

// pack is the diagnosis that holds today.
func (h *house) pack() *assess.Pack { return h.packs.Current("self-diagnosis-25", time.Now()) }

func (h *house) names(ctx context.Context, ids []string) (map[string]string, error) {
	accounts, err := h.keeper.AccountsByID(ctx, ids)
	names := make(map[string]string, len(accounts))
	for id, a := range accounts {
		names[id] = a.Name
	}
	return names, err
}

func (h *house) profile(ctx context.Context, id string) (assess.Profile, error) {
	o, err := h.org.ByID(ctx, org.ID(id))
	size, _ := o.Size()
	return assess.Profile{Name: o.Name, Number: o.Number(), Industry: string(o.Industry), SizeClass: string(size)}, err
}

// handler is the pages of the rooms, for profiles; the figures come from the
// real program.
func (h *house) handler() (http.Handler, error) {
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		return nil, err
	}
	_, handler := web.New(web.Config{
		DB: h.db, Texts: texts, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: time.Now, Metrics: web.NewMetrics(),
		Session: h.keeper.Session, Token: h.keeper.Token, Seen: h.keeper.Seen, Member: h.org.Member,
		Dress: func(ctx context.Context, id string) (context.Context, error) {
			o, err := h.org.ByID(ctx, org.ID(id))
			home := "/orgs/" + id
			return ui.WithFrame(ctx, ui.Frame{Path: web.Path(ctx), SignedIn: true, OrgName: o.Name, OrgURL: home,
				MamoruURL: home, TsunagaruURL: home + "/circles", TayoruURL: home + "/help"}), err
		},
		Problem: func(p *problem.Problem, id string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.Plain(p.Code), Hint: ui.Plain(p.Code), RequestID: id})
		},
		LoginPath: "/login", StepUpPath: "/step-up",
	}, h.assess.Routes(), nil)
	return handler, nil
}
