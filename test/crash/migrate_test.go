package crash

import (
	"math/rand/v2"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// kill -9 in the middle of a migration, then once more to the end: the tables
// are those of this version and the journal verifies.
func TestKillDuringMigration(t *testing.T) {
	rounds := min(100, number(t, "MINAMORI_KILL_ROUNDS", 3))
	for name, open := range map[string]func(*testing.T) store{"sqlite": sqlite, "postgres": postgres} {
		t.Run(name, func(t *testing.T) {
			interrupted := 0
			for range rounds {
				s := open(t)
				cmd := exec.Command(binary(t), s.args("migrate")...)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(10+rand.IntN(250)) * time.Millisecond)
				_ = cmd.Process.Kill()
				if cmd.Wait() != nil {
					interrupted++
				}
				mustDo(t, s.args("migrate")...)
				mustDo(t, s.args("journal", "verify")...)
			}
			t.Logf("%d migrations, %d of them killed on the way, each brought to its end afterwards", rounds, interrupted)
		})
	}
}

// Four nodes start at once on an empty PostgreSQL: one migrates, the others wait,
// and all of them serve.
func TestNodesMigrateTogether(t *testing.T) {
	first := postgres(t)
	var wg sync.WaitGroup
	for range 4 {
		s := store{data: t.TempDir(), database: first.database}
		wg.Go(func() {
			if out, err := exec.Command(binary(t), s.args("migrate")...).CombinedOutput(); err != nil {
				t.Errorf("migrate beside others: %v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	mustDo(t, first.args("journal", "verify")...)
}
