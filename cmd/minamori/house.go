package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/account"
	"github.com/minamori-project/minamori/domain/approval"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/binding"
	"github.com/minamori-project/minamori/domain/board"
	"github.com/minamori-project/minamori/domain/closing"
	"github.com/minamori-project/minamori/domain/desk"
	"github.com/minamori-project/minamori/domain/emergency"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/domain/helper"
	"github.com/minamori-project/minamori/domain/mapping"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/plan"
	"github.com/minamori-project/minamori/domain/policy"
	"github.com/minamori-project/minamori/domain/record"
	"github.com/minamori-project/minamori/domain/recovery"
	"github.com/minamori-project/minamori/domain/review"
	"github.com/minamori-project/minamori/domain/star"
	"github.com/minamori-project/minamori/domain/webhook"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/fetch"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/ledger"
	"github.com/minamori-project/minamori/internal/limit"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/node"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// followEvery is how often followers look for news; a page of peers may be this
// much behind.
const followEvery = 500 * time.Millisecond

// House is the program, wired together.
type House struct {
	DB        *db.DB
	Accounts  *auth.Keeper
	Org       *org.Room
	Assess    *assess.Room
	Closing   *closing.Room
	Account   *account.Room
	Approval  *approval.Room
	Desk      *desk.Room
	Helper    *helper.Room
	Emergency *emergency.Room
	Files     *blob.Store
	Limits    *limit.Keeper // over all nodes
	Jobs      *job.Queue
	Fetch     *fetch.Client // the only way out
	Binding   *binding.Room
	Webhook   *webhook.Room
	Recovery  *recovery.Room
	Policy    *policy.Room
	Record    *record.Room
	Star      *star.Room
	Review    *review.Room
	Exchange  *exchange.Room
	Plan      *plan.Room
	Board     *board.Room
	Mapping   *mapping.Room
	Metrics   *web.Metrics
	Routes    []web.Route
	Handler   http.Handler

	store  Store
	demo   bool // the folder was filled by the demo command
	log    *slog.Logger
	texts  *i18n.Catalogue
	now    func() time.Time
	base   string
	sender *mail.Sender

	providers []auth.Provider
	node      *readiness
	ready     func(page string) // called when the first request can come; may be nil
}

// schemas are the tables of the whole program, floor first.
func schemas() []db.Schema {
	return []db.Schema{
		node.Schema(), limit.Schema(), journal.Schema(), auth.Schema(), blob.Schema(), job.Schema(), count.Schema(),
		org.Schema(), assess.Schema(), closing.Schema(), binding.Schema(), webhook.Schema(), approval.Schema(), helper.Schema(), desk.Schema(), emergency.Schema(), recovery.Schema(),
		policy.Schema(), record.Schema(), star.Schema(), review.Schema(), exchange.Schema(), plan.Schema(), board.Schema(), mapping.Schema(),
	}
}

// migrate brings all tables to this version, river's among them.
func migrate(ctx context.Context, d *db.DB) ([]db.Applied, error) {
	applied, err := d.Migrate(ctx, schemas())
	if err != nil {
		return applied, err
	}
	return applied, d.Patiently(func() error { return job.Migrate(ctx, d) })
}

// openStore opens the database and brings it to this version.
func openStore(ctx context.Context, s Store) (*db.DB, error) {
	if err := errors.Join(s.settled(), s.prepare()); err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, s.database())
	if err != nil {
		return nil, err
	}
	if _, err := migrate(ctx, d); err != nil {
		_ = d.Close()
		return nil, err
	}
	book, err := ledger.Open(s.ledger(), time.Now)
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	d.KeepBeside(book.Append)
	return d, nil
}

// openExisting is openStore for commands that look at what is there: a folder
// that was mistyped must not be answered with an empty database.
func openExisting(ctx context.Context, s Store) (*db.DB, error) {
	if _, err := os.Stat(s.database()); s.DatabaseURL == "" && err != nil {
		return nil, problem.New(http.StatusNotFound, "no-database", "folder", s.Data)
	}
	return openStore(ctx, s)
}

