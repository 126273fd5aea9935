package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/web"
)

// known is an id with the company whose it is ("" when it is nobody's).
type known struct{ id, org string }

// idQueries find what can stand in a path, whoever's it is. A parameter that is
// missing here fails the hunt: a route would never be met.
var idQueries = map[string]string{
	"org":        "SELECT id, id FROM org_organisation",
	"account":    "SELECT account_id, org_id FROM org_member",
	"circle":     "SELECT circle_id, org_id FROM org_circle_member",
	"site":       "SELECT id, org_id FROM org_site",
	"relation":   "SELECT id, org_id FROM org_relation",
	"invitation": "SELECT id, org_id FROM org_invitation",
	"grant":      "SELECT id, org_id FROM helper_grant",
	"advice":     "SELECT id, org_id FROM helper_advice",
	"case":       "SELECT id, org_id FROM desk_case",
	"sheet":      "SELECT id, org_id FROM approval_sheet",
	"webhook":    "SELECT id, org_id FROM webhook_endpoint",
	"proof":      "SELECT id, org_id FROM binding_proof",
	"evidence":   "SELECT id, org_id FROM assess_evidence",
	"tokens":     "SELECT id, org_id FROM auth_token",
	"file":       "SELECT id, org_id FROM blob_file",

	"shown":         "SELECT id, org_id FROM assess_evidence WHERE kind = 'file'",
	"snapshot":      "SELECT id, org_id FROM review_record WHERE kind = 'snapshot'",
	"confirmation":  "SELECT id, org_id FROM review_record WHERE kind = 'confirmation'",
	"seat":          "SELECT id, org_id FROM review_seat",
	"proposal":      "SELECT id, org_id FROM review_proposal",
	"qualification": "SELECT id, checked_org FROM review_qualification",
	"policy":        "SELECT id, org_id FROM policy_document",
	"public":        "SELECT public_id, org_id FROM policy_document",
	"row":           "SELECT id, org_id FROM record_row",
	"list":          "SELECT id, org_id FROM record_list",
	"request":       "SELECT id, org_id FROM record_request",
	"done":          "SELECT id, org_id FROM record_done",
	"declaration":   "SELECT id, org_id FROM star_declaration",
	"step":          "SELECT id, org_id FROM plan_step",
	"calendar":      "SELECT id, org_id FROM plan_calendar",
	"intake":        "SELECT id, org_id FROM exchange_intake",
	"layout":        "SELECT id, org_id FROM exchange_layout",
	"takeout":       "SELECT id, org_id FROM exchange_takeout",
	"workbook":      "SELECT id, '' FROM exchange_workbook",
	"recovery":      "SELECT id, org_id FROM recovery_case",
}

// constants stand for parameters that no company owns.
var constants = map[string][]known{
	"pack": {{pack25, ""}}, "item": {{"1", ""}, {"2", ""}, {"11", ""}}, "provider": {{"nobody", ""}}, "passkeys": {{"nobody", ""}}, "sessions": {{"nobody", ""}},
	"body": {{"nobody", ""}}, "dispute": {{"nobody", ""}}, "paper": {{"nobody", ""}}, "closing": {{"nobody", ""}}, "providers": {{"nobody", ""}},
	"import": {{"nobody", ""}}, "criteria": {{"scs-star3-2026", ""}}, "requirement": {{"3-1-1", ""}, {"4-1-2", ""}},
	"chapter": {{"purpose", ""}, {"passwords", ""}}, "issue": {{"1", ""}, {"2", ""}},
	"ledger": {{"devices", ""}}, "form": {{"user-id", ""}}, "duty": {{"training", ""}},
}

// ids are all ids of the world by parameter, as the database has them now.
func (w *world) ids() map[string][]known {
	all := map[string][]known{}
	w.must(w.DB.Read(context.Background(), func(ctx context.Context) error {
		for param, query := range idQueries {
			rows, err := db.Rows(ctx, func(k *known) []any { return []any{&k.id, &k.org} }, query+" ORDER BY 1, 2")
			if err != nil {
				return fmt.Errorf("%s: %w", param, err)
			}
			all[param] = w.inOrder(param, rows)
		}
		return nil
	}))
	for param, list := range constants {
		if len(all[param]) == 0 {
			all[param] = list
		}
	}
	for _, k := range w.calendars { // no table holds the address itself
		all["address"] = append(all["address"], known{k.secret + ".ics", k.org.id})
	}
	return all
}

