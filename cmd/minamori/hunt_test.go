package main

import (
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/internal/db/dbtest"
)

// Nothing that was not granted appears (threats T2, T4, T21): worlds of a few
// companies in which people come and go, grants are given and taken back, jobs are
// prepared before and done after, and everybody reads everything that has an
// address. The oracle is the model in hunt_world_test.go.
//
//	go test ./cmd/minamori -run TestNothingUngrantedAppears                 a short round
//	MINAMORI_HUNT_READS=1000000 go test ./cmd/minamori -run …  -timeout 9h   the long one (go run ./test/nightly hunt)

const (
	huntReads   = 4000 // of a short round; a tenth of it, on PostgreSQL
	worldSteps  = 50   // acts in one world
	readsPerAct = 20
)

// huntFor is how many reads are asked for.
func huntFor(t *testing.T) int {
	s := os.Getenv("MINAMORI_HUNT_READS")
	if s == "" {
		return huntReads
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("MINAMORI_HUNT_READS: %q", s)
	}
	return n
}

func TestNothingUngrantedAppears(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		empty := emptyFolder(t)
		hunt(t, huntFor(t), func(rt *rapid.T) *world { return newWorld(t, rt, Store{}, empty) })
	})
	t.Run("postgres", func(t *testing.T) {
		dbtest.PostgresURL(t)
		hunt(t, max(1000, huntFor(t)/10), func(rt *rapid.T) *world { return newWorld(t, rt, Store{DatabaseURL: dbtest.PostgresURL(t)}, "") })
	})
}

// hunt goes through worlds until the reads are done.
func hunt(t *testing.T, reads int, open func(rt *rapid.T) *world) {
	receiver := newReceiver()
	t.Cleanup(receiver.Close)
	worlds := max(1, reads/(worldSteps*readsPerAct))
	for name, value := range map[string]string{"rapid.checks": strconv.Itoa(worlds), "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	total, useful, began, met := 0, 0, time.Now(), map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := open(rt)
		w.receiver = receiver
		w.populate()
		w.live(rt)
		if total, useful = total+w.reads, useful+w.useful; total%(50*worldSteps*readsPerAct) == 0 {
			t.Logf("%d reads so far, %.0f a second", total, float64(total)/time.Since(began).Seconds())
		}
		for what, n := range w.sightings {
			met[what] += n
		}
	})
	if t.Failed() {
		return
	}
	took := time.Since(began)
	t.Logf("%d reads (%d answered with something) in %s, %.0f a second, in %d worlds", total, useful, took.Round(time.Second), float64(total)/took.Seconds(), worlds)
	checkPower(t, met, total)
}

// A parameter that the hunt does not know would leave its routes unmet.
func TestHuntKnowsEveryParameter(t *testing.T) {
	w := newWorld(t, t, Store{}, "")
	for _, r := range w.getRoutes() {
		for _, param := range params(r.Path) {
			if idQueries[param] == "" && len(constants[param]) == 0 && param != "address" {
				t.Errorf("%s: what is {%s}?", r.Path, param)
			}
		}
	}
}

// live lets things happen, and everybody read in between.
func (w *world) live(rt *rapid.T) {
	routes, all := w.getRoutes(), acts()
	if rapid.Bool().Draw(rt, "furnished") { // what takes several acts in a row would be rare otherwise
		for _, do := range furnishing() {
			do(w, rt)
		}
	}
	for range worldSteps {
		draw(rt, "act", all).do(w, rt)
		w.rng = rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "reads"), 1))
		ids := w.ids()
		for range readsPerAct {
			w.read(w.reading(routes, ids))
		}
	}
}

// checkPower fails when the hunt could not have found anything: those who may
// meet a fact must have met it.
func checkPower(t *testing.T, met map[string]int, reads int) {
	t.Helper()
	for _, what := range sortedKeys(met) {
		if testing.Verbose() && !strings.HasPrefix(what, "route ") {
			t.Logf("%7d %s", met[what], what)
		}
	}
	must := []string{
		"person meets memo of an answer", "person meets name of a company", "key meets name of a company", "person meets invited address",
		"person meets name of secret evidence", "person meets step of a plan", "person who confirms meets memo of an answer", "person in public meets section of a policy",
	}
	if reads >= 200_000 {
		must = append(must, "stranger in public meets section of a policy", "stranger of a calendar meets step of a plan", "person meets row of a ledger", "person meets comment",
			"person meets what a helper proposes", "key meets customer of a sheet", "person who confirms meets content of evidence")
	}
	if reads < 20_000 {
		return // too few worlds to be sure of meeting everything
	}
	for _, what := range must {
		if met[what] == 0 {
			t.Errorf("nobody who may see it met: %s", what)
		}
	}
}
