package web

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/minamori-project/minamori/internal/problem"
)

// OpenAPI writes the document of a table, in OpenAPI 3.1. It holds the JSON
// faces alone, and the same table gives the same bytes.
func OpenAPI(routes []Route, version string) (doc []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // the registry panics where a type has no schema
			doc, err = nil, fmt.Errorf("openapi: %v", p)
		}
	}()
	d := newDocument()
	paths := object{}
	for _, r := range routes {
		if r.PageOnly {
			continue
		}
		where := "/api/v1" + plainPath(r.Path)
		item, ok := paths[where].(object)
		if !ok {
			item = object{}
			paths[where] = item
		}
		item[strings.ToLower(r.Method)] = d.operation(r)
	}
	return json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Minamori", "version": versionOr(version),
			"description": "What every page does, as JSON. Errors are problems (RFC 9457) with a hint.",
		},
		"paths":      paths,
		"components": d.components(),
	}, "", "  ")
}

type object = map[string]any

// document gathers the schemas that the operations name.
type document struct {
	registry huma.Registry
	names    map[reflect.Type]string
	taken    map[string]bool
	spoken   map[reflect.Type]bool
}

func newDocument() *document {
	d := &document{names: map[reflect.Type]string{}, taken: map[string]bool{}, spoken: map[reflect.Type]bool{}}
	d.registry = huma.NewMapRegistry("#/components/schemas/", d.name)
	return d
}

// name is the room and the type: two rooms may both have a View.
func (d *document) name(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := d.names[t]; ok || t.Kind() != reflect.Struct {
		return name
	}
	room := path.Base(t.PkgPath())
	if room == "." {
		room = ""
	}
	base := strings.ToUpper(room[:min(1, len(room))]) + room[min(1, len(room)):] + huma.DefaultSchemaNamer(t, hint)
	name := base
	for n := 2; d.taken[name]; n++ {
		name = base + strconv.Itoa(n)
	}
	d.names[t], d.taken[name] = name, true
	return name
}

func (d *document) schema(t reflect.Type, hint string) any {
	d.alias(t)
	return d.registry.Schema(t, true, hint)
}

// alias tells the registry what it does not see: that a type writes itself as
// text, or as JSON of its own.
func (d *document) alias(t reflect.Type) {
	if d.spoken[t] || t == reflect.TypeFor[time.Time]() {
		return
	}
	d.spoken[t] = true
	switch {
	case t.Implements(reflect.TypeFor[huma.SchemaProvider]()):
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) && t.Kind() != reflect.Pointer:
		d.registry.RegisterTypeAlias(t, reflect.TypeFor[string]())
	case t.Implements(reflect.TypeFor[json.Marshaler]()) && t.Kind() != reflect.Pointer:
		d.registry.RegisterTypeAlias(t, reflect.TypeFor[any]())
	case t.Kind() == reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() && f.Tag.Get("json") != "-" {
				d.alias(f.Type)
			}
		}
	case t.Kind() == reflect.Map, t.Kind() == reflect.Slice, t.Kind() == reflect.Array, t.Kind() == reflect.Pointer:
		d.alias(t.Elem())
	}
}

func (d *document) operation(r Route) object {
	op := object{
		"operationId":     operationID(r),
		"summary":         r.Doc,
		"description":     describe(r),
		"x-minamori-role": r.Role.String(),
		"security":        security(r),
		"responses":       d.responses(r),
	}
	if r.StepUp {
		op["x-minamori-step-up"] = true
	}
	if ps := d.parameters(r); len(ps) > 0 {
		op["parameters"] = ps
	}
	if len(r.inputs.body) > 0 {
		op["requestBody"] = d.requestBody(r)
	}
	return op
}

func describe(r Route) string {
	s := map[Role]string{
		Public: "Anybody may.", SignedIn: "Anybody with an account may.", Operator: "The operator of the installation may, with a session.",
	}[r.Role]
	if r.Role.InOrganisation() {
		s = fmt.Sprintf("Role in the organisation: %s or above. Everybody else gets 404, whether it exists or not.", r.Role)
	}
	if r.StepUp {
		s += fmt.Sprintf(" Asks for a login of the last %d minutes, which a token cannot give.", int(StepUpFor/time.Minute))
	}
	return s
}

