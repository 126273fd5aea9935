package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// dialler is the only package that may call other machines (threats T28).
const dialler = "internal/fetch/"

// diallers are the names with which the standard library calls out, by package;
// "*" is every name. Listening, and a pointer to a client that somebody else
// made, call nobody.
var diallers = map[string][]string{
	"net": {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "DefaultResolver",
		"LookupHost", "LookupIP", "LookupAddr", "LookupCNAME", "LookupMX", "LookupNS", "LookupPort", "LookupSRV", "LookupTXT",
		"ResolveTCPAddr", "ResolveUDPAddr", "ResolveIPAddr"},
	"net/http":          {"Client", "DefaultClient", "DefaultTransport", "Transport", "Get", "Head", "Post", "PostForm"},
	"net/http/httputil": {"ReverseProxy", "NewSingleHostReverseProxy"},
	"net/smtp":          {"*"},
	"net/rpc":           {"*"},
	"crypto/tls":        {"Dial", "DialWithDialer", "Dialer"},
	"log/syslog":        {"*"},
	"syscall":           {"Connect"},
}

// dials lists the places of a file that call out.
func dials(f *ast.File, fset *token.FileSet) []string {
	named := map[string]string{}
	var found []string
	for _, i := range f.Imports {
		full := strings.Trim(i.Path.Value, `"`)
		name := path.Base(full)
		if i.Name != nil {
			name = i.Name.Name
		}
		switch names := diallers[full]; {
		case slices.Contains(names, "*"), names != nil && name == ".":
			found = append(found, fset.Position(i.Pos()).String()+": imports "+full)
		case names != nil:
			named[name] = full
		}
	}
	pointed := map[ast.Node]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StarExpr:
			pointed[n.X] = true
		case *ast.SelectorExpr:
			pkg, ok := n.X.(*ast.Ident)
			if ok && !pointed[n] && slices.Contains(diallers[named[pkg.Name]], n.Sel.Name) {
				found = append(found, fset.Position(n.Pos()).String()+": "+pkg.Name+"."+n.Sel.Name)
			}
		}
		return true
	})
	return found
}

func TestOnlyFetchDials(t *testing.T) {
	parse(t, func(name string, f *ast.File, fset *token.FileSet) {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, dialler) ||
			strings.HasPrefix(name, "test/") || strings.HasPrefix(name, "bench/") {
			return
		}
		for _, d := range dials(f, fset) {
			t.Errorf("%s: only internal/fetch calls other machines (threats T28)", d)
		}
	})
}

func TestOnlyFetchDialsCanFail(t *testing.T) {
	for text, want := range map[string]int{
		`import "net"; func f() { net.Dial("tcp", "a:1") }`:                          1,
		`import n "net"; var d n.Dialer`:                                             1,
		`import . "net"`:                                                             1,
		`import "net"; var r = &net.Resolver{}`:                                      1,
		`import "net"; func f() { net.LookupTXT("a") }`:                              1,
		`import "net/http"; var c = http.Client{}`:                                   1,
		`import "net/http"; var c = &http.Client{}`:                                  1,
		`import "net/http"; var c = new(http.Client)`:                                1,
		`import "net/http"; var c = http.DefaultClient; var d = http.Get`:            2,
		`import "net/smtp"`:                                                          1,
		`import "crypto/tls"; func f() { tls.Dial("tcp", "a:1", nil) }`:              1,
		`import "net"; func f() { net.Listen("tcp", "a:1"); net.SplitHostPort("") }`: 0,
		`import "net/http"; func f(c *http.Client, r *http.Request) {}`:              0,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package x; "+text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := dials(f, fset); len(got) != want {
			t.Errorf("%s: found %v, want %d", text, got, want)
		}
	}
}
