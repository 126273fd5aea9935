package assess

import (
	"context"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// BandView is the range a score lies in.
type BandView struct {
	Code   string `json:"code"`
	Label  string `json:"label"`
	Advice string `json:"advice"`
}

// AreaView is an area of a result. Percent is absent until all its items have
// an answer, PeerPercent when nothing is compared.
type AreaView struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Points      int    `json:"points"`
	Max         int    `json:"max"`
	Items       int    `json:"items"`
	Answered    int    `json:"answered"`
	Percent     *int   `json:"percent,omitempty"`
	PeerPercent *int   `json:"peer_percent,omitempty"`
	Weak        bool   `json:"weak"`
}

// NextView is one thing to do next.
type NextView struct {
	Item    string   `json:"item"`
	Title   string   `json:"title"`
	Why     string   `json:"why"`
	Steps   []string `json:"steps"`
	Minutes int      `json:"minutes"`
	Every   string   `json:"every"`
	Cost    string   `json:"cost"`
	Helper  string   `json:"helper"`
	Gain    int      `json:"gain"`
	FindOut bool     `json:"find_out"`

	i int
}

// RowView is one line of all answers. Answer is nil without one.
type RowView struct {
	Item     string      `json:"item"`
	Number   int         `json:"number"`
	Title    string      `json:"title"`
	Answer   *AnswerView `json:"answer,omitempty"`
	Points   int         `json:"points"`
	Evidence bool        `json:"evidence"`
	// State and Code are given in a pack of criteria.
	State State  `json:"state,omitempty"`
	Code  string `json:"code,omitempty"`

	stand *ItemStand
}

// ResultView is where a company stands in a pack. It is the company's own word.
type ResultView struct {
	Organisation string      `json:"organisation"`
	Number       string      `json:"corporate_number,omitempty"`
	Pack         string      `json:"pack"`
	Title        string      `json:"title"`
	Edition      string      `json:"edition"`
	Verified     bool        `json:"verified"`
	Statement    string      `json:"statement"` // that this is the company's own check
	At           time.Time   `json:"answered_at"`
	AnsweredBy   []string    `json:"answered_by"` // people of the company
	OnBehalf     []string    `json:"on_behalf"`   // who entered whose words for it, how and when
	Points       int         `json:"points"`
	Max          int         `json:"max"`
	Items        int         `json:"items"`
	Answered     int         `json:"answered"`
	Unknown      int         `json:"unknown"`
	Complete     bool        `json:"complete"`
	Band         *BandView   `json:"band,omitempty"`
	Areas        []AreaView  `json:"areas"`
	Next         []NextView  `json:"next"`
	Trend        []DayResult `json:"trend"`
	Peers        *Peers      `json:"peers,omitempty"`
	InStatistics bool        `json:"in_statistics"` // the company lets its numbers count
	Shown        int         `json:"items_with_evidence"`
	Rows         []RowView   `json:"answers"`

	org       string
	s         *sheet
	now       time.Time
	oldest    time.Time // of the evidence
	later     *sheet    // the edition that holds today, when it is another
	mayAnswer bool
	mayDecide bool
}

