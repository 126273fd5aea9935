package main

import (
	"context"
	"os"
	"testing"
	"time"
)

// Two nodes restart one after the other under people at work: no request fails,
// no answer is lost, each letter goes out once.
func TestRollingRestart(t *testing.T) {
	postgres := os.Getenv("MINAMORI_TEST_POSTGRES")
	if postgres == "" {
		t.Skip("several nodes not tested: MINAMORI_TEST_POSTGRES is not set")
	}
	p := plan{nodes: 2, people: 24, companies: 8, rolls: 1, proxy: "own", postgres: postgres, think: 100 * time.Millisecond}
	report, err := p.run(context.Background())
	t.Log(report)
	if err != nil {
		t.Error(err)
	}
}