// inOrder keeps ids in the order in which they were made: ids are random, and a
// world that went wrong must go wrong again in the same way.
func (w *world) inOrder(param string, now []known) []known {
	var kept []known
	for _, k := range w.order[param] {
		if slices.Contains(now, k) {
			kept = append(kept, k)
		}
	}
	for _, k := range now {
		if !slices.Contains(kept, k) {
			kept = append(kept, k)
		}
	}
	w.order[param] = kept
	return kept
}

// getRoutes are the routes that can be read.
func (w *world) getRoutes() (all []web.Route) {
	for _, r := range w.Routes {
		if r.Method == http.MethodGet {
			all = append(all, r)
		}
	}
	return all
}

// params are the parameters of a path, {id} by the part before it.
func params(path string) (all []string) {
	before := ""
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && part != "{$}" {
			if name = strings.TrimSuffix(name, "}"); name == "id" {
				name = before
			}
			all = append(all, name)
			continue
		}
		before = part
	}
	return all
}

// queryNames are the query parameters of a route, as its input says.
func queryNames(t reflect.Type) (all []string) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("query"); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// pick takes one of a list; the zero value when there is none. What is read comes
// from a seed for each act, so that a world that is told again has few lines.
func pick[T any](rng *rand.Rand, all []T) (one T) {
	if len(all) == 0 {
		return one
	}
	return all[rng.IntN(len(all))]
}

// reading is one request with who makes it.
type reading struct {
	asked
	by    reader
	route web.Route
}

// address fills a path: mostly with what one company has, sometimes with what
// is somebody else's.
func (w *world) address(r web.Route, c *company, ids map[string][]known) string {
	mixed := w.rng.IntN(6) == 0
	names := params(r.Path)
	var filled []string
	for part := range strings.SplitSeq(r.Path, "/") {
		if !strings.HasPrefix(part, "{") {
			filled = append(filled, part)
			continue
		}
		if part == "{$}" {
			filled = append(filled, "")
			continue
		}
		param := names[0]
		names = names[1:]
		pool := ids[param]
		if !mixed {
			if own := ownOf(pool, c.id); len(own) > 0 {
				pool = own
			}
		}
		if param == "org" && !mixed {
			pool = []known{{c.id, c.id}}
		}
		k := pick(w.rng, pool)
		if k.id == "" {
			k.id = "nobody"
		}
		filled = append(filled, k.id)
	}
	return strings.Join(filled, "/")
}

func ownOf(pool []known, org string) []known {
	var own []known
	for _, k := range pool {
		if k.org == org || k.org == "" {
			own = append(own, k)
		}
	}
	return own
}

// query asks with what a route takes: cursors, filters, words, codes.
func (w *world) query(r web.Route, ids map[string][]known) string {
	q := url.Values{}
	for _, name := range queryNames(r.In) {
		if w.rng.IntN(2) == 0 {
			continue
		}
		pool := ids[pick(w.rng, []string{"org", "account", "circle", "grant", "sheet", "invitation"})]
		switch k := pick(w.rng, pool); w.rng.IntN(3) {
		case 0:
			q.Set(name, k.id)
		case 1:
			q.Set(name, "1")
		default:
			q.Set(name, "qz")
		}
	}
	return q.Encode()
}

// somebody takes a reader who is anybody, also nobody.
func (w *world) somebody() (by reader, a asked) {
	p := pick(w.rng, w.people)
	switch s := pick(w.rng, p.dead); {
	case w.rng.IntN(4) == 0:
		return reader{}, a
	case s != "":
		a.session = s // it ended, and with it what it could
		return reader{}, a
	}
	return w.as(p)
}

func (w *world) as(p *person) (by reader, a asked) {
	if p == nil || p.erased {
		return reader{}, a
	}
	a.session = w.signedIn(p)
	return reader{p: p}, a
}

