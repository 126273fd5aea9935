package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/web"
)

// The model of the leak hunt: who belongs where, what was granted to whom, and
// which facts there are. Every secret fact carries a canary of its own. Who may
// meet it is said here from the rules of the rooms (their doc.go) and never from
// what the program answered.

// person is somebody with an account.
type person struct {
	id, name, email string // name and address are canaries
	operator        bool
	wasOperator     bool // and may have looked
	erased          bool

	session string
	used    time.Time // when the session was last used
	dead    []string  // sessions that ended by a decision
	tokens  []*apiToken
}

// apiToken is a key for programs; it dies with its maker's membership.
type apiToken struct {
	secret  string
	label   string
	org     *company
	role    web.Role
	maker   *person
	expires time.Time
	over    bool
}

// company is an organisation with whoever belongs to it.
type company struct {
	id, name string
	roles    map[*person]web.Role
	ever     map[*person]bool // belonged to it once, or acted for it
	paused   map[string]bool
	closed   bool
	bound    bool // it is known who speaks for it
	invited  []*invite
	grants   []*granted
	memos    map[string]*fact // the present memo by item
	told     map[string]*fact // whose words an answer is
	files    []*evidence
	frozen   []*snapshot
	policy   *document
}

// invite is an invitation of a member.
type invite struct {
	id, email string
	org       *company
	by        *person
	role      web.Role
	expires   time.Time
	over      bool
}

// granted is what a company lets a helper or the operator's support see.
type granted struct {
	id      string
	org     *company
	by      *person
	support bool
	parts   map[string]bool
	expires time.Time
	until   time.Time // of the invitation
	email   string
	helper  *person // nil until it is taken up
	own     *company
	over    bool
}

// evidence is a file that a company keeps.
type evidence struct {
	id, item string
	gone     bool
	secret   bool     // for managers and owners, and granted to nobody
	words    []string // its name and its note
	content  string
}

// group is a circle of companies.
type group struct {
	id, name string
	operator *company
	members  map[*company]bool
	ever     map[*company]bool
}

// fact is something secret, with who may meet it now.
type fact struct {
	canary, what string
	see          func(r reader) bool
}

// reader is who reads: a person, a key, the owner of a mailbox, or whoever holds
// the link of an invitation. The empty reader is a stranger.
type reader struct {
	p       *person
	key     *apiToken
	mailbox string
	link    string // id of the invitation whose code he shows
	address string // of a calendar, whose secret he knows
}

func (r reader) String() string {
	switch {
	case r.p != nil:
		return "person " + r.p.id + " " + r.p.name
	case r.key != nil:
		return "key of " + r.key.maker.name
	case r.mailbox != "":
		return "mailbox " + r.mailbox
	}
	return "stranger"
}

// teller is where a world says what is wrong: a test, or one try of a property.
type teller interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(f func())
}

// world is everything together.
type world struct {
	*stage
	t         teller
	receiver  *receiver // of webhooks; may be nil
	hooks     map[string]*hook
	people    []*person
	companies []*company
	groups    []*group
	cases     []*dossier
	calendars []*timetable
	proposals []*proposal
	facts     map[string]*fact
	serial    int

	reads, useful int
	sightings     map[string]int // by fact and kind of reader
	jobs          int64          // the last job that was taken out of the queue
	waiting       []prepared
	mails         map[string]bool
	rng           *rand.Rand         // what is read
	order         map[string][]known // ids as they came
	trace         []string
}

// say keeps what was done, for the report of a leak.
func (w *world) say(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
}

// now is the clock of the program.
func (w *world) now() time.Time { return *w.clock }

const canaryLength = len("qz00000zq")

// plant makes a canary and says who may meet it.
func (w *world) plant(what string, see func(r reader) bool) string {
	w.serial++
	f := &fact{fmt.Sprintf("qz%05dzq", w.serial), what, see}
	w.facts[f.canary] = f
	return f.canary
}

// canariesIn finds the canaries in a text.
func canariesIn(text string) (all []string) {
	for {
		i := strings.Index(text, "qz")
		if i < 0 || len(text) < i+canaryLength {
			return all
		}
		if c := text[i : i+canaryLength]; strings.HasSuffix(c, "zq") {
			all = append(all, c)
			i += canaryLength - 2
		}
		text = text[i+2:]
	}
}

// role is what a reader is in a company now.
func (c *company) role(w *world, r reader) web.Role {
	switch {
	case c.closed:
		return web.Nobody
	case r.p != nil:
		return c.roles[r.p]
	case r.key != nil && r.key.org == c && !r.key.over && w.now().Before(r.key.expires):
		return min(r.key.role, c.roles[r.key.maker])
	}
	return web.Nobody
}

// inside is the rule "to people of the company with this role and more".
func (w *world) inside(c *company, floor web.Role) func(reader) bool {
	return func(r reader) bool { return c.role(w, r) >= floor }
}

