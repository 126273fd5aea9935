package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// cluster is the nodes of one installation.
type cluster struct {
	dir, binary string
	database    string
	public      string // the address of the proxy
	nodes       []*node
	owners      []person
	log         lockedBuffer // what the nodes complain of
}

// node is one server: a data folder of its own, the files and the key of all.
type node struct {
	c      *cluster
	data   string
	listen string
	cmd    *exec.Cmd
}

// person is an owner of a company of the demo.
type person struct{ Account, Org, Role string }

// drainDelay is longer than a proxy needs to notice that a node is leaving.
const drainDelay = 1500 * time.Millisecond

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps what is not the line of a request that went well.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(p) {
		if !bytes.Contains(line, []byte(`"level":"INFO"`)) && l.b.Len() < 20_000 {
			l.b.Write(line)
		}
	}
	return len(p), nil
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newCluster fills a region and prepares the folders of n nodes.
func newCluster(ctx context.Context, dir, database, public string, n, companies int) (*cluster, error) {
	c := &cluster{dir: dir, binary: filepath.Join(dir, "minamori"), database: database, public: public}
	if err := run(ctx, "go", "build", "-buildvcs=false", "-o", c.binary, module+"cmd/minamori"); err != nil {
		return nil, err
	}
	first := filepath.Join(dir, "node1")
	if err := run(ctx, c.binary, "demo", "--data", first, "--database-url", database, "--companies", fmt.Sprint(companies)); err != nil {
		return nil, err
	}
	for i := range n {
		data := filepath.Join(dir, fmt.Sprintf("node%d", i+1))
		if i > 0 {
			if err := share(first, data); err != nil {
				return nil, err
			}
		}
		listen, err := freePort()
		if err != nil {
			return nil, err
		}
		c.nodes = append(c.nodes, &node{c: c, data: data, listen: listen})
	}
	var err error
	c.owners, err = owners(filepath.Join(first, "demo.json"))
	return c, err
}

const module = "github.com/minamori-project/minamori/"

// share gives a node the key, the mark of the demo, and the folder of files.
func share(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"installation.key", "demo.json"} {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), b, 0o600); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(from, "files"), 0o700); err != nil {
		return err
	}
	return os.Symlink(filepath.Join(from, "files"), filepath.Join(to, "files"))
}

func owners(file string) (all []person, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var demo struct{ People []person }
	if err := json.Unmarshal(b, &demo); err != nil {
		return nil, err
	}
	for _, p := range demo.People {
		if p.Role == "owner" {
			all = append(all, p)
		}
	}
	return all, nil
}

// start starts the node and waits until it is ready.
func (n *node) start() error {
	n.cmd = exec.Command(n.c.binary, "serve", "--data", n.data, "--database-url", n.c.database, "--listen", n.listen,
		"--public-url", n.c.public, "--drain-delay", drainDelay.String())
	n.cmd.Stderr = &n.c.log
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := n.cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "ready: ") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return nil
		}
	}
	_ = n.cmd.Wait()
	return fmt.Errorf("node %s ended before it was ready:\n%s", n.listen, n.c.log.String())
}

// stop asks the node to finish, and fails when it does not end well.
func (n *node) stop() error {
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := n.cmd.Wait(); err != nil {
		return fmt.Errorf("node %s: %w\n%s", n.listen, err, n.c.log.String())
	}
	return nil
}

func (c *cluster) start() error {
	errs := make(chan error, len(c.nodes))
	for _, n := range c.nodes { // all at once: one migrates, the others wait
		go func() { errs <- n.start() }()
	}
	for range c.nodes {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// kill ends what still runs.
func (c *cluster) kill() {
	for _, n := range c.nodes {
		if n.cmd != nil && n.cmd.ProcessState == nil {
			_ = n.cmd.Process.Kill()
			_ = n.cmd.Wait()
		}
	}
}

// roll restarts one node after the other, as an upgrade does.
func (c *cluster) roll() error {
	for _, n := range c.nodes {
		if err := n.stop(); err != nil {
			return err
		}
		if err := n.start(); err != nil {
			return err
		}
		time.Sleep(drainDelay) // the proxy takes it back before the next one leaves
	}
	return nil
}

// letters counts the letters in all outboxes, by address.
func (c *cluster) letters() (map[string]int, error) {
	count := map[string]int{}
	for _, n := range c.nodes {
		files, err := filepath.Glob(filepath.Join(n.data, "outbox", "*.eml"))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			if _, rest, ok := strings.Cut(string(b), "\nTo: <"); ok {
				to, _, _ := strings.Cut(rest, ">")
				count[to]++
			}
		}
	}
	return count, nil
}

func run(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}

func freePort() (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// waitReady waits until something behind an address is ready.
func waitReady(address string) error {
	var client http.Client
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		req, _ := http.NewRequest(http.MethodGet, "http://"+address+"/readyz", nil)
		req.Host = "localhost"
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	return fmt.Errorf("nothing is ready behind %s", address)
}
