package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
)

// plan is what a run does.
type plan struct {
	nodes, people, companies, rolls int
	proxy, postgres                 string
	think                           time.Duration
}

func main() {
	p := plan{companies: 30}
	flag.IntVar(&p.nodes, "nodes", 3, "servers")
	flag.IntVar(&p.people, "people", 200, "people who read and answer")
	flag.IntVar(&p.rolls, "rolls", 2, "how many times every node is restarted")
	flag.DurationVar(&p.think, "think", 400*time.Millisecond, "how long somebody thinks between two requests, on average")
	flag.StringVar(&p.proxy, "proxy", "haproxy", "haproxy, nginx or own")
	flag.StringVar(&p.postgres, "postgres", os.Getenv("MINAMORI_TEST_POSTGRES"), "URL of a PostgreSQL; one is started when empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	report, err := p.run(ctx)
	stop()
	fmt.Print(report)
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run does the plan and says what came of it.
func (p plan) run(ctx context.Context) (report string, err error) {
	dir, err := os.MkdirTemp("", "minamori-nodes-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if p.postgres == "" {
		var stop func()
		if p.postgres, stop, err = startPostgres(ctx); err != nil {
			return "", err
		}
		defer stop()
	}
	database, drop, err := ownSchema(p.postgres)
	if err != nil {
		return "", err
	}
	defer drop()
	address, err := freePort()
	if err != nil {
		return "", err
	}
	c, err := newCluster(ctx, dir, database, "http://localhost:"+address[strings.LastIndex(address, ":")+1:], p.nodes, p.companies)
	if err != nil {
		return "", err
	}
	defer c.kill()
	if err := c.start(); err != nil {
		return "", err
	}
	start, ok := proxies[p.proxy]
	if !ok {
		return "", fmt.Errorf("no proxy %q", p.proxy)
	}
	stop, err := start(dir, address, c.nodes)
	if err != nil {
		return "", err
	}
	defer stop()
	if err := waitReady(address); err != nil {
		return "", err
	}
	return p.under(ctx, c, "http://"+address)
}

// under restarts the nodes while people are at work, then looks at what stands.
func (p plan) under(ctx context.Context, c *cluster, base string) (string, error) {
	k, err := newCrowd(c, base, p.people)
	if err != nil {
		return "", err
	}
	began := time.Now()
	stop := make(chan struct{})
	wait := k.live(stop, p.think)
	time.Sleep(time.Second)
	for range p.rolls {
		if err = errors.Join(err, c.roll(), ctx.Err()); err != nil {
			break
		}
	}
	time.Sleep(time.Second)
	close(stop)
	wait()
	took := time.Since(began)
	lost := k.lost()
	report := fmt.Sprintf("%d nodes behind %s, %d people, each node restarted %d times in %s\n"+
		"%d pages read, %d answers and %d invitations acknowledged, %d requests failed, %d answers lost\n",
		p.nodes, p.proxy, p.people, p.rolls, took.Round(time.Second), k.read.Load(), k.answered.Load(), k.invited.Load(), len(k.failures), len(lost))
	for _, f := range slices.Concat(first(k.failures), first(lost)) {
		report += "  " + f + "\n"
	}
	if len(k.failures)+len(lost) > 0 {
		err = errors.Join(err, errors.New("not all went well"))
	}
	return report, errors.Join(err, p.once(k), sums(c.database))
}

func first(all []string) []string { return all[:min(10, len(all))] }

// once waits until each invitation has its letter, and finds one with two.
func (p plan) once(k *crowd) error {
	var got map[string]int
	var err error
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if got, err = k.c.letters(); err != nil {
			return err
		}
		missing := 0
		for address := range k.letters {
			if got[address] == 0 {
				missing++
			}
		}
		if missing == 0 {
			break
		}
	}
	for address := range k.letters {
		if got[address] != 1 {
			err = errors.Join(err, fmt.Errorf("%d letters went to %s, want one", got[address], address))
		}
	}
	return err
}

// sums holds what the follower, which ran on all nodes, says of each company against
// its newest result.
func sums(database string) error {
	d, err := sql.Open("pgx", database)
	if err != nil {
		return err
	}
	defer d.Close()
	var behind, wrong int
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if err := d.QueryRow("SELECT COUNT(*) FROM journal_follower WHERE pos < (SELECT pos FROM journal_place)").Scan(&behind); err != nil {
			return err
		}
		if behind == 0 {
			break
		}
	}
	err = d.QueryRow(`SELECT COUNT(*) FROM assess_peer_org o
		JOIN assess_result r ON r.org_id = o.org_id AND r.pack = o.pack
		WHERE r.day = (SELECT MAX(day) FROM assess_result n WHERE n.org_id = o.org_id AND n.pack = o.pack) AND r.points <> o.points`).Scan(&wrong)
	if err == nil && behind+wrong > 0 {
		err = fmt.Errorf("%d followers are behind, %d companies count with other points than they have", behind, wrong)
	}
	return err
}

func ownSchema(base string) (target string, drop func(), err error) {
	admin, err := sql.Open("pgx", base)
	if err != nil {
		return "", nil, err
	}
	name := "nodes_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE SCHEMA " + name); err != nil {
		_ = admin.Close()
		return "", nil, err
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() {
		_, _ = admin.Exec("DROP SCHEMA " + name + " CASCADE")
		_ = admin.Close()
	}, nil
}

// startPostgres starts the server of the Debian package on a free port; as root
// it runs as the user postgres.
func startPostgres(ctx context.Context) (target string, stop func(), err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		return "", nil, errors.New("no PostgreSQL: set MINAMORI_TEST_POSTGRES or install postgresql")
	}
	bin := found[len(found)-1]
	dir, err := os.MkdirTemp("", "minamori-pg-")
	if err != nil {
		return "", nil, err
	}
	address, err := freePort()
	if err != nil {
		return "", nil, err
	}
	_, port, _ := strings.Cut(address, ":")
	as := func(command string) error {
		if os.Getuid() == 0 {
			return run(ctx, "su", "postgres", "-c", command)
		}
		return run(ctx, "sh", "-c", command)
	}
	if os.Getuid() == 0 {
		if err := run(ctx, "chown", "postgres", dir); err != nil {
			return "", nil, err
		}
	}
	err = as(bin + "/initdb -D " + dir + "/data -A trust -E UTF8 --locale=C.UTF-8")
	if err == nil {
		err = as(fmt.Sprintf("%s/pg_ctl -w -D %s/data -l %s/log -o '-p %s -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s -c max_connections=300' start", bin, dir, dir, port, dir))
	}
	stop = func() {
		ctx = context.WithoutCancel(ctx)
		_ = as(bin + "/pg_ctl -m immediate -D " + dir + "/data stop")
		_ = os.RemoveAll(dir)
	}
	return "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable", stop, err
}
