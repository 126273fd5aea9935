package crash

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
)

// number reads a whole number from the environment.
func number(t *testing.T, env string, otherwise int) int {
	t.Helper()
	s := os.Getenv(env)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a number from 1", env, s)
	}
	return n
}

func sqlite(t *testing.T) store { return store{data: filepath.Join(t.TempDir(), "data")} }

func postgres(t *testing.T) store {
	return store{data: filepath.Join(t.TempDir(), "data"), database: dbtest.PostgresURL(t)}
}

// kill -9 at random moments under write load: nothing that was acknowledged is
// lost, the journal verifies, and every head that was saved on the way holds.
func TestKillNine(t *testing.T) {
	rounds := number(t, "MINAMORI_KILL_ROUNDS", 3)
	for name, open := range map[string]func(*testing.T) store{"sqlite": sqlite, "postgres": postgres} {
		t.Run(name, func(t *testing.T) { killRounds(t, open(t), rounds) })
	}
}

// killing is what lasts over the rounds.
type killing struct {
	store
	server   *server
	owners   []person
	visitors map[string]*visitor
	writers  []*writer
	heads    []string        // files
	invited  map[string]bool // by address: acknowledged
}

func killRounds(t *testing.T, s store, rounds int) {
	demo(t, s)
	k := &killing{store: s, owners: people(t, s), visitors: map[string]*visitor{}, invited: map[string]bool{}}
	k.server = serve(t, s)
	for _, o := range k.owners {
		k.visitors[o.Org] = login(t, k.server, o.Account)
	}
	k.writers = writers(k.visitors, k.owners, 8)
	k.look(t)
	for round := range rounds {
		k.round(t, round)
		if t.Failed() {
			t.Fatalf("round %d failed\n%s", round+1, k.server.log.last())
		}
	}
	k.mailed(t)
	k.server.stop(t)
	k.verify(t, k.heads)
	k.findsCut(t)
	t.Logf("%d rounds of kill -9, %d answers acknowledged and none lost, %d invitations acknowledged and each with its letter, %d saved heads hold",
		rounds, total(k.writers), len(k.invited), len(k.heads))
}

func (k *killing) round(t *testing.T, round int) {
	before := total(k.writers)
	wait := load(k.writers, nil)
	invited := make(chan map[string]bool, 1)
	go func() { invited <- k.invite(round) }()
	time.Sleep(time.Duration(50+rand.IntN(350)) * time.Millisecond)
	k.server.kill()
	wait()
	maps.Copy(k.invited, <-invited)
	k.server = serve(t, k.store)
	for _, v := range k.visitors {
		v.base = k.server.base // the session lives on
	}
	k.ready(t)
	k.look(t)
	k.save(t, round)
	if round%10 == 0 {
		k.verify(t, nil)
	}
	t.Logf("round %d: %d acknowledged", round+1, total(k.writers)-before)
}

func (k *killing) ready(t *testing.T) {
	t.Helper()
	res, err := http.Get(k.server.base + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("/readyz answers %d after the restart", res.StatusCode)
	}
}

func (k *killing) look(t *testing.T) {
	t.Helper()
	for _, w := range k.writers {
		w.look(t)
	}
}

// invite asks for letters until the server dies, and returns the addresses whose
// invitation was acknowledged.
func (k *killing) invite(round int) map[string]bool {
	acknowledged := map[string]bool{}
	for n := 0; ; n++ {
		org := k.owners[n%len(k.owners)].Org
		address := fmt.Sprintf("invited%d.%d@example.jp", round, n)
		r := k.visitors[org].ask(http.MethodPost, "/api/v1/orgs/"+org+"/invitations", map[string]string{"email": address, "role": "member"})
		switch r.status {
		case 0:
			return acknowledged
		case http.StatusOK:
			acknowledged[address] = true
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// save keeps the head of a company, as an export does.
func (k *killing) save(t *testing.T, round int) {
	t.Helper()
	org := k.owners[round%len(k.owners)].Org
	r := k.visitors[org].ask(http.MethodGet, "/api/v1/orgs/"+org+"/journal/head", nil)
	if r.status != http.StatusOK {
		t.Fatalf("head: %d %s", r.status, r.body)
	}
	file := filepath.Join(t.TempDir(), "head.json")
	if err := os.WriteFile(file, r.body, 0o600); err != nil {
		t.Fatal(err)
	}
	k.heads = append(k.heads, file)
}

func (k *killing) verify(t *testing.T, heads []string) {
	t.Helper()
	args := k.args("journal", "verify")
	for _, h := range heads {
		args = append(args, "--head", h)
	}
	if out, code := command(t, args...); code != 0 {
		t.Errorf("journal verify: exit %d\n%s", code, out)
	}
}

// findsCut proves that the check of heads can fail: a head of a longer chain
// than there is must be found.
func (k *killing) findsCut(t *testing.T) {
	t.Helper()
	last := k.heads[len(k.heads)-1]
	b, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	longer := bytes.Replace(b, []byte(`"seq":`), []byte(`"seq":9`), 1)
	if err := os.WriteFile(last, longer, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := command(t, append(k.args("journal", "verify"), "--head", last)...); code != 1 {
		t.Errorf("a head of a longer chain: exit %d, want 1\n%s", code, out)
	}
}

// mailed waits until the letters are exactly those of the invitations that are
// there: a job is there when its cause is, and only then. Every acknowledged
// invitation is among them.
func (k *killing) mailed(t *testing.T) {
	t.Helper()
	there := k.invitations(t)
	for address := range k.invited {
		if !there[address] {
			t.Errorf("the invitation of %s was acknowledged and is not there", address)
		}
	}
	// PostgreSQL may have other nodes, so a dead one's jobs wait until it is silent.
	until(t, time.Minute, "invitations are without their letter, or letters without their invitation", func() bool {
		return maps.Equal(k.letters(t), there)
	})
	if len(k.invited) == 0 {
		t.Error("no invitation was acknowledged")
	}
}

// invitations are the addresses that the database holds.
func (k *killing) invitations(t *testing.T) map[string]bool {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, k.target())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	there := map[string]bool{}
	err = d.Read(ctx, func(ctx context.Context) error {
		all, err := db.Rows(ctx, func(s *string) []any { return []any{s} }, "SELECT email FROM org_invitation")
		for _, address := range all {
			there[address] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}

// A program killed while it makes its folder and tables starts again over what
// it left behind.
func TestKillAtFirstStart(t *testing.T) {
	rounds := number(t, "MINAMORI_KILL_ROUNDS", 3)
	for name, open := range map[string]func(*testing.T) store{"sqlite": sqlite, "postgres": postgres} {
		t.Run(name, func(t *testing.T) {
			for round := range rounds {
				s := open(t)
				first := start(t, s)
				time.Sleep(time.Duration(5+rand.IntN(300)) * time.Millisecond)
				first.kill()
				second := serve(t, s)
				second.stop(t)
				if out, code := command(t, s.args("journal", "verify")...); code != 0 {
					t.Fatalf("round %d: journal verify: exit %d\n%s", round+1, code, out)
				}
			}
			t.Logf("%d first starts killed, each started again", rounds)
		})
	}
}
