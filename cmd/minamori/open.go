package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os/exec"
	"runtime"
	"time"

	"github.com/minamori-project/minamori/internal/fetch"
	"github.com/minamori-project/minamori/internal/problem"
)

// browser is the command that opens an address, and its arguments before it.
func browser(system string) (name string, args []string) {
	switch system {
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	case "darwin":
		return "open", nil
	}
	return "xdg-open", nil
}

// openBrowser shows an address to the person at this computer. When there is no
// browser the address stands in the window, and that has to do.
func openBrowser(address string) {
	name, args := browser(runtime.GOOS)
	_ = exec.Command(name, append(args, address)...).Start()
}

// show opens the browser when the server is ready.
func (s serveCmd) show(c *console) func(page string) {
	return func(page string) {
		fmt.Fprintln(c.out, c.texts.In(terminalLanguage()).T("cli.note.window"))
		openBrowser(page)
	}
}

// firstPage is what is opened at the start: the set-up link as long as there is
// one, else the home. The link goes to the browser only where other people on the
// machine cannot list its processes with their arguments.
func firstPage(base, setup string) string {
	if setup != "" && runtime.GOOS == "windows" {
		return setup
	}
	return base
}

// alreadyRunning handles a second double click: when the first one's server
// answers at the address, the browser is led there and nothing else starts.
func (s serveCmd) alreadyRunning(c *console, fault error) error {
	p := problem.As(fault)
	if !s.Open || p == nil || p.Code != "address-in-use" && p.Code != "folder-in-use" {
		return fault
	}
	base := "http://" + s.Listen
	if !healthy(c.ctx, base) {
		return fault
	}
	fmt.Fprintln(c.out, c.texts.In(terminalLanguage()).T("cli.note.running"))
	openBrowser(base)
	return nil
}

func healthy(ctx context.Context, base string) bool {
	here := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	answer, err := fetch.New(fetch.Config{Allow: here, Timeout: 2 * time.Second}).Get(ctx, base+"/healthz", 64)
	return err == nil && answer.Status == http.StatusOK && string(answer.Body) == "ok\n"
}