// security says the same as admit: a token speaks for an organisation, and
// cannot prove who holds it.
func security(r Route) []object {
	session, token := object{"session": []string{}}, object{"token": []string{}}
	switch {
	case r.Role == Public:
		return []object{}
	case r.StepUp, r.Role == Operator, r.Role == SignedIn && r.Method != http.MethodGet:
		return []object{session}
	}
	return []object{session, token}
}

func (d *document) parameters(r Route) []object {
	var all []object
	given := map[string]bool{}
	for _, in := range r.inputs.path {
		given[in.name] = true
		all = append(all, object{"name": in.name, "in": "path", "required": true, "schema": d.field(in)})
	}
	for _, name := range wildcards(r.Path) { // {org} may be for the policy alone
		if !given[name] {
			all = append(all, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string"}})
		}
	}
	for _, in := range r.inputs.query {
		all = append(all, object{"name": in.name, "in": "query", "schema": d.field(in)})
	}
	return all
}

func (d *document) field(in input) any {
	if in.field.Type == reflect.TypeFor[Upload]() {
		return object{"type": "string", "contentMediaType": "application/octet-stream"}
	}
	d.alias(in.field.Type)
	return huma.SchemaFromField(d.registry, in.field, in.field.Name)
}

// requestBody leaves every member optional: what is missing is named by the
// problem, in words.
func (d *document) requestBody(r Route) object {
	members := object{}
	for _, in := range r.inputs.body {
		members[in.name] = d.field(in)
	}
	kind := "application/json"
	if r.inputs.uploads() {
		kind = "multipart/form-data"
	}
	schema := object{"type": "object", "properties": members, "additionalProperties": false}
	return object{"content": object{kind: object{"schema": schema}}}
}

func (d *document) responses(r Route) object {
	done := object{"description": "Done."}
	if r.View == nil {
		done["content"] = object{"application/octet-stream": object{}}
	} else {
		done["content"] = object{"application/json": object{"schema": d.schema(r.View, "View")}}
	}
	return object{"200": done, "default": object{"$ref": "#/components/responses/Problem"}}
}

func (d *document) components() object {
	failure := d.schema(reflect.TypeFor[body](), "Problem")
	return object{
		"schemas": d.registry,
		"responses": object{"Problem": object{
			"description": "What is wrong, and what to do about it.",
			"content":     object{"application/problem+json": object{"schema": failure}},
		}},
		"securitySchemes": object{
			"session": object{"type": "apiKey", "in": "cookie", "name": cookieName(SessionCookie, true),
				"description": "The session of a browser. On plain http at this computer the name has no prefix."},
			"token": object{"type": "http", "scheme": "bearer",
				"description": "An API token of one organisation. It never may more than its maker may now."},
		},
	}
}

func operationID(r Route) string {
	name := strings.ToLower(r.Method)
	for part := range strings.SplitSeq(plainPath(r.Path), "/") {
		if part = strings.Trim(part, "{}"); part != "" {
			name += "-" + part
		}
	}
	return name
}

// plainPath drops what only the standard mux understands.
func plainPath(p string) string {
	return strings.ReplaceAll(strings.ReplaceAll(p, "{$}", ""), "...}", "}")
}

func versionOr(v string) string {
	if v == "" {
		return "0"
	}
	return v
}

// document serves the API document. It is written when first asked for, since
// most starts never need it.
func (s *Server) document(routes []Route) http.Handler {
	write := sync.OnceValues(func() ([]byte, error) { return OpenAPI(routes, s.Version) })
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		x := exchangeFrom(r.Context())
		if !s.within(r, x) {
			s.fail(x, r, true, problem.New(http.StatusTooManyRequests, "too-many"))
			return
		}
		doc, err := write()
		if err != nil {
			s.fail(x, r, true, err)
			return
		}
		sum := sha256.Sum256(doc)
		tag := `"` + hex.EncodeToString(sum[:12]) + `"`
		h := x.Header()
		h["Content-Type"], h["Cache-Control"], h["Etag"] = typeJSON, []string{"public, no-cache"}, []string{tag}
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			x.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = x.Write(doc)
	})
}