// build wires the program. base is the address under which it is reached.
func build(c *console, s Store, w Web, base string) (*House, error) {
	d, err := openStore(c.ctx, s)
	if err != nil {
		return nil, err
	}
	h := &House{DB: d, store: s, demo: isDemo(s.Data), log: s.logger(c.err), texts: c.texts, now: c.now, base: base, Metrics: web.NewMetrics()}
	if err := h.wire(c.ctx, w); err != nil {
		_ = d.Close()
		return nil, err
	}
	return h, nil
}

func (h *House) close() { _ = h.DB.Close() }

func (h *House) wire(ctx context.Context, w Web) error {
	if err := h.floor(ctx, w); err != nil {
		return err
	}
	if err := h.rooms(); err != nil {
		return err
	}
	return h.front(w)
}

// floor builds what the rooms stand on.
func (h *House) floor(ctx context.Context, w Web) error {
	keys, err := auth.LoadKeys(filepath.Join(h.store.Data, "installation.key"))
	if err != nil {
		return err
	}
	h.node = &readiness{ask: h.DB.Ping}
	h.Limits = limit.New(h.DB, h.now, keys.Hash)
	base, err := url.Parse(h.base)
	if err != nil {
		return err
	}
	allowed, err := w.allowed()
	if err != nil {
		return err
	}
	h.Fetch = fetch.New(fetch.Config{Allow: allowed, Agent: h.agent(w), Log: h.log})
	logins, err := h.openLogins(auth.Config{Keys: keys, Now: h.now, Limits: h.Limits, Host: base.Hostname(), Origin: base.Scheme + "://" + base.Host, Log: h.log})
	if err != nil {
		return err
	}
	h.Accounts, err = auth.New(h.DB, logins)
	if err != nil {
		return err
	}
	if err := h.Accounts.CheckRelyingParty(ctx); err != nil {
		return err
	}
	if h.Files, err = blob.New(h.DB, filepath.Join(h.store.Data, "files"), h.now); err != nil {
		return err
	}
	signing, err := w.signing()
	if err != nil {
		return err
	}
	h.sender, err = mail.New(mail.Config{
		URL: w.SMTP, Folder: filepath.Join(h.store.Data, "outbox"), From: w.MailFrom, Signing: signing, Now: h.now, Log: h.log, Limits: h.Limits,
	})
	if err != nil {
		return err
	}
	h.Jobs, err = job.New(h.DB, h.log, job.Options{Now: h.now})
	return err
}

// agent is how the program names itself to those whom it calls; the address
// stands beside it where it is public anyway.
func (h *House) agent(w Web) string {
	name := "Minamori/" + buildInfo().Version
	if w.PublicURL != "" {
		name += " (+" + h.base + ")"
	}
	return name
}

// rooms builds the rooms and ties them together: each is told what it may ask
// of others as a function.
func (h *House) rooms() error {
	packs, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		return err
	}
	h.Account = account.New(account.Config{DB: h.DB, Keeper: h.Accounts, Now: h.now, Invited: h.invitedAt})
	h.Org = org.New(org.Config{
		DB: h.DB, Now: h.now, Derive: h.Accounts.Derive, QueueInvitation: h.queueInvitation,
		Accounts: h.people, NewAccountURL: h.Account.NewAccountURL, Left: h.left, Edited: h.edited, Bound: h.boundOf, Ends: h.ends, OnPaper: h.onPaper,
	})
	h.Assess = assess.New(assess.Config{
		DB: h.DB, Now: h.now, Packs: packs, Organisation: h.profile, People: h.names, Colleagues: h.colleagues, Doors: wayOn,
		Wording: func(ctx context.Context, pack, item string) (string, error) {
			return h.Exchange.ItemWording(ctx, pack, item)
		},
		KeepFile: h.keepEvidence, OpenFile: h.openFile, DropFile: h.dropFile, Notices: h.notices,
		Count: count.New(h.Accounts.Derive, h.now), MayCount: h.mayCount,
	})
	h.Binding, h.Webhook = h.bind(), h.hook()
	h.Approval = h.approve()
	h.Desk = h.counter()
	h.Helper = h.help()
	if h.Emergency, err = h.emergencies(); err != nil {
		return err
	}
	h.Recovery = h.recover()
	h.Policy = h.openPolicy()
	h.Record = h.openRecord()
	h.Star = h.openStar()
	h.Review = h.openReview()
	h.Exchange = h.openExchange()
	h.Plan = h.openPlan()
	h.Board = h.openBoard()
	h.Mapping = h.openMapping()
	h.Closing = h.closing()
	return h.jobs()
}

