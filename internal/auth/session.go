package auth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// How long a session lives.
const (
	IdleFor     = 30 * time.Minute     // without a request
	AtMost      = 12 * time.Hour       // whatever happens
	RememberFor = 180 * 24 * time.Hour // on "this device"
	OpeningFor  = time.Hour            // begun by a one-time link, until a way to log in is set up
	seenEvery   = 5 * time.Minute      // how often last_seen is written
)

// clockSlack is how far the clocks of nodes may be apart, or be put back, before
// a date in the future is taken for a fault.
const clockSlack = 30 * time.Minute

// Session is a browser that has logged in, as its person sees it in a list.
type Session struct {
	ID         string    `json:"id"`
	Account    string    `json:"-"`
	Label      string    `json:"label"` // browser and system, for recognising it
	Created    time.Time `json:"created"`
	LastSeen   time.Time `json:"last_seen"`
	Expires    time.Time `json:"expires"`
	Remembered bool      `json:"remembered"`
	Current    bool      `json:"current"`

	steppedUp time.Time
	opening   bool
	operator  bool
	name      string
}

// Grant is the token of a session, for the browser's cookie. Life is zero when
// the cookie ends with the browser.
type Grant struct {
	Token string
	Life  time.Duration
}

func (s *Session) callerFields() []any {
	return []any{&s.ID, &s.Account, db.At(&s.LastSeen), db.At(&s.Expires), db.At(&s.steppedUp), &s.Remembered, &s.opening, &s.operator, &s.name}
}

// Session finds the caller of a session cookie; the zero Caller when there is
// none or it is over. It is one query on the primary keys.
func (k *Keeper) Session(ctx context.Context, token string) (web.Caller, error) {
	s, err := db.One(ctx, (*Session).callerFields, `
		SELECT s.id, s.account, s.last_seen, s.expires, s.stepped_up, s.remembered, s.opening, a.operator, a.name
		FROM auth_session s JOIN auth_account a ON a.id = s.account WHERE s.hash = ?`, digest(token))
	if errors.Is(err, db.ErrNone) || err == nil && s.over(k.now()) {
		return web.Caller{}, nil
	}
	if err != nil {
		return web.Caller{}, err
	}
	k.seen.fresh(s.ID, s.LastSeen)
	if s.opening {
		// There is nothing yet with which this person could prove it again.
		s.steppedUp = k.now()
	}
	return web.Caller{Account: s.Account, Name: s.name, Session: s.ID, Operator: s.operator, SteppedUp: s.steppedUp}, nil
}

// over also ends a session that was used in a time to come: the clock was put
// back, and by its dates the session would outlive the rule by the difference.
func (s Session) over(now time.Time) bool {
	idle := !s.Remembered && !s.opening && now.Sub(s.LastSeen) > IdleFor
	return idle || !now.Before(s.Expires) || s.LastSeen.Sub(now) > clockSlack
}

// StartSession logs an account in without asking for a proof; the caller has
// one. The session of the browser that asks ends.
func (k *Keeper) StartSession(ctx context.Context, account string, remember bool) (g Grant, err error) {
	err = k.db.Write(ctx, func(ctx context.Context) (err error) {
		g, err = k.start(ctx, account, "auth.logged_in", remember, false)
		return err
	})
	return g, err
}