// open says that a grant lets a reader look now at a part; "" is any part.
func (g *granted) open(w *world, r reader, part string) bool {
	if g.over || g.org.closed || len(g.org.paused) > 0 || !w.now().Before(g.expires) || r.p == nil || g.org.roles[r.p] != web.Nobody {
		return false
	}
	his := g.support && r.p.operator || !g.support && g.helper == r.p
	return his && (part == "" || g.parts[part])
}

// shown is the rule "to whom the company shows this part".
func (w *world) shown(c *company, part string) func(reader) bool {
	return func(r reader) bool {
		for _, g := range c.grants {
			if g.open(w, r, part) {
				return true
			}
		}
		return false
	}
}

// waits says that the invitation of a grant can still be taken up.
func (g *granted) waits(w *world) bool {
	return !g.support && g.helper == nil && !g.over && !g.org.closed && w.now().Before(g.until) && w.now().Before(g.expires)
}

func (i *invite) waits(w *world) bool { return !i.over && !i.org.closed && w.now().Before(i.expires) }

// invitedTo says that a reader holds an open invitation of a company: its link or
// the mailbox to which it goes.
func (w *world) invitedTo(c *company) func(reader) bool {
	return func(r reader) bool {
		for _, i := range c.invited {
			if i.waits(w) && (r.link == i.id || r.mailbox == i.email) {
				return true
			}
		}
		for _, g := range c.grants {
			if g.waits(w) && (r.link == g.id || r.mailbox == g.email) {
				return true
			}
		}
		return c.anySeat(func(s *seat) bool { return s.waits(w) && s.holds(r) })
	}
}

// mates is the rule "to the other companies of its circles". A company that has
// paused shows nothing to them.
func (w *world) mates(c *company) func(reader) bool {
	return func(r reader) bool {
		if c.closed || len(c.paused) > 0 {
			return false
		}
		for _, k := range w.groups {
			if !k.members[c] {
				continue
			}
			for d := range k.members {
				if d != c && d.role(w, r) >= web.Viewer {
					return true
				}
			}
		}
		return false
	}
}

// either joins rules.
func either(rules ...func(reader) bool) func(reader) bool {
	return func(r reader) bool {
		for _, rule := range rules {
			if rule(r) {
				return true
			}
		}
		return false
	}
}

// nameRule: a person's name is for himself, for people of the companies he
// belongs or belonged to, for whom he let look or invited, and for managers of a
// company that he looked at or advised.
func (w *world) nameRule(p *person) func(reader) bool {
	return func(r reader) bool {
		if r.p == p || r.key != nil && r.key.maker == p {
			return true
		}
		if p.erased {
			return false
		}
		for _, c := range w.companies {
			if c.ever[p] && c.role(w, r) >= web.Viewer {
				return true
			}
			for _, i := range c.invited {
				if i.by == p && i.waits(w) && (r.link == i.id || r.mailbox == i.email) {
					return true
				}
			}
			for _, g := range c.grants {
				if g.by == p && (g.open(w, r, "") || g.waits(w) && (r.link == g.id || r.mailbox == g.email)) {
					return true
				}
				looked := g.helper == p || g.support && p.wasOperator
				if looked && c.role(w, r) >= web.Viewer {
					return true
				}
			}
			if c.anySeat(func(s *seat) bool { return w.namedAt(s, p, r) }) {
				return true
			}
		}
		return false
	}
}

// addressRule: an address is for its owner and for managers of his companies.
func (w *world) addressRule(p *person) func(reader) bool {
	return func(r reader) bool {
		if r.p == p || r.mailbox == p.email {
			return true
		}
		for _, c := range w.companies {
			if c.roles[p] != web.Nobody && c.role(w, r) >= web.Manager {
				return true
			}
		}
		return false
	}
}

// keepers is the rule for a circle's name: its members, and in the journal of who
// once was one, the managers.
func (w *world) keepers(k *group) func(reader) bool {
	return func(r reader) bool {
		for c := range k.ever {
			if k.members[c] && c.role(w, r) >= web.Viewer || c.role(w, r) >= web.Manager {
				return true
			}
		}
		return false
	}
}

// leaves is what the model says of somebody whose membership ends.
func (w *world) leaves(c *company, p *person) {
	delete(c.roles, p)
	for _, k := range p.tokens {
		k.over = k.over || k.org == c
	}
	for _, i := range c.invited {
		i.over = i.over || i.by == p
	}
	for _, d := range w.companies {
		for _, g := range d.grants {
			if d == c && g.by == p || g.own == c && g.helper == p {
				g.over = true
			}
		}
	}
	w.leavesRooms(c, p)
	for _, d := range w.companies {
		if d.roles[p] != web.Nobody && !d.closed {
			return
		}
	}
	if !p.operator && p.session != "" {
		p.dead, p.session = append(p.dead, p.session), ""
	}
}
