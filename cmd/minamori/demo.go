package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

type demoCmd struct {
	Store `embed:"" set:"data=${demo}"` // never the folder of real data
	Output
	Listen    string `default:"localhost:8080" help:"Address that the demo will be served on; this computer alone."`
	Companies int    `default:"300" help:"How many companies the region has."`
	Serve     bool   `help:"Go on to serve the demo."`
}

// Validate refuses a region of a size that cannot be.
func (k demoCmd) Validate() error {
	if k.Companies < 1 || k.Companies > 100_000 {
		return errors.New("--companies must be from 1 to 100000")
	}
	return nil
}

// Run fills an empty folder with a region that is clearly made up.
func (k demoCmd) Run(c *console) error {
	host, _, err := net.SplitHostPort(k.Listen)
	if err != nil {
		return problem.New(http.StatusBadRequest, "listen", "address", k.Listen)
	}
	if !isLoopback(host) {
		return problem.New(http.StatusBadRequest, "demo-public")
	}
	people, err := fillDemo(c, k.Store, k.Companies)
	if err != nil {
		return err
	}
	err = k.print(c, demoView{people}, func(w io.Writer) { k.tell(w, people) })
	if err != nil || !k.Serve {
		return err
	}
	return serveCmd{Store: k.Store, Web: Web{Listen: k.Listen, MailFrom: "minamori@localhost"}}.Run(c)
}

// tell says how to look around.
func (k demoCmd) tell(w io.Writer, people []demoPerson) {
	fmt.Fprintf(w, "A fictional region of %d companies is in %s.\n", k.Companies, k.Data)
	fmt.Fprintf(w, "serve: minamori serve --data %s --listen %s\n", k.Data, k.Listen)
	fmt.Fprintf(w, "login: http://%s/demo\n", k.Listen)
	for _, p := range people {
		fmt.Fprintf(w, "  %s (%s) %s\n", p.Name, p.Role, p.Company)
	}
}

// fillDemo makes the region. It refuses a folder or database that holds
// anything, and leaves an unfinished one without its mark.
func fillDemo(c *console, s Store, companies int) ([]demoPerson, error) {
	if entries, err := os.ReadDir(s.Data); err == nil && len(entries) > 0 {
		return nil, problem.New(http.StatusConflict, "demo-used")
	}
	clock := c.now()
	quiet := *c
	quiet.err = io.Discard
	quiet.now = func() time.Time { return clock }
	h, err := build(&quiet, s, Web{MailFrom: "minamori@localhost"}, "http://localhost")
	if err != nil {
		return nil, err
	}
	defer h.close()
	if used, err := h.used(c.ctx); err != nil || used {
		return nil, errors.Join(err, problem.New(http.StatusConflict, "demo-used"))
	}
	r := &region{
		House: h, ctx: c.ctx, clock: &clock, today: c.now(),
		rand: rand.New(rand.NewPCG(2026, 1014)), // the same region every time
	}
	if err := r.fill(companies); err != nil {
		return nil, err
	}
	mark, err := json.MarshalIndent(demoView{r.people}, "", "  ")
	if err != nil {
		return nil, err
	}
	return r.people, os.WriteFile(filepath.Join(s.Data, demoMark), append(mark, '\n'), 0o600)
}

// used says that the database already knows somebody.
func (h *House) used(ctx context.Context) (bool, error) {
	accounts, err := h.Accounts.ListAccounts(ctx)
	return len(accounts) > 0, err
}

// region is the demo while it is being made.
type region struct {
	*House
	ctx    context.Context
	clock  *time.Time // what the rooms take for now
	today  time.Time
	rand   *rand.Rand
	people []demoPerson
	orgs   []org.ID
	owners []string
}

// at moves the clock back: answers have ages.
func (r *region) at(days int) { *r.clock = r.today.AddDate(0, 0, -days) }

func (r *region) fill(companies int) error {
	r.at(400)
	return errors.Join(
		r.staff(),
		r.companies(companies),
		r.cast(),
		r.circles(),
		r.relations(),
		r.answers(),
		r.helpers(),
		r.desks(),
		r.bindings(),
		r.recoveries(),
		r.statistics(),
		r.policies(),
		r.records(),
		r.stars(),
		r.reviews(),
		r.exchanges(),
		r.plans(),
		r.boards(),
		r.mappings(),
	)
}

func (r *region) account(name, mailbox string, operator bool) (string, error) {
	a, err := r.Accounts.CreateAccount(r.ctx, auth.Person{Name: name, Email: mailbox + "@example.jp"}, operator)
	return a.ID, err
}