func (rm *Room) result(ctx context.Context, in packIn) (ResultView, error) {
	s, err := rm.sheet(in.Pack)
	if err != nil {
		return ResultView{}, err
	}
	if !s.scored() {
		return ResultView{}, problem.NotFound()
	}
	profile, err := rm.Organisation(ctx, in.Org)
	if err != nil {
		return ResultView{}, err
	}
	answers, err := answersOf(ctx, in.Org, s.ID)
	if err != nil {
		return ResultView{}, err
	}
	r := Score(s.Pack, choicesOf(answers))
	v := ResultView{
		Organisation: profile.Name, Number: profile.Number, Pack: s.ID, Title: s.title.In(ctx), Edition: s.Edition, Verified: s.Verified,
		Statement: i18n.T(ctx, "ui.print.own"), Points: r.Points, Max: r.Max, Items: r.Items, Answered: r.Answered, Unknown: r.Unknown,
		Complete: r.Complete, AnsweredBy: []string{}, OnBehalf: []string{}, org: in.Org, s: s, now: rm.Now(), later: rm.laterEdition(s), mayAnswer: mayAnswer(ctx),
	}
	if v.Trend, err = trendOf(ctx, in.Org, s.ID); err != nil {
		return ResultView{}, err
	}
	if v.Peers, err = rm.Peers(ctx, s.ID, r, profile); err != nil {
		return ResultView{}, err
	}
	if v.InStatistics, err = inStatistics(ctx, in.Org); err != nil {
		return ResultView{}, err
	}
	v.mayDecide = web.RoleFrom(ctx) >= web.Manager
	shown, err := shownOf(ctx, in.Org, s.ID, rm.Now())
	if err != nil {
		return ResultView{}, err
	}
	v.Shown, v.oldest = len(shown[s.ID].Items), shown[s.ID].Oldest
	v.judge(ctx, r, answers)
	return v, rm.addRows(ctx, &v, answers, shown[s.ID].Items)
}

// laterEdition is the edition of the family that holds today, or nil when s is
// that, or when there is none.
func (rm *Room) laterEdition(s *sheet) *sheet {
	now := rm.Packs.Current(s.Family, rm.Now())
	if now == nil || now.ID == s.ID || now.ValidFrom < s.ValidFrom {
		return nil
	}
	return rm.sheets[now.ID]
}

// judge fills in band, areas and next things.
func (v *ResultView) judge(ctx context.Context, r Result, answers map[string]Answer) {
	if r.Band != nil {
		b := v.s.bands[r.Band.Code]
		v.Band = &BandView{r.Band.Code, b.label.In(ctx), b.advice.In(ctx)}
	}
	weak := map[string]bool{}
	for _, g := range r.Weak {
		weak[g.ID] = true
	}
	v.Areas = make([]AreaView, 0, len(r.Areas))
	for _, g := range r.Areas {
		a := AreaView{ID: g.ID, Title: v.s.areas[g.ID].In(ctx), Points: g.Points, Max: g.Max, Items: g.Items, Answered: g.Answered, Weak: weak[g.ID]}
		if g.Complete() {
			a.Percent = &g.Percent
		}
		if v.Peers != nil {
			if peer, ok := v.Peers.Areas[g.ID]; ok {
				a.PeerPercent = &peer
			}
		}
		v.Areas = append(v.Areas, a)
	}
	v.Next = v.s.nextViews(ctx, choicesOf(answers))
}

// nextViews are the three next things in the reader's register.
func (s *sheet) nextViews(ctx context.Context, choices map[string]string) []NextView {
	all := []NextView{}
	for _, x := range NextThings(s.Pack, choices, 3) {
		i := s.index[x.ID]
		w := &s.items[i]
		n := NextView{
			Item: x.ID, Title: w.action.In(ctx), Why: w.why.In(ctx), Minutes: x.Action.Minutes, Every: x.Action.Every,
			Cost: costWord(ctx, w), Helper: x.Action.Helper, Gain: x.Gain, FindOut: x.FindOut, i: i,
		}
		for _, step := range w.doing(x.FindOut) {
			n.Steps = append(n.Steps, step.In(ctx))
		}
		all = append(all, n)
	}
	return all
}

// doing is how to go about an item: who does not know how it stands finds out
// first, for it may be done already.
func (w *itemWords) doing(findOut bool) []*words {
	if findOut {
		return append([]*words{w.hint}, w.steps...)
	}
	return w.steps
}

func costWord(ctx context.Context, w *itemWords) string {
	if w.cost == nil {
		return i18n.T(ctx, "assess.cost.none")
	}
	return w.cost.In(ctx)
}

