package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Exit codes, as scripts rely on them.
const (
	exitDone  = 0
	exitNo    = 1 // the answer to a yes-or-no question is no
	exitError = 2 // it could not work
)

// errNo is returned by a command whose answer is no.
var errNo = errors.New("the answer is no")

// cli is every command and flag. Each flag is also a MINAMORI_ variable.
type cli struct {
	Serve      serveCmd      `cmd:"" help:"Run the server (the normal command)."`
	Demo       demoCmd       `cmd:"" help:"Fill an empty folder with a fictional region to look around in."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the database to this version, without serving."`
	Backup     backupCmd     `cmd:"" help:"Copy the installation while it runs, or rehearse a restore."`
	Restore    restoreCmd    `cmd:"" help:"Bring a backup back into an empty folder or database."`
	Journal    journalCmd    `cmd:"" help:"Check the journal."`
	Key        keyCmd        `cmd:"" help:"The installation's key, for an operator who has lost it."`
	User       userCmd       `cmd:"" help:"Accounts, for an operator who has locked himself out."`
	Config     configCmd     `cmd:"" help:"Print the settings in force, without secrets."`
	Update     updateCmd     `cmd:"" help:"Ask whether a newer release is out."`
	Framework  frameworkCmd  `cmd:"" help:"The frameworks of this program, and packs of your own."`
	HostPapers hostPapersCmd `cmd:"" help:"Write leaflet, consent sheet and handover sheet of a host as PDF."`
	Gallery    galleryCmd    `cmd:"" help:"Draw every page and part with sample views into a folder."`
	Version    versionCmd    `cmd:"" help:"Print version, commit and Go version."`
}

// console is what a command talks through.
type console struct {
	ctx      context.Context
	out, err io.Writer
	texts    *i18n.Catalogue
	now      func() time.Time
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: tests call it.
func run(ctx context.Context, args []string, out, errw io.Writer) int {
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		fmt.Fprintln(errw, "error:", err)
		return exitError
	}
	c := &console{ctx: ctx, out: out, err: errw, texts: texts, now: time.Now}
	command, code := parse(c, args)
	if command == nil {
		return code
	}
	return c.exit(command.Run(c))
}

// parse reads the arguments. It returns no command when there is nothing left
// to run: help was asked for, or the arguments cannot be understood.
func parse(c *console, args []string) (command *kong.Context, code int) {
	var commands cli
	code = -1
	parser, err := kong.New(&commands,
		kong.Name("minamori"), kong.Description("Minamori (皆守): cybersecurity for all, in one binary."),
		kong.DefaultEnvars("MINAMORI"), kong.Writers(c.out, c.err), kong.UsageOnError(),
		folders(),
		kong.Exit(func(n int) { code = n }))
	if err != nil {
		fmt.Fprintln(c.err, "error:", err)
		return nil, exitError
	}
	if len(args) == 0 {
		args = withoutArguments()
	}
	command, err = parser.Parse(args)
	if code >= 0 {
		return nil, code // --help has been printed
	}
	if err != nil {
		fmt.Fprintf(c.err, "error: %v\nhint: minamori --help lists commands and flags\n", err)
		return nil, exitError
	}
	return command, exitDone
}

// folders are the defaults that depend on who runs the program.
func folders() kong.Vars {
	return kong.Vars{"data": defaultDataDir(), "demo": defaultDataDir() + "-demo"}
}

func (c *console) exit(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errNo):
		return exitNo
	}
	title, hint := c.explain(err)
	fmt.Fprintln(c.err, "error:", title)
	if hint != "" {
		fmt.Fprintln(c.err, "hint:", hint)
	}
	return exitError
}

// explain words an error for the person at the terminal. What is not a problem
// is shown as it is: the operator owns the machine.
func (c *console) explain(err error) (title, hint string) {
	p := problem.As(err)
	l := c.texts.In(terminalLanguage())
	switch {
	case p != nil:
		return l.T("problem."+p.Code+".title", p.Args...) + detail(err, p), l.T("problem."+p.Code+".hint", p.Args...)
	case errors.As(err, new(*fs.PathError)), errors.Is(err, fs.ErrPermission):
		return err.Error(), l.T("cli.hint.permission")
	}
	return err.Error(), ""
}

// detail adds the cause of a storage fault, which only the operator may see.
func detail(err error, p *problem.Problem) string {
	if cause := strings.TrimPrefix(err.Error(), p.Error()); cause != "" && p.Status >= 500 {
		return " (" + strings.TrimPrefix(cause, ": ") + ")"
	}
	return ""
}

// terminalLanguage follows the locale of the terminal; Japanese or English.
func terminalLanguage() i18n.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "ja") {
				return i18n.JA
			}
			return i18n.EN
		}
	}
	return systemLanguage()
}

// Output is the format flag of commands that print a result.
type Output struct {
	Format string `enum:"text,json" default:"text" help:"How to print the result: text or json."`
}

// print writes a result as JSON, or as the lines that text makes.
func (o Output) print(c *console, result any, text func(io.Writer)) error {
	if o.Format == "json" {
		if v := reflect.ValueOf(result); v.Kind() == reflect.Slice && v.IsNil() {
			result = []any{} // a script that counts must not meet null
		}
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "  ")
		return enc.Encode(result)
	}
	text(c.out)
	return nil
}
