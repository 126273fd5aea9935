package web

import (
	"context"
	"strings"
	"testing"
)

type floatIn struct {
	X float64 `query:"x"`
}
type pathIn struct {
	Org string `path:"company"`
}
type bodyIn struct {
	Name string `json:"name"`
}
type unsignedIn struct {
	N uint `json:"n"`
}

func declare[In any](method, path string, role Role, doc string, opts ...Option) func() {
	h := func(context.Context, In) (hello, error) { return hello{}, nil }
	return func() {
		if method == "POST" {
			Post(path, role, doc, h, page[hello], opts...)
			return
		}
		Get(path, role, doc, h, page[hello], opts...)
	}
}

func TestContradictionsStopTheStart(t *testing.T) {
	for _, c := range []struct {
		name string
		make func()
		want string // "" for a sound route
	}{
		{"sound", declare[orgIn]("GET", "/orgs/{org}", Viewer, "Doc."), ""},
		{"sound rest", declare[none]("GET", "/x/{rest...}", Public, "Doc."), ""},
		{"no role", declare[none]("GET", "/", Nobody, "Doc."), "no role"},
		{"role without org", declare[none]("GET", "/x", Viewer, "Doc."), "does not fit"},
		{"org without role", declare[orgIn]("GET", "/orgs/{org}", SignedIn, "Doc."), "does not fit"},
		{"operator in a company", declare[orgIn]("GET", "/orgs/{org}", Operator, "Doc."), "does not fit"},
		{"public in a company", declare[orgIn]("GET", "/orgs/{org}", Public, "Doc."), "does not fit"},
		{"org under another name", declare[none]("GET", "/orgs/{organisation}", Viewer, "Doc."), "does not fit"},
		{"no sentence", declare[none]("GET", "/", Public, ""), "no sentence"},
		{"no path", declare[none]("GET", "x", Public, "Doc."), "no path"},
		{"in the API", declare[none]("GET", "/api/v1/x", Public, "Doc."), "JSON face"},
		{"step-up of a stranger", declare[none]("POST", "/x", Public, "Doc.", StepUp), "stranger"},
		{"no limit", declare[none]("POST", "/x", Public, "Doc.", Limit(0)), "limit"},
		{"too high a limit", declare[none]("POST", "/x", SignedIn, "Doc.", Limit(UploadLimit+1)), "limit"},
		{"files of strangers", declare[none]("POST", "/x", Public, "Doc.", Limit(UploadLimit)), "stranger"},
		{"not a struct", declare[string]("GET", "/", Public, "Doc."), "not a struct"},
		{"body of a reading route", declare[bodyIn]("GET", "/", Public, "Doc."), "reads a body"},
		{"field that the path lacks", declare[pathIn]("GET", "/orgs/{org}", Viewer, "Doc."), "no {company}"},
		{"query of a type without text", declare[floatIn]("GET", "/", Public, "Doc."), "cannot fill x"},
		{"form of a type without text", declare[unsignedIn]("POST", "/", Public, "Doc."), "cannot fill n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				got, _ := recover().(string)
				if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
					t.Errorf("%q, want %q", got, c.want)
				}
			}()
			c.make()
		})
	}
}

func TestRoleNames(t *testing.T) {
	for r := Viewer; r <= Owner; r++ {
		if RoleNamed(r.String()) != r {
			t.Error(r)
		}
	}
	for _, name := range []string{"", "nobody", "public", "signed-in", "operator", "Owner"} {
		if RoleNamed(name) != Nobody {
			t.Error(name)
		}
	}
}