// staff are the people of the region who look after many companies.
func (r *region) staff() error {
	id, err := r.account("運営 いちろう（架空）", "operator", true)
	r.people = append(r.people, demoPerson{Account: id, Name: "運営 いちろう（架空）", Company: "みほん地域の皆守", Role: "operator"})
	return err
}

// companies makes the firms. The first five have names that the pages and
// documents speak of; the others are counted through.
func (r *region) companies(n int) error {
	for i := range n {
		p := r.profile(i)
		owner, err := r.account(fmt.Sprintf("代表 %03d（架空）", i+1), fmt.Sprintf("owner%03d", i+1), false)
		if err != nil {
			return err
		}
		o, err := r.Org.Create(r.ctx, owner, p)
		if err != nil {
			return fmt.Errorf("company %d (%s): %w", i, p.Name, err)
		}
		r.orgs, r.owners = append(r.orgs, o.ID), append(r.owners, owner)
	}
	return nil
}

var named = []org.Profile{
	{Kind: org.KindCompany, Name: "株式会社みほん精機", Kana: "ミホンセイキ", Industry: "E", Employees: amount(12), CapitalYen: amount(10_000_000)},
	{Kind: org.KindCompany, Name: "れいだい自動車部品株式会社", Kana: "レイダイジドウシャブヒン", Industry: "E", Employees: amount(820), CapitalYen: amount(900_000_000)},
	{Kind: org.KindOther, Name: "みほん商工会議所", Kana: "ミホンショウコウカイギショ", Industry: "R", Employees: amount(24)},
	{Kind: org.KindCompany, Name: "かくう情報サービス株式会社", Kana: "カクウジョウホウサービス", Industry: "G", Employees: amount(35), CapitalYen: amount(30_000_000)},
	{Kind: org.KindSoleProprietor, Name: "見本 はなこ", TradeName: "はなこ製図", Kana: "ミホン ハナコ", Industry: "L", Employees: amount(1)},
}

func amount(n int64) *int64 { return &n }

var (
	demoHeads = []string{"みほん", "れいだい", "かくう", "ためし", "ひながた", "さんぷる", "もぞう", "そらみ"}
	demoTails = []struct {
		name     string
		industry org.Industry
		trade    org.Trade
	}{
		{"金属", "E", ""}, {"精密", "E", ""}, {"電子", "E", ""}, {"食品", "E", ""}, {"建設", "D", ""}, {"設備", "D", ""},
		{"運輸", "H", ""}, {"商店", "I", org.TradeRetail}, {"物産", "I", org.TradeWholesale}, {"ソフト", "G", ""},
		{"設計", "L", ""}, {"旅館", "M", ""}, {"学習塾", "O", ""}, {"介護", "P", ""}, {"サービス", "R", ""},
	}
	demoStaff = []int64{1, 3, 5, 8, 12, 18, 25, 40, 70, 120, 240, 450}
	demoPlace = []org.Prefecture{"21", "23", "24", "25", "27", "28"}
)

// profile is the i-th company. Its number passes the check digit and begins
// with a registry code that cannot exist.
func (r *region) profile(i int) org.Profile {
	p := r.counted(i)
	if i < len(named) {
		p = named[i]
	}
	p.Prefecture = demoPlace[i%len(demoPlace)]
	if p.Kind != org.KindSoleProprietor {
		p.CorporateNumber = org.Fictional(i + 1)
	}
	return p
}

func (r *region) counted(i int) org.Profile {
	tail := demoTails[i%len(demoTails)]
	name := demoHeads[(i/len(demoTails))%len(demoHeads)] + tail.name
	if round := i / (len(demoTails) * len(demoHeads)); round > 0 {
		name += fmt.Sprintf("第%d", round+1)
	}
	form := "株式会社" + name
	if i%3 == 0 {
		form = name + "株式会社"
	}
	return org.Profile{
		Kind: org.KindCompany, Name: form, Industry: tail.industry, Trade: tail.trade,
		Employees: amount(demoStaff[r.rand.IntN(len(demoStaff))]), CapitalYen: amount(int64(3+r.rand.IntN(90)) * 1_000_000),
	}
}

