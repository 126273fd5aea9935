package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

func build(ctx context.Context, binary string) error {
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/minamori")
	c.Stderr = os.Stderr
	return c.Run()
}

// process is a server of its own.
type process struct {
	cmd  *exec.Cmd
	addr string        // host:port
	took time.Duration // from the start to the line "ready:"
}

// start runs a server and waits until it answers.
func start(ctx context.Context, name string, args ...string) (*process, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "ready: "); ok {
			took := time.Since(began)
			go func() { _, _ = io.Copy(io.Discard, out) }()
			u, err := url.Parse(address)
			if err != nil {
				return nil, err
			}
			return &process{cmd: c, addr: strings.Replace(u.Host, "localhost", "127.0.0.1", 1), took: took}, nil
		}
	}
	_ = c.Wait()
	return nil, fmt.Errorf("%s %s ended before it was ready", name, strings.Join(args, " "))
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// serve starts the product on a free port; its log goes nowhere.
func (b *bench) serve(ctx context.Context, args ...string) (*process, error) {
	return start(ctx, b.binary, append([]string{"serve", "--data", b.data, "--listen", "localhost:0"}, args...)...)
}

// starts measures from the call of the program to the line "ready:".
func (b *bench) starts(ctx context.Context) error {
	var took []time.Duration
	for range 5 {
		p, err := b.serve(ctx)
		if err != nil {
			return err
		}
		took = append(took, p.took)
		if err := p.stop(); err != nil {
			return err
		}
	}
	slices.Sort(took)
	b.add("start to ready, median of 5", fmt.Sprintf("%s (%s to %s)", ms(took[2]), ms(took[0]), ms(took[4])), "≤ 300 ms", "minamori serve")
	return nil
}

// journal measures the command that an operator runs.
func (b *bench) journal(ctx context.Context) error {
	began := time.Now()
	c := exec.CommandContext(ctx, b.binary, "journal", "verify", "--data", b.data)
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("journal verify: %w\n%s", err, out)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	b.add("journal verify", fmt.Sprintf("%.1f s (%s)", time.Since(began).Seconds(), first), "≤ 5 s for 1,000,000", "minamori journal verify")
	return nil
}