// jobs says what does the jobs, and what comes round again.
func (h *House) jobs() error {
	h.Jobs.Every("sweep", time.Hour, sweep{})
	h.Jobs.Every("publish", publishEvery, publish{})
	h.Jobs.Every("blob.sweep", time.Hour, blob.Sweeping{})
	return errors.Join(
		h.Closing.Work(),
		job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 8}, h.sendInvitation),
		h.handleAccountLetters(),
		job.Handle(h.Jobs, job.Spec{Timeout: 10 * time.Minute, Attempts: 3}, h.publish),
		job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 8}, h.sendHelper),
		h.deskJobs(),
		h.bindingJobs(),
		h.recoveryJobs(),
		h.remindJobs(),
		job.Handle(h.Jobs, job.Spec{Timeout: 10 * time.Minute, Attempts: 3}, h.sweep),
		job.Handle(h.Jobs, job.Spec{Timeout: 10 * time.Minute, Attempts: 3}, h.sweepFiles),
	)
}

// front puts the routes behind one handler.
func (h *House) front(w Web) error {
	public, err := w.public()
	if err != nil {
		return err
	}
	proxies, err := w.proxies()
	if err != nil {
		return err
	}
	for _, routes := range [][]web.Route{h.Account.Routes(), h.Org.Routes(), h.Closing.Routes(), h.Assess.Routes(), h.Approval.Routes(), h.Helper.Routes(), h.Desk.Routes(), h.Emergency.Routes(), h.Binding.Routes(), h.Webhook.Routes(), h.Recovery.Routes(), h.Policy.Routes(), h.Record.Routes(), h.Star.Routes(), h.Review.Routes(), h.Exchange.Routes(), h.Plan.Routes(), h.Board.Routes(), h.Mapping.Routes(), h.demoRoutes()} {
		h.Routes = append(h.Routes, routes...)
	}
	extra := h.health()
	extra["GET /assets/"] = http.HandlerFunc(ui.ServeAssets)
	extra["GET /emergency-worker.js"] = http.HandlerFunc(emergencyWorker)
	_, h.Handler = web.New(web.Config{
		DB: h.DB, Texts: h.texts, Log: h.log, Now: h.now, PublicURL: public, TrustedProxies: proxies, Metrics: h.Metrics,
		Session: h.Accounts.Session, Token: h.Accounts.Token, Seen: h.Accounts.Seen, Member: h.Org.Member,
		Dress: h.dress, Problem: problemPage, LoginPath: "/login", StepUpPath: "/step-up",
		Version: buildInfo().Version,
	}, h.Routes, extra)
	return nil
}

// dress tells pages who looks and where they stand.
func (h *House) dress(ctx context.Context, orgID string) (context.Context, error) {
	caller := web.CallerFrom(ctx)
	f := ui.Frame{Path: web.Path(ctx), SignedIn: caller.Account != "", SignInURL: "/login", Demo: h.demo, FootLinks: []ui.Link{emergencyLink("")}}
	if web.RoleFrom(ctx) != web.Nobody {
		name, err := h.Org.NameOf(ctx, org.ID(orgID))
		if err != nil {
			return ctx, err
		}
		home := "/orgs/" + orgID
		f.OrgName, f.OrgURL = name, home
		f.MamoruURL, f.TsunagaruURL, f.TayoruURL = home, home+"/circles", home+"/help"
		f.OrgMenu = orgMenu(home, web.RoleFrom(ctx))
		f.FootLinks = []ui.Link{emergencyLink(home)}
	}
	if f.SignedIn {
		f.OrgMenu = append(f.OrgMenu, accountMenu(f.OrgName != "", caller)...)
	}
	return ui.WithFrame(ctx, f), nil
}