// addRows fills in every answer, who gave them and when the last one was given.
func (rm *Room) addRows(ctx context.Context, v *ResultView, answers map[string]Answer, shown map[string]bool) error {
	ids := map[string]bool{}
	for _, a := range answers {
		ids[a.By] = true
	}
	names, err := rm.names(ctx, ids)
	if err != nil {
		return err
	}
	v.Rows = make([]RowView, 0, len(v.s.Items))
	for i := range v.s.Items {
		x := &v.s.Items[i]
		row := RowView{Item: x.ID, Number: x.Number, Title: v.s.items[i].title.In(ctx), Evidence: shown[x.ID]}
		if a, ok := answers[x.ID]; ok {
			view := v.s.answerView(ctx, a, names)
			row.Answer = &view
			v.addAuthor(ctx, view)
			if c := v.s.Choice(a.Choice); c != nil {
				row.Points = c.Points
			}
			if a.At.After(v.At) {
				v.At = a.At
			}
		}
		v.Rows = append(v.Rows, row)
	}
	sort.Strings(v.AnsweredBy)
	return nil
}

// addAuthor lists each author once; those of the company and staff who entered
// its words apart.
func (v *ResultView) addAuthor(ctx context.Context, a AnswerView) {
	list := &v.AnsweredBy
	if a.Behalf != nil {
		list = &v.OnBehalf
	}
	if name := a.author(ctx); name != "" && !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}

func (v ResultView) open() int   { return v.Items - v.Answered }
func (v ResultView) url() string { return packURL(v.org, v.Pack) }

// alike says that the peers are of the same industry and size. Drawings call
// them so; all companies are compared with in sentences only.
func (v ResultView) alike() bool { return v.Peers != nil && v.Peers.SameKind }

func (v ResultView) pledge() bool { return v.s.Kind == Pledge }

// title says what is so in a sentence.
func (v ResultView) title() ui.Words {
	switch {
	case v.pledge() && v.Complete:
		return ui.T("assess.pledge.ready")
	case v.pledge():
		return ui.T("assess.pledge.open", "n", v.open())
	case v.Band != nil:
		return v.s.bands[v.Band.Code].label
	case v.Answered == 0:
		return ui.T("assess.result.none")
	}
	return ui.T("assess.result.open", "n", v.open())
}

// lead says what follows: how the score moved, and what is unknown.
func (v ResultView) lead() ui.Words {
	var all []ui.Words
	if v.Band != nil {
		all = append(all, v.s.bands[v.Band.Code].advice)
	}
	if n := len(v.Trend); v.Complete && n >= 2 && v.Max > 0 {
		before := v.Trend[n-2]
		switch d := v.Trend[n-1].Points - before.Points; {
		case d > 0:
			all = append(all, dated("assess.result.up", before.Day, d))
		case d < 0:
			all = append(all, dated("assess.result.down", before.Day, -d))
		}
	}
	if v.Unknown > 0 {
		all = append(all, ui.T("assess.result.unknown", "n", v.Unknown))
	}
	if len(all) == 0 {
		return nil
	}
	return sentences(all)
}

// score is the drawing of the points.
func (v ResultView) score(ctx context.Context) ui.ScoreView {
	lowest, highest := v.s.limits()
	d := ui.ScoreView{Min: lowest, Max: highest, Score: v.Points, Peer: ui.NoValue}
	for i := len(v.s.Bands) - 1; i >= 0; i-- {
		b := v.s.Bands[i]
		// The drawing's bands touch: each ends where the next begins.
		to := b.Max
		if i > 0 {
			to = v.s.Bands[i-1].Min
		}
		if b.Min != b.Max {
			d.Bands = append(d.Bands, ui.Band{From: b.Min, To: to})
		}
	}
	d.Label = i18n.T(ctx, "assess.score.label", "points", v.Points, "max", v.Max)
	if v.alike() {
		d.Peer = v.Peers.Median
		d.Label += i18n.T(ctx, "assess.score.peers", "n", v.Peers.Median)
	}
	return d
}