// who takes a reader for a company: mostly somebody who has, had or wants
// something of it.
func (w *world) who(c *company) (by reader, a asked) {
	switch n := w.rng.IntN(10); {
	case n < 2:
		var keys []*apiToken
		for _, p := range w.people {
			for _, k := range p.tokens {
				if k.org == c || w.rng.IntN(8) == 0 {
					keys = append(keys, k)
				}
			}
		}
		if k := pick(w.rng, keys); k != nil {
			a.token = k.secret
			return reader{key: k}, a
		}
	case n < 8:
		if p := pick(w.rng, w.near(c)); p != nil {
			return w.as(p)
		}
	}
	return w.somebody()
}

// near are the people who have or had something to do with a company.
func (w *world) near(c *company) (all []*person) {
	for _, p := range w.people {
		helps := slices.ContainsFunc(c.grants, func(g *granted) bool { return g.helper == p || g.support && p.operator })
		if !p.erased && (c.ever[p] || helps || c.reviews(p)) {
			all = append(all, p)
		}
	}
	return all
}

// reading draws a request: any, or one under a grant or seat, or one in a circle.
func (w *world) reading(routes []web.Route, ids map[string][]known) reading {
	c, r := pick(w.rng, w.companies), pick(w.rng, routes)
	by, a := w.who(c)
	a.method, a.path = http.MethodGet, w.address(r, c, ids)
	switch w.rng.IntN(8) {
	case 0, 1:
		if g := pick(w.rng, c.grants); g != nil {
			by, a, r = w.underGrant(g, routes, ids)
		}
	case 2:
		if k := pick(w.rng, w.groups); k != nil {
			by, a, r = w.inCircle(k, routes, ids)
		}
	case 3:
		by, a, r = w.outsideOf(c, routes, ids)
	}
	if address, ok := strings.CutPrefix(a.path, "/calendar/"); ok {
		by.address = strings.TrimSuffix(address, ".ics")
	}
	q := w.query(r, ids)
	if i, g := invitationOf(r, a.path); i != "" && w.rng.IntN(4) > 0 {
		by.link, q = i, url.Values{"code": {w.Accounts.Derive(g, i)}}.Encode()
	}
	if a.token != "" || !r.PageOnly && w.rng.IntN(2) == 0 {
		a.path = "/api/v1" + a.path
	}
	if q != "" {
		a.path += "?" + q
	}
	return reading{a, by, r}
}

// underGrant reads what a grant opens, mostly as the one whom it is for.
func (w *world) underGrant(g *granted, routes []web.Route, ids map[string][]known) (reader, asked, web.Route) {
	prefix := "/helping/{grant}"
	if g.support {
		prefix = "/operator/support/{grant}"
	}
	r := pick(w.rng, startingWith(routes, prefix))
	by, a := w.as(g.helper)
	if g.support {
		by, a = w.as(pick(w.rng, w.operators()))
	}
	if w.rng.IntN(4) == 0 || by.p == nil {
		by, a = w.who(g.org)
	}
	own := maps.Clone(ids)
	own["grant"] = []known{{g.id, g.org.id}}
	a.method, a.path = http.MethodGet, w.address(r, g.org, own)
	return by, a, r
}

// inCircle reads the pages of a circle as somebody of a company that is or was in it.
func (w *world) inCircle(k *group, routes []web.Route, ids map[string][]known) (reader, asked, web.Route) {
	r := pick(w.rng, startingWith(routes, "/orgs/{org}/circles/{circle}"))
	var in []*company
	for _, c := range w.companies {
		if k.ever[c] {
			in = append(in, c)
		}
	}
	c := pick(w.rng, in)
	by, a := w.as(pick(w.rng, w.near(c)))
	a.method, a.path = http.MethodGet, w.address(r, c, map[string][]known{
		"org": {{c.id, c.id}}, "circle": {{k.id, c.id}}, "case": ids["case"], "import": ids["import"], "pack": ids["pack"], "item": ids["item"],
	})
	return by, a, r
}

