package web

import (
	"context"
	"io"
	"net/http"
	"reflect"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
)

// Role is what a caller must be to use a route.
type Role int

// The roles. Viewer to Owner are roles in the organisation named by {org}.
const (
	Nobody   Role = iota // the zero value: a route without a decision admits nobody
	Public               // anybody, without login
	SignedIn             // anybody with an account
	Viewer               // 閲覧者: sees
	Member               // メンバー: sees and answers
	Manager              // 担当者: also changes the company and its people
	Owner                // 経営者: also approves, grants and deletes
	Operator             // 運営者 of the installation; has no role in organisations
)

var roleNames = [...]string{"nobody", "public", "signed-in", "viewer", "member", "manager", "owner", "operator"}

func (r Role) String() string { return roleNames[r] }

// InOrganisation says that the role is one within an organisation.
func (r Role) InOrganisation() bool { return r >= Viewer && r <= Owner }

// RoleNamed returns the role in an organisation with this name, or Nobody.
func RoleNamed(name string) Role {
	for r := Viewer; r <= Owner; r++ {
		if roleNames[r] == name {
			return r
		}
	}
	return Nobody
}

// Body limits, in bytes.
const (
	FormLimit   = 256 << 10
	UploadLimit = 10 << 20
)

// Route is one line of the table.
type Route struct {
	Method   string
	Path     string // as for http.ServeMux, without the method
	Role     Role
	Doc      string // one English sentence for the API document
	StepUp   bool   // asks for a login of the last five minutes
	PageOnly bool   // has no JSON face: the way a browser logs in, say
	Noted    bool   // a GET that leaves a record of having been asked
	Limit    int64  // bytes of the body

	In, View reflect.Type // View is nil for files

	inputs plan
	decode func(*http.Request, bool) (any, error)
	handle func(context.Context, any) (any, error)
	page   func(any) templ.Component
	again  func(context.Context, any, *problem.Problem) (templ.Component, error)
	note   func(context.Context, any) error
}

// File is an answer of bytes: a PDF, a CSV, an uploaded file.
type File struct {
	Name   string // offered for saving; ASCII and Japanese alike
	Type   string // media type
	Inline bool   // shown by the browser; only for what this program made itself
	Write  func(io.Writer) error
}

// Option changes a route.
type Option func(*Route)

// StepUp asks for a login within the last five minutes (threats T20).
func StepUp(r *Route) { r.StepUp = true }

// PageOnly leaves out the JSON face.
func PageOnly(r *Route) { r.PageOnly = true }

// Limit raises the limit of the body, in bytes.
func Limit(n int64) Option { return func(r *Route) { r.Limit = n } }

// Again shows the form once more when the input has a problem, with what was
// typed and what to mend.
func Again[In any](form func(context.Context, In, *problem.Problem) (templ.Component, error)) Option {
	return func(r *Route) {
		r.again = func(ctx context.Context, in any, p *problem.Problem) (templ.Component, error) {
			return form(ctx, in.(In), p)
		}
	}
}

// Noted has a GET leave a record: who looked at what somebody let him see. It
// runs when the answer is made and before any of it is sent, outside the
// snapshot, so that nobody looks without the record of it. Its error takes the
// place of the answer; it can so refuse what was taken back meanwhile.
func Noted[In any](note func(context.Context, In) error) Option {
	return func(r *Route) {
		r.Noted = true
		r.note = func(ctx context.Context, in any) error { return note(ctx, in.(In)) }
	}
}

// Get is a route that reads. Its handler runs in a read-only snapshot.
func Get[In, View any](path string, role Role, doc string, handle func(context.Context, In) (View, error), page func(View) templ.Component, opts ...Option) Route {
	return newRoute(http.MethodGet, path, role, doc, handle, page, opts)
}

// Post is a route that changes something. A view with a method Next() string
// sends the browser on to that local path.
func Post[In, View any](path string, role Role, doc string, handle func(context.Context, In) (View, error), page func(View) templ.Component, opts ...Option) Route {
	return newRoute(http.MethodPost, path, role, doc, handle, page, opts)
}

// GetFile is a route that answers with bytes, on both faces.
func GetFile[In any](path string, role Role, doc string, handle func(context.Context, In) (File, error), opts ...Option) Route {
	r := newRoute(http.MethodGet, path, role, doc, handle, nil, opts)
	r.View = nil
	return r
}

func newRoute[In, View any](method, path string, role Role, doc string, handle func(context.Context, In) (View, error), page func(View) templ.Component, opts []Option) Route {
	r := Route{
		Method: method, Path: path, Role: role, Doc: doc, Limit: FormLimit,
		In: reflect.TypeFor[In](), View: reflect.TypeFor[View](),
		handle: func(ctx context.Context, in any) (any, error) { return handle(ctx, in.(In)) },
	}
	inputs := planOf(r.In)
	r.inputs = inputs
	r.decode = func(req *http.Request, api bool) (any, error) {
		var in In
		err := inputs.decode(req, reflect.ValueOf(&in).Elem(), api)
		return in, err
	}
	if page != nil {
		r.page = func(v any) templ.Component { return page(v.(View)) }
	}
	for _, o := range opts {
		o(&r)
	}
	r.mustBeSound()
	return r
}