func (v ResultView) areas() ui.AreasView {
	a := ui.AreasView{Points: v.Points, OutOf: v.Max}
	if v.alike() {
		a.PeerCount = v.Peers.Count
	}
	for _, x := range v.Areas {
		area := ui.Area{Name: x.Title, Label: v.s.areas[x.ID], Own: ui.NoValue, Peer: ui.NoValue, Points: x.Points, OutOf: x.Max, Weak: x.Weak}
		if x.Percent != nil {
			area.Own = *x.Percent
		}
		if v.alike() && x.PeerPercent != nil {
			area.Peer = *x.PeerPercent
		}
		a.Areas = append(a.Areas, area)
	}
	return a
}

func (v ResultView) peers() ui.PeersView {
	p := ui.PeersView{Minimum: count.Group}
	if v.Peers != nil {
		p.Count, p.Rank, p.Median, p.Deviation = v.Peers.Count, v.Peers.Rank, v.Peers.Median, v.Peers.Deviation
		p.Whom = ui.T("assess.peers.all")
		if v.Peers.SameKind {
			p.Whom = ui.T("assess.peers.same")
		}
	}
	return p
}

func (v ResultView) trend(ctx context.Context) ui.TrendView {
	lowest, highest := v.s.limits()
	d := ui.TrendView{Min: min(0, lowest), Max: highest}
	var said []string
	for _, x := range v.Trend {
		d.Points = append(d.Points, ui.TrendPoint{At: x.Day.Time(), Value: x.Points})
		d.Min = min(d.Min, x.Points)
		said = append(said, i18n.Date(ctx, x.Day.Time())+" "+strconv.Itoa(x.Points))
	}
	if lowest < 0 && !v.belowZero() {
		d.Min = 0
	}
	for _, b := range v.s.Bands {
		if b.Min > d.Min {
			d.Guides = append(d.Guides, b.Min)
		}
	}
	d.Label = i18n.T(ctx, "assess.trend") + ": " + strings.Join(said, ", ")
	return d
}

func (v ResultView) belowZero() bool {
	for _, x := range v.Trend {
		if x.Points < 0 {
			return true
		}
	}
	return false
}

// claims are the three lines. What is answered here is said, not declared, and
// nobody else has looked at it.
func (v ResultView) claims(ctx context.Context) ui.ClaimsView {
	return claimsOf(ctx, v.s, v.Points, v.Answered, v.Shown, v.At, v.oldest, v.now)
}

func claimsOf(ctx context.Context, s *sheet, points, answered, shown int, at, oldest, now time.Time) ui.ClaimsView {
	var c ui.ClaimsView
	if answered == len(s.Items) && answered > 0 {
		c.Declared = &ui.Claim{What: ui.T("assess.claim.answered", "title", s.title.In(ctx)), Note: ui.T("assess.claim.own"),
			Age: ui.AgeView{Act: ui.Answered, At: at, Now: now}}
		if s.Kind == Diagnosis {
			c.Declared.What = ui.T("assess.claim.points", "points", points, "max", s.best()*len(s.Items))
		}
	}
	if shown > 0 {
		c.Shown = &ui.Claim{What: ui.T("assess.claim.shown", "n", shown, "total", len(s.Items)),
			Age: ui.AgeView{Act: ui.Checked, At: oldest, Now: now}}
	}
	return c
}

func (v ResultView) page(title string) ui.Page {
	return ui.Page{OwnWord: true, Title: title, Room: ui.Mamoru, Wide: true, Notice: oldEdition(v.org, v.s, v.later), Trail: []ui.Link{
		{Label: ui.T("ui.room.mamoru"), URL: homeURL(v.org)},
		{Label: v.s.title, URL: v.url()},
		{Label: ui.T("assess.result")},
	}}
}

func homeURL(org string) string { return "/orgs/" + url.PathEscape(org) }

// oldEdition tells that another edition holds today, or is nil.
func oldEdition(org string, s, later *sheet) *ui.NoticeView {
	if later == nil {
		return nil
	}
	return &ui.NoticeView{Kind: ui.NoticeWarn, Title: ui.T("assess.edition.old", "edition", s.Edition), Text: ui.T("assess.edition.stays"),
		Link: &ui.Link{Label: later.title, URL: packURL(org, later.ID)}}
}
