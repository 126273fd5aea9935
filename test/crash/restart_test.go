package crash

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// pgRestart restarts the PostgreSQL of the tests, without asking its sessions.
func pgRestart(t *testing.T) {
	t.Helper()
	ctl, data := os.Getenv("MINAMORI_TEST_PGCTL"), os.Getenv("MINAMORI_TEST_PGDATA")
	command := fmt.Sprintf("%s -w -m immediate -D %s -l %s/../log restart", ctl, data, data)
	cmd := exec.Command("sh", "-c", command)
	if os.Getuid() == 0 {
		cmd = exec.Command("su", "postgres", "-c", command)
	}
	cmd.Stdout, cmd.Stderr = nil, nil // its child would hold a pipe open
	if err := cmd.Run(); err != nil {
		t.Fatalf("restarting PostgreSQL: %v", err)
	}
}

// PostgreSQL is restarted hard while people answer: nothing acknowledged is lost,
// and answering works again by itself. Only alone: others use the same server.
func TestPostgresRestartedUnderLoad(t *testing.T) {
	if os.Getenv("MINAMORI_TEST_PGCTL") == "" || os.Getenv("MINAMORI_TEST_PGRESTART") == "" {
		t.Skip("PostgreSQL is not restarted: MINAMORI_TEST_PGCTL, _PGDATA and _PGRESTART are not all set")
	}
	s := postgres(t)
	demo(t, s)
	srv := serve(t, s)
	owners := people(t, s)
	visitors := map[string]*visitor{}
	for _, o := range owners {
		visitors[o.Org] = login(t, srv, o.Account)
	}
	all := writers(visitors, owners, 2*len(owners))
	for _, w := range all {
		w.look(t)
	}
	stop := make(chan struct{})
	wait := load(all, stop)
	for range 3 {
		time.Sleep(500 * time.Millisecond)
		pgRestart(t)
	}
	close(stop)
	wait()
	before := total(all)
	back := recovers(t, all[0].visitor, all[0])
	for _, w := range all[1:] {
		w.look(t)
	}
	goesOn(t, s, visitors[owners[0].Org], owners[0].Org)
	srv.stop(t)
	if out, code := command(t, s.args("journal", "verify")...); code != 0 {
		t.Errorf("journal verify: exit %d\n%s", code, out)
	}
	t.Logf("three hard restarts of PostgreSQL: %d answers acknowledged, none lost; back after %s", before, back.Round(time.Millisecond))
}
