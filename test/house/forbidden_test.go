package house

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// What the program may not import, with the reason (OWASP ASVS 1.3, 1.5, 11.3–11.5).
// Only the commands beside it (bench, release, test) and tests may.
var refused = map[string]string{
	"crypto/md5": "broken", "crypto/sha1": "broken", "crypto/des": "broken", "crypto/rc4": "broken",
	"math/rand": "guessable", "math/rand/v2": "guessable",
	"unsafe": "memory that nobody checks", "plugin": "code from outside", "encoding/gob": "made for callers one trusts",
	"encoding/xml": "nothing here reads XML", "text/template": "does not escape", "html/template": "pages are typed",
	"os/exec": "a command line is a door",
}

// where each of them is right all the same.
var allowed = map[string]string{
	"format/oscal/names.go crypto/sha1":    "names of version 5 (RFC 9562), which protect nothing",
	"cmd/minamori/open.go os/exec":         "opens the browser of the person at this computer, at our own address",
	"cmd/minamori/demo.go math/rand/v2":    "fictional companies, the same ones from the same number",
	"cmd/minamori/start_windows.go unsafe": "a call of Windows",
}

func ofTheProgram(name string) bool {
	for _, other := range []string{"bench/", "release/", "test/", "tools/"} {
		if strings.HasPrefix(name, other) {
			return false
		}
	}
	return !strings.HasSuffix(name, "_test.go") && !strings.Contains(name, "/dbtest/")
}

func TestWeakAndOpenThingsAreNotImported(t *testing.T) {
	parse(t, func(name string, f *ast.File, _ *token.FileSet) {
		if !ofTheProgram(name) {
			return
		}
		for _, i := range f.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			if why, no := refused[path]; no && allowed[name+" "+path] == "" {
				t.Errorf("%s imports %s: %s", name, path, why)
			}
		}
	})
}

// A TLS client that takes any certificate, and a cipher of our own choosing.
func TestCertificatesAreChecked(t *testing.T) {
	loose := regexp.MustCompile(`InsecureSkipVerify|NewECBEncrypter|NewCBCEncrypter|NewCTR\(|EncryptPKCS1v15|SignPKCS1v15`)
	for _, name := range files(t, ".go") {
		if found := loose.FindString(read(t, name)); ofTheProgram(name) && found != "" {
			t.Errorf("%s uses %s", name, found)
		}
	}
}

// Our scripts keep nothing in the browser, run no text as code and take no
// messages of other windows; the worker that keeps the emergency page talks to
// our own page alone.
func TestScriptsKeepAndRunNothing(t *testing.T) {
	keeps := regexp.MustCompile(`localStorage|sessionStorage|indexedDB|document\.cookie`)
	runs := regexp.MustCompile(`\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|import\(|window\.addEventListener\("message"`)
	for _, name := range files(t, ".js") {
		if !strings.HasPrefix(name, "ui/") || strings.HasSuffix(name, ".min.js") {
			continue
		}
		for _, r := range []*regexp.Regexp{keeps, runs} {
			if found := r.FindString(read(t, name)); found != "" {
				t.Errorf("%s uses %s", name, found)
			}
		}
	}
	config := regexp.MustCompile(`htmxConfig = .*`).FindString(read(t, "ui/shell.templ"))
	for _, off := range []string{`"allowEval":false`, `"allowScriptTags":false`, `"selfRequestsOnly":true`} {
		if !strings.Contains(config, off) {
			t.Errorf("htmx is not told %s: %s", off, config)
		}
	}
}

// calls walks over the calls of the program, with the arguments of each.
func calls(t *testing.T, each func(name, callee string, args []ast.Expr)) {
	t.Helper()
	parse(t, func(name string, f *ast.File, _ *token.FileSet) {
		if !ofTheProgram(name) {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fun := call.Fun
			if typed, ok := fun.(*ast.IndexExpr); ok {
				fun = typed.X // db.Value[int](…)
			}
			if s, ok := fun.(*ast.SelectorExpr); ok {
				if p, ok := s.X.(*ast.Ident); ok {
					each(name, p.Name+"."+s.Sel.Name, call.Args)
				}
			}
			return true
		})
	})
}

// fixed says that a text is made of what stands in the program: literals, names
// of constants and variables, and marks that are repeated. What a caller sent
// sits in a field, and a field is not fixed.
func fixed(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit, *ast.Ident:
		return true
	case *ast.ParenExpr:
		return fixed(e.X)
	case *ast.BinaryExpr:
		return fixed(e.X) && fixed(e.Y)
	case *ast.CallExpr:
		s, ok := e.Fun.(*ast.SelectorExpr)
		return ok && (s.Sel.Name == "Repeat" && fixed(e.Args[0]) || s.Sel.Name == "Itoa")
	}
	return false
}

// Statements take what people typed as parameters.
func TestStatementsAreNotGlued(t *testing.T) {
	seen := 0
	calls(t, func(name, callee string, args []ast.Expr) {
		query := 1
		switch callee {
		case "db.Exec", "db.Value":
		case "db.Rows", "db.One":
			query = 2
		case "db.Each":
			query = 3
		default:
			return
		}
		seen++
		if len(args) > query && !fixed(args[query]) {
			t.Errorf("%s: a statement of %s is made of something that is not fixed", name, callee)
		}
	})
	if seen < 300 {
		t.Errorf("only %d statements were looked at", seen)
	}
}

func TestPatternsAreConstants(t *testing.T) {
	calls(t, func(name, callee string, args []ast.Expr) {
		if strings.HasPrefix(callee, "regexp.") && len(args) > 0 && !fixed(args[0]) {
			t.Errorf("%s: a pattern is made of something that is not fixed", name)
		}
	})
}