// cast gives the first companies people of every role, for looking around.
func (r *region) cast() error {
	company := func(i int) string { return named[i].Name }
	r.people = append(r.people, demoPerson{r.owners[0], "代表 001（架空）", company(0), string(r.orgs[0]), "owner"})
	for _, p := range []struct {
		name, mailbox string
		role          web.Role
	}{
		{"担当 さくら（架空）", "sakura", web.Manager},
		{"現場 たろう（架空）", "taro", web.Member},
		{"経理 じろう（架空）", "jiro", web.Viewer},
	} {
		id, err := r.account(p.name, p.mailbox, false)
		if err != nil {
			return err
		}
		if err := r.Org.AddMember(r.ctx, r.orgs[0], id, p.role); err != nil {
			return err
		}
		r.people = append(r.people, demoPerson{id, p.name, company(0), string(r.orgs[0]), p.role.String()})
	}
	for i := 1; i < len(named) && i < len(r.orgs); i++ {
		r.people = append(r.people, demoPerson{r.owners[i], fmt.Sprintf("代表 %03d（架空）", i+1), company(i), string(r.orgs[i]), "owner"})
	}
	return nil
}

// circles ties the region together: the chamber's, the buyer's chain, a trade.
func (r *region) circles() error {
	for _, g := range []struct {
		operator int
		kind     org.CircleKind
		name     string
		every    int
	}{
		{2, org.CircleRegion, "みほん商工会議所グループ", 2},
		{1, org.CircleChain, "れいだい自動車部品の取引先グループ", 3},
		{3, org.CircleIndustry, "みほん金属加工グループ", 7},
	} {
		if g.operator >= len(r.orgs) {
			continue
		}
		circle, err := r.Org.CreateCircle(r.ctx, r.orgs[g.operator], g.kind, g.name)
		if err != nil {
			return err
		}
		for i := 0; i < len(r.orgs); i += g.every {
			if i == g.operator {
				continue
			}
			if err := r.Org.AddToCircle(r.ctx, circle.ID, r.orgs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// relations makes some companies parts of groups, and gives some a site abroad.
func (r *region) relations() error {
	for i := 10; i+1 < len(r.orgs); i += 15 {
		parent, err := r.organisation(r.orgs[i+1])
		if err != nil {
			return err
		}
		err = errors.Join(
			r.Org.AddRelation(r.ctx, r.orgs[i], org.Relation{Kind: org.RelationParent, Name: parent.Name, CorporateNumber: parent.CorporateNumber}),
			r.Org.AddSite(r.ctx, r.orgs[i], org.Site{Name: "海外工場（架空）", Country: "VN"}),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *region) organisation(id org.ID) (o org.Organisation, err error) {
	err = r.DB.Read(r.ctx, func(ctx context.Context) error {
		o, err = r.Org.ByID(ctx, id)
		return err
	})
	return o, err
}

// answers are given company by company, in one transaction each: most finished
// once, many came back, some stopped half-way, some have not begun.
func (r *region) answers() error {
	const family = "self-diagnosis-25"
	pack := r.Assess.Packs.Current(family, r.today)
	if pack == nil {
		return fmt.Errorf("no pack of the family %s is valid today", family)
	}
	for i, id := range r.orgs {
		rounds, items := r.habit(i)
		for round := range rounds {
			r.at(r.age(i, round, rounds))
			err := r.DB.Write(r.ctx, func(ctx context.Context) error { return r.sheet(ctx, pack, id, i, round, items) })
			if err != nil {
				return err
			}
		}
	}
	r.at(0)
	return nil
}

// habit is how often a company answered, and how many items.
func (r *region) habit(i int) (rounds, items int) {
	switch {
	case i == 0:
		return 4, 25
	case i%11 == 10:
		return 0, 0
	case i%7 == 6:
		return 1, 4 + r.rand.IntN(18)
	}
	return 1 + r.rand.IntN(3), 25
}

// age spreads the rounds of a company over the last year.
func (r *region) age(i, round, rounds int) int {
	if i == 0 {
		return []int{330, 210, 120, 9}[round]
	}
	return 5 + (rounds-1-round)*110 + r.rand.IntN(90)
}

func (r *region) sheet(ctx context.Context, pack *assess.Pack, id org.ID, i, round, items int) error {
	strength := 0.25 + 0.5*float64(i%10)/10 + 0.12*float64(round)
	answers, err := r.Assess.Answers(ctx, string(id), pack.ID)
	if err != nil {
		return err
	}
	for _, item := range pack.Items[:min(items, len(pack.Items))] {
		_, err := r.Assess.Answer(ctx, assess.AnswerInput{
			Org: string(id), Pack: pack.ID, Item: item.ID, Choice: r.choice(strength),
			Actor: r.owners[i], Revision: answers[item.ID].Revision,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *region) choice(strength float64) string {
	switch x := r.rand.Float64(); {
	case x < strength:
		return assess.Done
	case x < strength+0.25:
		return assess.Partly
	case x < 0.93:
		return assess.NotDone
	}
	return assess.Unknown
}
