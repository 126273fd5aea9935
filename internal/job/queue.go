package job

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/minamori-project/minamori/internal/db"
)

// Args say what a job is to do. They are stored as JSON and read by whoever
// keeps the database: ids only.
type Args interface {
	// Kind names the job, as room.verb; it is stored and must not change.
	Kind() string
}

// Options are what New may be told. The zero value is good for serve.
type Options struct {
	Now     func() time.Time // time.Now
	Poll    time.Duration    // how often new jobs are looked for: 250 ms
	Workers int              // how many jobs of the shared queue run at once: 4
	Node    string           // names this process among several; made up when empty
	Retry   func(attempt int) time.Duration
}

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll <= 0 {
		o.Poll = 250 * time.Millisecond
	}
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.Node == "" {
		o.Node = db.NewID()
	}
}

// Spec is how a kind of job is run.
type Spec struct {
	Timeout  time.Duration // one attempt; five minutes when zero
	Attempts int           // until it has failed; 5 when zero
	Workers  int           // a queue of its own for this kind, with so many at once; 0 shares
}

const (
	timeout  = 5 * time.Minute
	attempts = 5
)

// Queue is where jobs wait and the machine that runs them.
type Queue struct {
	db       *db.DB
	log      *slog.Logger
	opts     Options
	workers  *river.Workers
	client   *river.Client[*sql.Tx]
	specs    map[string]Spec
	every    []*recurring
	started  bool
	stopping atomic.Bool
	here     here
	beats    sync.WaitGroup

	beatEvery time.Duration
	silence   context.CancelFunc
}

// New makes a queue on a database. Handle and Every come next, then Start; a
// process that only adds jobs never starts it.
func New(d *db.DB, log *slog.Logger, opts Options) (*Queue, error) {
	opts.fill()
	q := &Queue{db: d, log: log, opts: opts, workers: river.NewWorkers(), specs: map[string]Spec{}, here: newHere(), beatEvery: beatEvery}
	cfg := &river.Config{
		ID:                opts.Node,
		PollOnly:          true,
		FetchPollInterval: opts.Poll,
		FetchCooldown:     min(opts.Poll, 10*time.Millisecond), // the wait between two handfuls of short jobs
		JobTimeout:        timeout,
		MaxAttempts:       attempts,
		Logger:            slog.New(newQuiet(log.Handler())),
		Workers:           q.workers,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: opts.Workers}},
		// Our own rescue is sooner and knows which nodes live; river's would
		// take a long import for dead after an hour.
		RescueStuckJobsAfter: 24 * time.Hour,
	}
	if opts.Retry != nil {
		cfg.RetryPolicy = retry(opts.Retry)
	}
	var err error
	q.client, err = river.NewClient(driver(d), cfg)
	return q, err
}

type retry func(attempt int) time.Duration

func (r retry) NextRetry(j *rivertype.JobRow) time.Time {
	return time.Now().Add(r(j.Attempt))
}

// For ties a job to an organisation: only with it State and Cancel answer.
func For(org string) Option { return func(a *adding) { a.org = org } }

// At lets a job wait until a time.
func At(t time.Time) Option { return func(a *adding) { a.at = t } }

// Once leaves the job out when one of its kind with equal args is waiting or
// running; Add then returns that one's id. Args of an organisation's job must
// hold the organisation, or two of them share one job.
func Once() Option { return func(a *adding) { a.once = true } }

// Option changes how Add queues a job.
type Option func(*adding)

type adding struct {
	org  string
	at   time.Time
	once bool
}

// unfinished are the states in which a job still has work to do.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}
}

// Add queues a job in the transaction of ctx, which must be inside db.Write:
// the job runs after the commit, or not at all. Its kind must have a handler.
func (q *Queue) Add(ctx context.Context, args Args, opts ...Option) (id int64, err error) {
	var a adding
	for _, o := range opts {
		o(&a)
	}
	tx, err := db.SQLTx(ctx)
	if err != nil {
		return 0, err
	}
	res, err := q.client.InsertTx(ctx, tx, args, q.insertOpts(args.Kind(), a))
	if err != nil {
		return 0, err
	}
	if a.org == "" || res.UniqueSkippedAsDuplicate {
		return res.Job.ID, nil
	}
	_, err = db.Exec(ctx, "INSERT INTO job_progress (job_id, org_id, updated) VALUES (?, ?, ?)", res.Job.ID, a.org, q.opts.Now())
	return res.Job.ID, err
}

func (q *Queue) insertOpts(kind string, a adding) *river.InsertOpts {
	spec := q.specs[kind]
	o := &river.InsertOpts{MaxAttempts: spec.Attempts, ScheduledAt: a.at, Queue: river.QueueDefault}
	if spec.Workers > 0 {
		o.Queue = queueOf(kind)
	}
	if a.once {
		o.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: unfinished()}
	}
	return o
}

// Start rescues what a killed node left behind, begins to run jobs and returns.
// The jobs outlive ctx: they end with Stop.
func (q *Queue) Start(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for _, r := range q.every {
		if _, ok := q.specs[r.args.Kind()]; !ok {
			return fmt.Errorf("job: %s recurs and nothing handles %s", r.name, r.args.Kind())
		}
	}
	if err := q.beat(ctx, true); err != nil {
		return err
	}
	if len(q.specs) == 0 {
		return nil // nothing is handled here
	}
	if err := q.client.Start(ctx); err != nil {
		return err
	}
	q.started = true
	ctx, q.silence = context.WithCancel(ctx)
	q.beats.Go(func() { q.keepBeating(ctx) })
	q.beats.Go(func() { q.keepTime(ctx) })
	return nil
}

// interrupted is how long a job may take to return once its context has ended.
const interrupted = 2 * time.Second

// Stop takes no new jobs and waits for the running ones until ctx ends; then
// their contexts end, and they are queued again for the next start.
func (q *Queue) Stop(ctx context.Context) error {
	if !q.started {
		return nil
	}
	err := q.client.Stop(ctx)
	if err != nil {
		q.stopping.Store(true)
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), interrupted)
		defer cancel()
		err = q.client.StopAndCancel(hard)
	}
	q.silence() // not sooner: a node that falls silent is taken for dead
	q.beats.Wait()
	if err != nil {
		return err // something still runs: its node is not to be forgotten
	}
	q.started = false
	return q.db.Write(context.WithoutCancel(ctx), func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM job_node WHERE id = ?", q.opts.Node)
		return err
	})
}
