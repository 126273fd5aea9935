package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// orgsPerWrite is how many organisations share a transaction of the seed.
const orgsPerWrite = 10

// Ids of the seed tell their number, so that clients can name them.
func orgID(i int) string     { return fmt.Sprintf("benchorg%06d", i) }
func accountID(i int) string { return fmt.Sprintf("benchacc%06d", i) }

// sessionToken is the cookie of an organisation's owner.
func sessionToken(i int) string { return fmt.Sprintf("bench-session-%06d", i) }

// prepare fills the data folder, unless it holds as much already. The sessions
// of an old fill are renewed.
func prepare(ctx context.Context, data string, o options) error {
	mark, want := filepath.Join(data, "bench.txt"), fmt.Sprintf("%d %d", o.orgs, o.answers)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	have, err := os.ReadFile(mark)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if len(have) > 0 && string(have) != want {
		return fmt.Errorf("%s holds %s organisations and answers, not %s", data, have, want)
	}
	h, err := enter(ctx, data, filepath.Join(data, "minamori.db"))
	if err != nil {
		return err
	}
	defer h.close()
	if len(have) > 0 {
		return errors.Join(h.renew(ctx), h.catchUp(ctx))
	}
	s := &seed{house: h, orgs: o.orgs, rounds: max(1, o.answers/o.orgs/len(h.pack().Items))}
	if err := s.fill(ctx); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte(want), 0o600)
}

func (h *house) renew(ctx context.Context) error {
	return h.db.Write(ctx, func(ctx context.Context) error {
		now := time.Now()
		_, err := db.Exec(ctx, "UPDATE auth_session SET last_seen = ?, expires = ?, stepped_up = ?", now, now.Add(180*24*time.Hour), now)
		return err
	})
}

// catchUp lets the follower read what was written without a server, which would
// otherwise do that beside the next figure.
func (h *house) catchUp(ctx context.Context) error {
	return journal.CatchUp(ctx, h.db, h.assess.PeerFollower())
}

// seed is a fill under way. Each organisation answers everything in several
// rounds; the last one is its present answers.
type seed struct {
	*house
	orgs, rounds int
}

func (s *seed) fill(ctx context.Context) error {
	began := time.Now()
	for i := 0; i < s.orgs; i += orgsPerWrite {
		err := s.db.Write(ctx, func(ctx context.Context) error {
			for k := i; k < min(s.orgs, i+orgsPerWrite); k++ {
				if err := s.organisation(ctx, k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if done := i + orgsPerWrite; done%(max(1, s.orgs/10/orgsPerWrite)*orgsPerWrite) == 0 {
			fmt.Fprintf(os.Stderr, "seed: %d of %d organisations after %s\n", done, s.orgs, time.Since(began).Round(time.Second))
		}
	}
	fmt.Fprintf(os.Stderr, "seed: the follower of peers reads %d entries\n", s.orgs*s.rounds*len(s.pack().Items))
	err := s.catchUp(ctx)
	fmt.Fprintf(os.Stderr, "seed: done after %s\n", time.Since(began).Round(time.Second))
	return err
}

func (s *seed) organisation(ctx context.Context, i int) error {
	random := rand.New(rand.NewPCG(uint64(i), 25))
	if err := s.people(ctx, i); err != nil {
		return err
	}
	for round := range s.rounds {
		at := time.Now().AddDate(0, 0, -90*(s.rounds-1-round)-random.IntN(80))
		if err := s.round(ctx, random, i, round, at); err != nil {
			return err
		}
	}
	return nil
}

// people makes the company, its owner, and a session of the owner.
func (s *seed) people(ctx context.Context, i int) error {
	now := time.Now()
	token := sha256.Sum256([]byte(sessionToken(i)))
	mail := fmt.Sprintf("owner%06d@example.jp", i)
	return all(ctx,
		statement{"INSERT INTO auth_account (id, name, email, email_key, language, operator, created) VALUES (?, ?, ?, ?, 'ja', ?, ?)",
			[]any{accountID(i), fmt.Sprintf("代表 %06d（架空）", i), mail, mail, i == 0, now}},
		statement{`INSERT INTO auth_session (hash, id, account, label, created, last_seen, expires, stepped_up, remembered, opening)
			VALUES (?, ?, ?, 'bench', ?, ?, ?, ?, ?, ?)`,
			[]any{token[:], fmt.Sprintf("benchses%06d", i), accountID(i), now, now, now.Add(180 * 24 * time.Hour), now, true, false}},
		statement{`INSERT INTO org_organisation (id, internal_number, created, kind, name, kana, trade_name, industry, trade, employees, capital_yen, prefecture)
			VALUES (?, ?, ?, 'company', ?, '', '', 'E', '', ?, 10000000, '23')`,
			[]any{orgID(i), fmt.Sprintf("B-%06d", i), now, fmt.Sprintf("株式会社みほん%06d", i), 5 + i%300}},
		statement{"INSERT INTO org_member (org_id, account_id, role, since) VALUES (?, ?, 'owner', ?)",
			[]any{orgID(i), accountID(i), now}},
	)
}

type statement struct {
	query string
	args  []any
}

func all(ctx context.Context, statements ...statement) error {
	for _, x := range statements {
		if _, err := db.Exec(ctx, x.query, x.args...); err != nil {
			return err
		}
	}
	return nil
}

var choices = []string{assess.Done, assess.Partly, assess.NotDone, assess.Unknown}

// round gives every answer once and notes it.
func (s *seed) round(ctx context.Context, random *rand.Rand, i, round int, at time.Time) error {
	pack, table := s.pack(), "assess_answer_past"
	if round == s.rounds-1 {
		table = "assess_answer"
	}
	var args []any
	given := map[string]string{}
	for _, item := range pack.Items {
		choice, memo := choices[random.IntN(len(choices))], memo(random)
		given[item.ID] = choice
		args = append(args, orgID(i), pack.ID, item.ID, choice, memo, db.Text(at), accountID(i), round+1)
		err := journal.Note(ctx, journal.Entry{Org: orgID(i), At: at, Actor: accountID(i), Verb: "assess.answered", Subject: pack.ID + "/" + item.ID},
			map[string]string{"choice": choice, "memo": memo})
		if err != nil {
			return err
		}
	}
	rows := strings.Repeat(", (?, ?, ?, ?, ?, ?, ?, ?)", len(pack.Items))[2:]
	result := assess.Score(pack, given)
	return all(ctx,
		statement{"INSERT INTO " + table + " (org_id, pack, item, choice, memo, answered_at, answered_by, revision) VALUES " + rows, args},
		statement{"INSERT INTO assess_result (org_id, pack, day, points, answered) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			[]any{orgID(i), pack.ID, at.Format("2006-01-02"), result.Points, result.Answered}},
	)
}

// memo is a text that nobody wrote twice: repeated words would compress better
// than people write.
func memo(random *rand.Rand) string {
	var b strings.Builder
	for range 20 + random.IntN(60) {
		b.WriteRune(rune(0x4e00 + random.IntN(1500)))
	}
	b.WriteString("。")
	return b.String()
}
