package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// built is the binary, made once for all tests of this package.
var built struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

func binary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "minamori-crash-"); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(built.dir, "minamori"), "../../cmd/minamori")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "minamori")
}

// store is a demo folder and, where it is not SQLite, a database.
type store struct {
	data, database string
}

func (s store) args(command ...string) []string {
	args := append(command, "--data", s.data)
	if s.database != "" {
		args = append(args, "--database-url", s.database)
	}
	return args
}

// target is what db.Open takes.
func (s store) target() string {
	if s.database != "" {
		return s.database
	}
	return filepath.Join(s.data, "minamori.db")
}

// letters are the addresses of the invitations in the outbox folder.
func (s store) letters(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.data, "outbox", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	to := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if !bytes.Contains(text, []byte("/invitations/")) {
			continue // of the demo's other rooms
		}
		a, err := mail.ParseAddress(m.Header.Get("To"))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		to[a.Address] = true
	}
	return to
}

// command runs a command to its end and returns what it printed.
func command(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	b, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

func mustDo(t *testing.T, args ...string) string {
	t.Helper()
	out, code := command(t, args...)
	if code != 0 {
		t.Fatalf("minamori %s: exit %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

func demo(t *testing.T, s store) {
	t.Helper()
	mustDo(t, s.args("demo", "--companies", "12")...)
}

// server is the program as a process.
type server struct {
	cmd   *exec.Cmd
	base  string
	log   *tail
	ready chan string // its address, once
	done  chan struct{}
}

// tail keeps what a process said, for a test that fails.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// last is the end of it, without the lines of requests that went well.
func (l *tail) last() string {
	var lines []string
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, `"level":"INFO"`) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-20):], "")
}

// start starts the program and waits for nothing.
func start(t *testing.T, s store) *server {
	t.Helper()
	srv := &server{
		cmd: exec.Command(binary(t), s.args("serve", "--listen", "localhost:0")...),
		log: &tail{}, done: make(chan struct{}), ready: make(chan string, 1),
	}
	srv.cmd.Stderr = srv.log
	out, err := srv.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.kill)
	go srv.watch(out)
	return srv
}

// serve starts the program and waits until it says that it is ready.
func serve(t *testing.T, s store) *server {
	t.Helper()
	srv := start(t, s)
	select {
	case srv.base = <-srv.ready:
	case <-time.After(20 * time.Second):
	}
	if srv.base == "" {
		srv.kill()
		t.Fatalf("the server did not become ready\n%s", srv.log)
	}
	return srv
}

func (s *server) watch(out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if base, ok := strings.CutPrefix(lines.Text(), "ready: "); ok {
			s.ready <- base
		}
	}
	close(s.ready)
	_ = s.cmd.Wait()
	close(s.done)
}

// kill ends the process as a power cut would, and waits until it is gone.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

// stop asks it to finish.
func (s *server) stop(t *testing.T) {
	t.Helper()
	began := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("stopping took %s with nothing to finish\n%s", took, s.log.last())
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the server did not stop")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("stopped with exit %d\n%s", code, s.log.last())
	}
}

// visitor is somebody at the server.
type visitor struct {
	http    http.Client
	base    string
	session *http.Cookie
}

// person is somebody of the demo.
type person struct {
	Account, Name, Org, Role string
}

func people(t *testing.T, s store) (owners []person) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.data, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ People []person }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, p := range all.People {
		if p.Role == "owner" {
			owners = append(owners, p)
		}
	}
	return owners
}

// login is what the page of the demo does.
func login(t *testing.T, srv *server, account string) *visitor {
	t.Helper()
	v := &visitor{base: srv.base, http: http.Client{
		Timeout:       15 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 8},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	res, err := v.http.Post(srv.base+"/demo", "application/x-www-form-urlencoded", strings.NewReader("account="+account))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == "session" {
			v.session = c
		}
	}
	if v.session == nil {
		t.Fatalf("login answered %d without a session\n%s", res.StatusCode, srv.log.last())
	}
	return v
}

// reply is what came back; status 0 when nothing did.
type reply struct {
	status int
	kind   string
	body   []byte
	took   time.Duration
}

// ask sends JSON and reads the answer to its end.
func (v *visitor) ask(method, path string, body any) reply {
	var send []byte
	if body != nil {
		send, _ = json.Marshal(body)
	}
	return v.send(method, path, "application/json", send)
}

// post sends a form, as a page does.
func (v *visitor) post(path, form string) reply {
	return v.send(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form))
}

func (v *visitor) send(method, path, kind string, body []byte) (r reply) {
	req, err := http.NewRequestWithContext(context.Background(), method, v.base+path, bytes.NewReader(body))
	if err != nil {
		return r
	}
	req.AddCookie(v.session)
	req.Header.Set("Content-Type", kind)
	began := time.Now()
	res, err := v.http.Do(req)
	if err != nil {
		return reply{took: time.Since(began)}
	}
	defer res.Body.Close()
	r = reply{status: res.StatusCode, kind: res.Header.Get("Content-Type")}
	if r.body, err = io.ReadAll(res.Body); err != nil {
		return reply{took: time.Since(began)} // cut off: nothing was acknowledged
	}
	r.took = time.Since(began)
	return r
}

// get reads JSON and must succeed.
func (v *visitor) get(t *testing.T, path string, into any) {
	t.Helper()
	r := v.ask(http.MethodGet, path, nil)
	if r.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, r.status, r.body)
	}
	if err := json.Unmarshal(r.body, into); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
}
