package crash

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

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
	t.Logf("%d rounds of kill -9, %d answers acknowledged and none lost, %d invitations acknowledged, %d saved heads hold",
		rounds, total(k.writers), len(k.invited), len(k.heads))
}

func (k *killing) round(t *testing.T, round int) {
	before := total(k.writers)
	wait := load(k.writers, nil)
	address := fmt.Sprintf("invited%d@example.jp", round)
	k.invite(address)
	time.Sleep(time.Duration(50+rand.IntN(350)) * time.Millisecond)
	k.server.kill()
	wait()
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

// invite asks for a letter while the server is about to die.
func (k *killing) invite(address string) {
	org := k.owners[0].Org
	r := k.visitors[org].ask(http.MethodPost, "/api/v1/orgs/"+org+"/invitations", map[string]string{"email": address, "role": "member"})
	if r.status == http.StatusOK {
		k.invited[address] = true
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

// mailed waits until every acknowledged invitation has its letter, and holds
// each letter against the invitations: a job is there exactly when its cause is.
func (k *killing) mailed(t *testing.T) {
	t.Helper()
	var letters map[string]bool
	until(t, "acknowledged invitations are without a letter", func() bool {
		letters = k.letters(t)
		for address := range k.invited {
			if !letters[address] {
				return false
			}
		}
		return true
	})
	k.noLetterWithoutCause(t, letters)
}

func (k *killing) noLetterWithoutCause(t *testing.T, letters map[string]bool) {
	t.Helper()
	org := k.owners[0].Org
	r := k.visitors[org].ask(http.MethodGet, "/api/v1/orgs/"+org+"/people", nil)
	for address := range letters {
		if !strings.Contains(string(r.body), address) {
			t.Errorf("a letter went to %s, whose invitation is not there (%d %s)", address, r.status, r.body)
		}
	}
}