func startingWith(routes []web.Route, prefix string) (all []web.Route) {
	for _, r := range routes {
		if strings.HasPrefix(r.Path, prefix) {
			all = append(all, r)
		}
	}
	return all
}

func (w *world) operators() (all []*person) {
	for _, p := range w.people {
		if p.operator {
			all = append(all, p)
		}
	}
	return all
}

// invitationOf says which link a path is and for what its code is derived.
func invitationOf(r web.Route, path string) (id, purpose string) {
	last := path[strings.LastIndexByte(path, '/')+1:]
	switch r.Path {
	case "/invitations/{invitation}":
		return last, "org invitation"
	case "/help-invitations/{grant}":
		return last, "helper invitation"
	case "/reminders/{case}":
		return last, "desk reminder stop"
	case "/review-invitations/{seat}":
		return last, "review invitation"
	}
	return "", ""
}

// read makes a request and holds the answer against the model.
func (w *world) read(x reading) {
	a := w.do(x.asked)
	w.reads++
	if a.Code == http.StatusOK {
		w.useful++
		w.sightings["route "+name(x.route)]++
	}
	if a.Code >= 500 && a.Code != http.StatusServiceUnavailable {
		w.t.Fatalf("GET %s as %s: %d %s\n%s", x.path, x.by, a.Code, a.Body, w.log)
	}
	w.hold("GET "+x.path, x.by, w.textOf(a))
}

// hold fails when a text holds what its reader may not meet.
func (w *world) hold(where string, by reader, text string) {
	for _, canary := range canariesIn(text) {
		f := w.facts[canary]
		switch {
		case f == nil:
			w.t.Fatalf("%s holds %s, which nobody planted", where, canary)
		case !f.see(by):
			i := strings.Index(text, canary)
			w.t.Fatalf("leak: %s shows %s the %s %s\n…%s…\n\nwhat happened:\n%s", where, by, f.what, canary,
				text[max(0, i-300):min(len(text), i+100)], strings.Join(w.trace, "\n"))
		default:
			w.sightings[by.kind()+area(where)+" meets "+f.what]++
		}
	}
}

// area is where something was met, for the count of what a hunt could find.
func area(where string) string {
	for part, name := range map[string]string{
		"/helping/": " who helps", "/operator/": " of support", "/circles/": " in a circle", "/reviewing": " who confirms", "GET /policies/": " in public", "/calendar/": " of a calendar",
	} {
		if strings.Contains(where, part) {
			return name
		}
	}
	return ""
}

func (r reader) kind() string {
	switch {
	case r.link != "":
		return "link"
	case r.p != nil:
		return "person"
	case r.key != nil:
		return "key"
	case r.mailbox != "":
		return "mailbox"
	}
	return "stranger"
}

// textOf is everything that an answer says: head, body, and what is in files.
func (w *world) textOf(a *httptest.ResponseRecorder) string {
	var all strings.Builder
	for k, v := range a.Header() {
		head := strings.Join(v, " ")
		if plain, err := url.PathUnescape(head); err == nil {
			head = plain
		}
		all.WriteString(k + ": " + head + "\n")
	}
	body := a.Body.Bytes()
	all.Write(body)
	switch {
	case bytes.HasPrefix(body, []byte("PK\x03\x04")):
		all.WriteString(w.unzipped(body))
	case bytes.HasPrefix(body, []byte("%PDF")) && w.reads%16 == 0:
		all.WriteString(w.printed(body))
	}
	return all.String()
}

func (w *world) unzipped(b []byte) string {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	w.must(err)
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		w.must(err)
		inside, err := io.ReadAll(r)
		w.must(err)
		all.WriteString(f.Name + "\n")
		all.Write(inside)
	}
	return all.String()
}

// printed is the text of a PDF, where a reader for it is installed.
func (w *world) printed(b []byte) string {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		return ""
	}
	file := filepath.Join(w.store.Data, "read.pdf")
	w.must(os.WriteFile(file, b, 0o600))
	out, err := exec.Command("pdftotext", file, "-").Output()
	if err != nil {
		return "" // uploaded evidence is no real PDF
	}
	w.sightings["PDF read"]++
	return string(out)
}
