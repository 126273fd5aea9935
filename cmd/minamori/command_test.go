package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// jsonInScript: json FILE [MEMBER...] wants one JSON value, and an object with
// exactly these members where some are named.
func jsonInScript(ts *testscript.TestScript, _ bool, args []string) {
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	var v any
	ts.Check(dec.Decode(&v))
	if dec.More() {
		ts.Fatalf("more than one JSON value")
	}
	if len(args) == 1 {
		return
	}
	members, _ := v.(map[string]any)
	var got []string
	for name := range members {
		got = append(got, name)
	}
	slices.Sort(got)
	if diff := cmp.Diff(args[1:], got); diff != "" {
		ts.Fatalf("members (-want +got):\n%s", diff)
	}
}

// call runs a command in this process.
func call(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// commands lists every command and the program itself.
func commands(t *testing.T) (all [][]string) {
	t.Helper()
	var c cli
	k, err := kong.New(&c, folders())
	if err != nil {
		t.Fatal(err)
	}
	var walk func(n *kong.Node, path []string)
	walk = func(n *kong.Node, path []string) {
		all = append(all, path)
		for _, child := range n.Children {
			walk(child, append(slices.Clone(path), child.Name))
		}
	}
	walk(k.Model.Node, nil)
	if len(all) < 12 {
		t.Fatalf("found %d commands: %v", len(all), all)
	}
	return all
}

func TestHelpOfEveryCommand(t *testing.T) {
	for _, path := range commands(t) {
		code, out, errs := call(append(path, "--help")...)
		if code != 0 || !strings.HasPrefix(out, "Usage: minamori") || errs != "" {
			t.Errorf("%v --help: exit %d\n%s%s", path, code, out, errs)
		}
	}
	if code, out, _ := call(); code != 0 || !strings.Contains(out, "serve") {
		t.Errorf("no command: exit %d\n%s", code, out)
	}
}

// What cannot be understood exits 2, with error: and hint: on standard error
// and nothing on standard output.
func TestUnknownFlagsAndCommands(t *testing.T) {
	for _, path := range commands(t) {
		code, out, errs := call(append(path, "--nothing-of-the-kind")...)
		if code != 2 || !strings.Contains(errs, "error: ") || !strings.Contains(errs, "hint: ") || out != "" {
			t.Errorf("%v: exit %d, out %q, errors %q", path, code, out, errs)
		}
	}
	for _, args := range [][]string{{"unknown"}, {"user", "recover"}, {"version", "--format", "xml"}, {"demo", "--companies", "many"}} {
		if code, out, errs := call(args...); code != 2 || !strings.HasPrefix(errs, "error: ") || !strings.Contains(errs, "\nhint: ") || out != "" {
			t.Errorf("%v: exit %d, out %q, errors %q", args, code, out, errs)
		}
	}
}

// A request that is under way when the signal comes is finished, and so is what
// it wrote.
func TestShutdownFinishesARequest(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if code, _, errs := call("demo", "--data", data, "--companies", "2"); code != 0 {
		t.Fatal(errs)
	}
	p, err := launch(os.Environ(), "", "--data", data, "--listen", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.cmd.Process.Kill() }()
	demo, err := readDemo(data)
	if err != nil {
		t.Fatal(err)
	}
	owner := demo.People[1]
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Post(p.base+"/demo", "application/x-www-form-urlencoded", strings.NewReader("account="+owner.Account))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()

	url := p.base + "/api/v1/orgs/" + owner.Org + "/frameworks/self-diagnosis-25/items/1"
	body, slowly := io.Pipe()
	req, err := http.NewRequest(http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, c := range res.Cookies() {
		req.AddCookie(c)
	}
	answered := make(chan string, 1)
	go func() {
		res, err := client.Do(req)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		answered <- res.Status + " " + string(text)
	}()
	if _, err := slowly.Write([]byte(`{"answer":"done","memo":"slowly",`)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // the server is reading now
	stopped := make(chan int, 1)
	go func() { code, _ := p.stop(); stopped <- code }()
	time.Sleep(300 * time.Millisecond)
	if _, err := slowly.Write([]byte(`"revision":4}`)); err != nil {
		t.Fatal(err)
	}
	_ = slowly.Close()
	if got := <-answered; !strings.HasPrefix(got, "200") {
		t.Errorf("the request was answered %s", got)
	}
	if code := <-stopped; code != 0 {
		t.Errorf("exit %d\n%s", code, p)
	}
}