// start makes a session, inside a write.
func (k *Keeper) start(ctx context.Context, account, verb string, remember, opening bool) (Grant, error) {
	if old := web.CallerFrom(ctx).Session; old != "" {
		if _, err := db.Exec(ctx, "DELETE FROM auth_session WHERE id = ?", old); err != nil {
			return Grant{}, err
		}
	}
	now := k.Now()
	g, life := Grant{Token: newSecret()}, AtMost
	switch {
	case opening:
		life = OpeningFor
	case remember:
		life, g.Life = RememberFor, RememberFor
	}
	label := device(web.UserAgent(ctx))
	_, err := db.Exec(ctx, `
		INSERT INTO auth_session (hash, id, account, label, created, last_seen, expires, stepped_up, remembered, opening)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		digest(g.Token), db.NewID(), account, label, now, now, now.Add(life), now, remember && !opening, opening)
	if err != nil {
		return Grant{}, err
	}
	return g, k.noteBy(ctx, account, verb, account, map[string]string{"device": label})
}

// raise gives a session a new token after a fresh proof; the old one dies.
func (k *Keeper) raise(ctx context.Context, c web.Caller) (Grant, error) {
	g, now := Grant{Token: newSecret()}, k.Now()
	s, err := db.One(ctx, func(s *Session) []any { return []any{&s.Remembered, db.At(&s.Expires)} },
		"UPDATE auth_session SET hash = ?, stepped_up = ?, last_seen = ? WHERE id = ? AND account = ? RETURNING remembered, expires",
		digest(g.Token), now, now, c.Session, c.Account)
	if errors.Is(err, db.ErrNone) {
		return Grant{}, problem.NotFound()
	}
	if err != nil {
		return Grant{}, err
	}
	if s.Remembered {
		g.Life = s.Expires.Sub(now)
	}
	return g, k.note(ctx, "auth.stepped_up", c.Account, nil)
}

// settle turns the opening session of an account into an ordinary one: there
// is a way to log in now.
func (k *Keeper) settle(ctx context.Context, account string) error {
	now := k.Now()
	_, err := db.Exec(ctx, "UPDATE auth_session SET opening = ?, stepped_up = ?, last_seen = ?, expires = ? WHERE account = ? AND opening = ?",
		false, now, now, now.Add(AtMost), account, true)
	return err
}

// seen remembers when each session's last request was last written.
type seen struct {
	mu sync.Mutex
	at map[string]time.Time
}

// maxSeen bounds the memory; past it all are written once more.
const maxSeen = 20_000

func (s *seen) due(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.at[id]; ok && now.Sub(last) < seenEvery {
		return false
	}
	if len(s.at) >= maxSeen {
		clear(s.at)
	}
	s.at[id] = now
	return true
}

// fresh spares a write to find out what the row of the session has just told.
func (s *seen) fresh(id string, written time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.at[id]; !ok && len(s.at) < maxSeen {
		s.at[id] = written
	}
}

func (s *seen) mark(id string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[id] = at
}

// Seen notes that a session is in use, at most every five minutes.
func (k *Keeper) Seen(ctx context.Context, c web.Caller) {
	now := k.Now()
	if c.Session == "" || !k.seen.due(c.Session, now) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	err := k.db.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, "UPDATE auth_session SET last_seen = ? WHERE id = ? AND last_seen <= ?", now, c.Session, now.Add(-seenEvery))
		if n == 0 {
			// Written by the login or another node not long ago: look again in a
			// minute, or five would become ten.
			k.seen.mark(c.Session, now.Add(time.Minute-seenEvery))
		}
		return err
	})
	if err != nil {
		k.log.WarnContext(ctx, "last use of a session not written", slog.Any("error", err))
	}
}

// Sessions lists where an account is logged in, the newest use first.
func (k *Keeper) Sessions(ctx context.Context, account string) ([]Session, error) {
	fields := func(s *Session) []any {
		return []any{&s.ID, &s.Label, db.At(&s.Created), db.At(&s.LastSeen), db.At(&s.Expires), &s.Remembered, &s.opening}
	}
	rows, err := db.Rows(ctx, fields, `
		SELECT id, label, created, last_seen, expires, remembered, opening FROM auth_session
		WHERE account = ? ORDER BY last_seen DESC, id`, account)
	live := make([]Session, 0, len(rows))
	for _, s := range rows {
		if !s.over(k.now()) {
			s.Current = s.ID == web.CallerFrom(ctx).Session
			live = append(live, s)
		}
	}
	return live, err
}

// EndSession ends one session of an account; problem.NotFound when it is not
// the account's.
func (k *Keeper) EndSession(ctx context.Context, account, id string) error {
	return k.takeAway(ctx, account, sessionEnded, id,
		"DELETE FROM auth_session WHERE id = ? AND account = ?", id, account)
}

// EndOtherSessions ends all sessions of an account but the one that asks.
func (k *Keeper) EndOtherSessions(ctx context.Context, account string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		return k.endAllBut(ctx, account, web.CallerFrom(ctx).Session)
	})
}

func (k *Keeper) endAllBut(ctx context.Context, account, kept string) error {
	if _, err := db.Exec(ctx, "DELETE FROM auth_session WHERE account = ? AND id <> ?", account, kept); err != nil {
		return err
	}
	return k.noteRevoked(ctx, sessionsEnded, account, kept)
}

// Logout ends the session that asks.
func (k *Keeper) Logout(ctx context.Context) error {
	c := web.CallerFrom(ctx)
	return k.db.Write(ctx, func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "DELETE FROM auth_session WHERE id = ? AND account = ?", c.Session, c.Account); err != nil {
			return err
		}
		return k.note(ctx, "auth.logged_out", c.Account, nil)
	})
}

// device names a browser and its system from what it calls itself: enough to
// recognise a device in a list, and no more.
func device(agent string) string {
	browser := firstOf(agent, [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}})
	system := firstOf(agent, [][2]string{{"Windows", "Windows"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Mac OS", "Mac"}, {"Linux", "Linux"}})
	return strings.Trim(browser+" / "+system, " /")
}

func firstOf(agent string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(agent, m[0]) {
			return m[1]
		}
	}
	return ""
}
