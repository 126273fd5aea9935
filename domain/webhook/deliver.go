package webhook

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// waits is how long after each failure the next attempt comes.
var waits = []time.Duration{
	5 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

const (
	failingFor  = 5 * 24 * time.Hour // without any success: switched off
	pauseWait   = time.Hour
	pauseFor    = 5 * 24 * time.Hour // what is older when the pause ends is dropped
	testsPerDay = 20
	testVerb    = "webhook.test"
)

// Why an endpoint was switched off.
// keys: webhook.off.*
const (
	offFailing = "failing"
	offGone    = "gone"   // it answered 410
	offSecret  = "secret" // its secret was given up before a restore
)

// Delivery is one entry for one endpoint.
type Delivery struct {
	ID       string    `json:"id"`
	Org      string    `json:"-"`
	Endpoint string    `json:"-"`
	Verb     string    `json:"verb"`
	Subject  string    `json:"subject"`
	Seq      int64     `json:"seq"`
	Happened time.Time `json:"happened"`
	State    string    `json:"state"` // waiting, delivered or dropped
	Attempts int       `json:"attempts"`
	Tried    time.Time `json:"tried"`
	Status   int       `json:"status"` // of the last answer; 0 for none
	Next     time.Time `json:"next"`
}

const deliveryColumns = "d.id, d.org_id, d.endpoint_id, d.verb, d.subject, d.seq, d.happened, d.state, d.attempts, d.tried_at, d.status, d.next_at"

func (d *Delivery) fields() []any {
	return []any{&d.ID, &d.Org, &d.Endpoint, &d.Verb, &d.Subject, &d.Seq, db.At(&d.Happened), &d.State, &d.Attempts, db.At(&d.Tried), &d.Status, db.At(&d.Next)}
}

const deliveriesShown = 100

func deliveriesOf(ctx context.Context, endpoint string) ([]Delivery, error) {
	return db.Rows(ctx, (*Delivery).fields, "SELECT "+deliveryColumns+` FROM webhook_delivery d
		WHERE d.endpoint_id = ? ORDER BY d.happened DESC, d.id LIMIT ?`, endpoint, deliveriesShown)
}

// Follower makes deliveries of what happens.
func (rm *Room) Follower() journal.Follower {
	return journal.Follower{Name: "webhook", Verbs: rm.Verbs, React: rm.react}
}

func (rm *Room) react(ctx context.Context, entries []journal.Entry) error {
	endpoints := map[string][]Endpoint{}
	for _, e := range entries {
		if _, known := endpoints[e.Org]; !known && e.Org != "" {
			all, err := rm.Endpoints(ctx, e.Org)
			if err != nil {
				return err
			}
			endpoints[e.Org] = all
		}
		for _, to := range endpoints[e.Org] {
			if !to.Off.IsZero() || e.At.Before(to.Created) || !slices.Contains(to.Verbs, e.Verb) {
				continue
			}
			if err := rm.add(ctx, Delivery{Org: e.Org, Endpoint: to.ID, Verb: e.Verb, Subject: e.Subject, Seq: e.Seq, Happened: e.At}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (rm *Room) add(ctx context.Context, d Delivery) error {
	d.ID = "msg_" + db.NewID()
	_, err := db.Exec(ctx, `
		INSERT INTO webhook_delivery (id, org_id, endpoint_id, verb, subject, seq, happened, state, attempts, status, next_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', 0, 0, ?)`, d.ID, d.Org, d.Endpoint, d.Verb, d.Subject, d.Seq, d.Happened, rm.Now())
	if err != nil {
		return err
	}
	return rm.Queue(ctx, d.ID, rm.Now())
}

// Test sends an endpoint a call that says only that it is a test.
func (rm *Room) Test(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		e, err := endpointOf(ctx, org, id)
		if err != nil {
			return err
		}
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM webhook_delivery WHERE endpoint_id = ? AND verb = ? AND happened > ?", e.ID, testVerb, rm.Now().Add(-24*time.Hour))
		if err != nil {
			return err
		}
		if n >= testsPerDay {
			return problem.New(http.StatusTooManyRequests, "webhook-tests", "n", testsPerDay)
		}
		return rm.add(ctx, Delivery{Org: org, Endpoint: e.ID, Verb: testVerb, Subject: e.ID, Happened: rm.Now()})
	})
}

// due is a delivery with its endpoint, if it may still be sent.
type due struct {
	Delivery
	Endpoint Endpoint
}

func (d *due) fields() []any { return append(d.Delivery.fields(), d.Endpoint.fields()...) }

// verdict is what to do with a delivery at this moment.
type verdict int

const (
	forget verdict = iota // it is done, or its endpoint has gone
	send
	wait // sharing is paused
	drop // its endpoint is off, or its maker may not have it any more
)

// Deliver makes one attempt. A job calls it, outside any transaction.
func (rm *Room) Deliver(ctx context.Context, id string) error {
	var d due
	var v verdict
	err := rm.DB.Read(ctx, func(ctx context.Context) (err error) {
		d, v, err = rm.judge(ctx, id)
		return err
	})
	switch {
	case err != nil || v == forget:
		return err
	case v == wait:
		return rm.later(ctx, d)
	case v == drop:
		return rm.drop(ctx, d)
	}
	body, err := d.body()
	if err != nil {
		return err
	}
	status, failed := rm.Post(ctx, d.Endpoint.URL, rm.sign(d.Endpoint, d.ID, rm.Now(), body), body)
	if ctx.Err() != nil {
		return ctx.Err() // a stop is no failure
	}
	if failed != nil {
		status = 0
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error { return rm.record(ctx, d, status) })
}

// judge asks in one snapshot whether a delivery may be sent now: it waits, its
// endpoint is there and on, sharing is not paused, the maker is a manager.
func (rm *Room) judge(ctx context.Context, id string) (due, verdict, error) {
	d, err := db.One(ctx, (*due).fields, "SELECT "+deliveryColumns+", "+endpointColumns+`
		FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id AND e.org_id = d.org_id
		WHERE d.id = ? AND d.state = 'waiting' AND e.removed_at IS NULL`, id)
	if errors.Is(err, db.ErrNone) {
		return d, forget, nil
	}
	if err != nil {
		return d, forget, err
	}
	role, err := rm.Role(ctx, d.Endpoint.MadeBy, d.Org)
	if err != nil {
		return d, forget, err
	}
	paused, err := rm.Paused(ctx, d.Org)
	switch {
	case err != nil:
		return d, forget, err
	case role < web.Manager, !d.Endpoint.Off.IsZero() && d.Verb != testVerb, d.Endpoint.OffWhy == offSecret:
		return d, drop, nil
	case paused:
		return d, wait, nil
	}
	return d, send, nil
}

func (rm *Room) later(ctx context.Context, d due) error {
	if rm.Now().Sub(d.Happened) > pauseFor {
		return rm.drop(ctx, d)
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error { return rm.again(ctx, d.ID, rm.Now().Add(pauseWait)) })
}

func (rm *Room) again(ctx context.Context, id string, at time.Time) error {
	if _, err := db.Exec(ctx, "UPDATE webhook_delivery SET next_at = ? WHERE id = ? AND state = 'waiting'", at, id); err != nil {
		return err
	}
	return rm.Queue(ctx, id, at)
}

func (rm *Room) drop(ctx context.Context, d due) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error { return settle(ctx, d.ID, "dropped") })
}

func settle(ctx context.Context, id, state string) error {
	_, err := db.Exec(ctx, "UPDATE webhook_delivery SET state = ?, next_at = NULL WHERE id = ? AND state = 'waiting'", state, id)
	return err
}

// record keeps what an attempt came to.
func (rm *Room) record(ctx context.Context, d due, status int) error {
	now := rm.Now()
	n, err := db.Exec(ctx, "UPDATE webhook_delivery SET attempts = attempts + 1, tried_at = ?, status = ? WHERE id = ? AND state = 'waiting'", now, status, d.ID)
	if err != nil || n == 0 {
		return err
	}
	if status >= 200 && status <= 299 {
		if _, err := db.Exec(ctx, "UPDATE webhook_endpoint SET failing_since = NULL WHERE id = ? AND failing_since IS NOT NULL", d.Endpoint.ID); err != nil {
			return err
		}
		return settle(ctx, d.ID, "delivered")
	}
	return rm.failed(ctx, d, status)
}

func (rm *Room) failed(ctx context.Context, d due, status int) error {
	now, e := rm.Now(), d.Endpoint
	if d.Verb == testVerb {
		return settle(ctx, d.ID, "dropped") // somebody watches; he presses again
	}
	if _, err := db.Exec(ctx, "UPDATE webhook_endpoint SET failing_since = ? WHERE id = ? AND failing_since IS NULL", now, e.ID); err != nil {
		return err
	}
	switch {
	case status == http.StatusGone:
		return rm.switchOff(ctx, e, offGone)
	case !e.Failing.IsZero() && now.Sub(e.Failing) >= failingFor:
		return rm.switchOff(ctx, e, offFailing)
	case d.Attempts >= len(waits):
		return settle(ctx, d.ID, "dropped")
	}
	return rm.again(ctx, d.ID, now.Add(waits[d.Attempts]))
}

// switchOff ends what waits for an endpoint and tells the owners.
func (rm *Room) switchOff(ctx context.Context, e Endpoint, why string) error {
	n, err := db.Exec(ctx, "UPDATE webhook_endpoint SET off_at = ?, off_why = ? WHERE id = ? AND off_at IS NULL", rm.Now(), why, e.ID)
	if err != nil || n == 0 {
		return err
	}
	if _, err := db.Exec(ctx, "UPDATE webhook_delivery SET state = 'dropped', next_at = NULL WHERE endpoint_id = ? AND state = 'waiting'", e.ID); err != nil {
		return err
	}
	if err := rm.note(ctx, e.Org, "system", "webhook.off", e.ID, false); err != nil {
		return err
	}
	return rm.Notify(ctx, e.Org)
}
