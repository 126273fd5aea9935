package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
)

// TestMain makes this test binary be minamori too, so that scripts and process
// tests run the real main.
func TestMain(m *testing.M) { testscript.Main(tidied{m}, map[string]func(){"minamori": main}) }

// tidied runs the tests and removes what they share.
type tidied struct{ *testing.M }

func (m tidied) Run() int {
	code := m.M.Run()
	_ = os.RemoveAll(filledFile.folder)
	_ = os.RemoveAll(filledPostgres.folder)
	dbtest.DropFilled()
	return code
}

// process is a running server.
type process struct {
	cmd         *exec.Cmd
	setup, base string
	said        bytes.Buffer // standard output and error
	mu          sync.Mutex
	done        chan struct{}
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(b)
}

func (p *process) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// launch starts the server and waits for the line that says it is ready.
func launch(env []string, dir string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command("minamori", append([]string{"serve"}, args...)...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir, p.cmd.Stderr = env, dir, p
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan string, 1)
	go p.read(out, ready)
	select {
	case p.base = <-ready:
	case <-time.After(20 * time.Second):
	}
	if p.base == "" {
		_ = p.cmd.Process.Kill()
		<-p.done
		return nil, fmt.Errorf("serve did not become ready:\n%s", p)
	}
	return p, nil
}

func (p *process) read(out io.Reader, ready chan<- string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(p, lines.Text())
		if s, ok := strings.CutPrefix(lines.Text(), "setup: "); ok {
			p.setup = s
		}
		if s, ok := strings.CutPrefix(lines.Text(), "ready: "); ok {
			ready <- s
		}
	}
	close(ready)
	_ = p.cmd.Wait()
	close(p.done)
}

// stop asks the server to finish and returns its exit code.
func (p *process) stop() (int, error) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-time.After(25 * time.Second):
		_ = p.cmd.Process.Kill()
		return -1, fmt.Errorf("serve did not stop:\n%s", p)
	}
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:      "testdata/script",
		Deadline: time.Now().Add(2 * time.Minute),
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "en_GB.UTF-8")
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_DATA_HOME", filepath.Join(e.WorkDir, "home"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serve": serveInScript, "halt": haltInScript, "http": httpInScript,
			"json": jsonInScript, "mode": modeInScript, "sql": sqlInScript,
			"exec-code": execCodeInScript, "setup-form": setupFormInScript, "capture": captureInScript, "certificate": certificateInScript,
		},
	})
}

// serveInScript: serve ARGS... starts the server and sets $BASE, $PORT and $SETUP.
func serveInScript(ts *testscript.TestScript, neg bool, args []string) {
	var env []string
	for _, name := range []string{"LANG", "HOME", "XDG_DATA_HOME", "PATH", "MINAMORI_DATA", "MINAMORI_LISTEN", "MINAMORI_LOG_LEVEL"} {
		if v := ts.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	p, err := launch(env, ts.MkAbs("."), args...)
	if (err != nil) != neg {
		ts.Fatalf("serve %v: %v", args, err)
	}
	if err != nil {
		return
	}
	ts.Defer(func() { _ = p.cmd.Process.Kill() })
	ts.Setenv("BASE", p.base)
	ts.Setenv("SETUP", p.setup)
	if u, err := url.Parse(p.base); err == nil && u.Port() != "" {
		ts.Setenv("PORT", u.Port())
	}
	processes.Store(ts, p)
}

// processes holds the server of each script.
var processes sync.Map

// haltInScript: halt ends the server, which must exit 0; what it said is in the
// file serve.log.
func haltInScript(ts *testscript.TestScript, _ bool, _ []string) {
	found, ok := processes.Load(ts)
	if !ok {
		ts.Fatalf("nothing runs")
	}
	p := found.(*process)
	code, err := p.stop()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("serve.log"), []byte(p.String()), 0o600))
	if code != 0 {
		ts.Fatalf("serve exited %d:\n%s", code, p)
	}
}

// httpInScript: http STATUS METHOD URL [Header=Value...] [form=BODY] puts the
// answer, header first, into the file answer.
func httpInScript(ts *testscript.TestScript, _ bool, args []string) {
	var body string
	header := http.Header{}
	for _, a := range args[3:] {
		name, value, _ := strings.Cut(a, "=")
		if name == "form" {
			body = value
			header.Set("Content-Type", "application/x-www-form-urlencoded")
			continue
		}
		header.Set(name, value)
	}
	req, err := http.NewRequestWithContext(context.Background(), args[1], args[2], strings.NewReader(body))
	ts.Check(err)
	req.Header, req.Host = header, header.Get("Host")
	client := http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // a certificate made for the test
	}
	res, err := client.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	var all bytes.Buffer
	ts.Check(res.Header.Write(&all))
	_, err = io.Copy(&all, res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), all.Bytes(), 0o600))
	if got := fmt.Sprint(res.StatusCode); got != args[0] {
		ts.Fatalf("%s %s: %s, want %s\n%s", args[1], args[2], got, args[0], all.String())
	}
}

// modeInScript: mode 0600 FILE checks who may read a file.
func modeInScript(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// sqlInScript: sql FILE STATEMENT changes a database behind the program's back.
func sqlInScript(ts *testscript.TestScript, _ bool, args []string) {
	d, err := db.Open(context.Background(), ts.MkAbs(args[0]))
	ts.Check(err)
	defer d.Close()
	ts.Check(d.Write(context.Background(), func(ctx context.Context) error {
		n, err := db.Exec(ctx, args[1])
		if err == nil && n == 0 {
			err = fmt.Errorf("changed nothing: %s", args[1])
		}
		return err
	}))
}

// execCodeInScript: exec-code N PROGRAM ARGS... wants exactly this exit code.
func execCodeInScript(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit %d (%v), want %s", code, err, args[0])
	}
}

// setupFormInScript puts into $FORM what the page behind $SETUP would send.
func setupFormInScript(ts *testscript.TestScript, _ bool, _ []string) {
	u, err := url.Parse(ts.Getenv("SETUP"))
	ts.Check(err)
	ts.Setenv("FORM", url.Values{
		"code": {u.Query().Get("code")}, "name": {"運営 はなこ"}, "email": {"hanako@example.jp"},
	}.Encode())
}

// captureInScript: capture NAME REGEXP sets a variable to what the group of the
// expression finds in the last standard output.
func captureInScript(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("%s is not in the output", args[1])
	}
	ts.Setenv(args[0], m[1])
}

// certificateInScript: certificate CERT KEY writes a pair that nobody trusts.
func certificateInScript(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	what := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, what, what, &key.PublicKey, key)
	ts.Check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for file, block := range map[string]*pem.Block{args[0]: {Type: "CERTIFICATE", Bytes: cert}, args[1]: {Type: "PRIVATE KEY", Bytes: secret}} {
		ts.Check(os.WriteFile(ts.MkAbs(file), pem.EncodeToMemory(block), 0o600))
	}
}