// wayOn leads from the home of a company to the rooms on the way to a star.
func wayOn(id string) []ui.Link {
	home := "/orgs/" + id
	return []ui.Link{
		{Label: ui.T("menu.stars"), URL: home + "/stars"},
		{Label: ui.T("menu.plan"), URL: home + "/plan"},
		{Label: ui.T("menu.policies"), URL: home + "/policies"},
		{Label: ui.T("menu.records"), URL: home + "/records"},
		{Label: ui.T("menu.mapped"), URL: home + "/mapped"},
		{Label: ui.T("menu.reviews"), URL: home + "/snapshots"},
		{Label: ui.T("menu.board"), URL: home + "/board"},
		{Label: ui.T("menu.exchange"), URL: home + "/exchange"},
	}
}

func orgMenu(home string, role web.Role) []ui.Link {
	menu := []ui.Link{
		{Label: ui.T("menu.people"), URL: home + "/people"},
		{Label: ui.T("helper.page"), URL: home + "/helpers"},
		{Label: ui.T("menu.company"), URL: home + "/company"},
		{Label: ui.T("binding.page"), URL: home + "/binding"},
	}
	if role >= web.Manager {
		menu = append(menu,
			deskMenu(home),
			ui.Link{Label: ui.T("menu.papers"), URL: home + "/papers"},
			ui.Link{Label: ui.T("menu.journal"), URL: home + "/journal"},
			ui.Link{Label: ui.T("menu.tokens"), URL: home + "/tokens"},
			ui.Link{Label: ui.T("webhook.page"), URL: home + "/webhooks"})
	}
	if role == web.Owner {
		menu = append(menu, ui.Link{Label: ui.T("recovery.page"), URL: home + "/recovery"})
	}
	return menu
}

// accountMenu leads from pages of no company back to the companies.
func accountMenu(inCompany bool, c web.Caller) []ui.Link {
	companies := "org.mine.page"
	if inCompany {
		companies = "menu.orgs"
	}
	menu := []ui.Link{{Label: ui.T(companies), URL: "/orgs"}}
	if !inCompany {
		menu = append(menu, ui.Link{Label: ui.T("helper.helping.page"), URL: "/helping"}, ui.Link{Label: ui.T("review.reviewing.page"), URL: "/reviewing"}, ui.Link{Label: ui.T("closing.closed.page"), URL: "/closings"})
	}
	if c.Operator {
		menu = append(menu, ui.Link{Label: ui.T("helper.operator.page"), URL: "/operator"},
			ui.Link{Label: ui.T("binding.bodies.page"), URL: "/operator/bodies"}, ui.Link{Label: ui.T("binding.disputes.page"), URL: "/operator/disputes"}, ui.Link{Label: ui.T("exchange.workbooks"), URL: "/operator/workbooks"}, recoveryMenu())
	}
	return append(menu, personMenu(c.Name)...)
}

// start runs followers and jobs; finish lets running jobs end.
func (h *House) start(ctx context.Context) (finish func(context.Context) error, err error) {
	if err := h.Jobs.Start(ctx); err != nil {
		return nil, err
	}
	following, stop := context.WithCancel(ctx)
	wait := waitAll(func() {
		journal.Follow(following, h.DB, h.log, followEvery, []journal.Follower{h.Assess.PeerFollower(), h.Webhook.Follower()})
	})
	return func(ctx context.Context) error {
		err := h.Jobs.Stop(ctx)
		stop()
		wait()
		return err
	}, nil
}

// isDemo says that the folder was filled by the demo command.
func isDemo(data string) bool {
	_, err := os.Stat(filepath.Join(data, demoMark))
	return err == nil
}
