package web

import (
	"encoding"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// input is one field of an In and the name it has outside.
type input struct {
	name  string
	index []int
	field reflect.StructField
}

// plan is an In taken apart once, so that no request has to.
type plan struct{ path, query, body []input }

func planOf(t reflect.Type) plan {
	var p plan
	if t.Kind() != reflect.Struct {
		return p
	}
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || f.Anonymous {
			continue
		}
		for tag, list := range map[string]*[]input{"path": &p.path, "query": &p.query, "json": &p.body} {
			if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" && name != "-" {
				*list = append(*list, input{name: name, index: f.Index, field: f})
			}
		}
	}
	return p
}

// uploads says that the body holds a file.
func (p plan) uploads() bool {
	return slices.ContainsFunc(p.body, func(in input) bool { return in.field.Type == reflect.TypeFor[Upload]() })
}

// mustBeSound stops the program at start when the table contradicts itself.
func (r Route) mustBeSound() {
	refuse := func(why string, args ...any) {
		panic(fmt.Sprintf("route %s %s: %s", r.Method, r.Path, fmt.Sprintf(why, args...)))
	}
	switch {
	case r.Role == Nobody:
		refuse("no role")
	case !strings.HasPrefix(r.Path, "/") || r.Doc == "":
		refuse("no path or no sentence")
	case strings.HasPrefix(r.Path, "/api/"):
		refuse("the JSON face is added by itself")
	case r.Role.InOrganisation() != slices.Contains(wildcards(r.Path), "org"):
		refuse("role %s does not fit the path", r.Role)
	case r.StepUp && r.Role == Public:
		refuse("a stranger has no login to repeat")
	case r.Limit > FormLimit && r.Role == Public:
		refuse("a stranger sends no files")
	case r.Limit <= 0 || r.Limit > UploadLimit:
		refuse("limit of %d bytes", r.Limit)
	case r.In.Kind() != reflect.Struct:
		refuse("input %s is not a struct", r.In)
	case r.Method == http.MethodGet && len(r.inputs.body) > 0:
		refuse("reads a body")
	case r.Noted && (r.Method != http.MethodGet || r.Role == Public):
		refuse("notes who looked, and has nobody or nothing to note")
	case r.PageOnly && r.Method == http.MethodGet && r.page == nil && r.View != nil:
		refuse("neither a page nor JSON")
	}
	r.mustFitPath(refuse)
	r.mustFill(refuse)
}

// mustFitPath holds the fields with the tag path against the path.
func (r Route) mustFitPath(refuse func(string, ...any)) {
	names := wildcards(r.Path)
	for _, in := range r.inputs.path {
		if !slices.Contains(names, in.name) {
			refuse("the path has no {%s}", in.name)
		}
	}
}

// mustFill refuses fields that would silently stay empty.
func (r Route) mustFill(refuse func(string, ...any)) {
	for _, in := range slices.Concat(r.inputs.path, r.inputs.query) {
		if !fillable(in.field.Type) {
			refuse("a text cannot fill %s of type %s", in.name, in.field.Type)
		}
	}
	for _, in := range r.inputs.body {
		switch in.field.Type.Kind() {
		case reflect.Struct, reflect.Slice, reflect.Map:
			continue // text, a file, or what only JSON can say
		}
		if !fillable(in.field.Type) {
			refuse("a form cannot fill %s of type %s", in.name, in.field.Type)
		}
	}
}

func fillable(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return true
	case reflect.Slice:
		return t.Elem().Kind() != reflect.Slice && fillable(t.Elem())
	}
	return false
}

// wildcards lists the names in braces of a path.
func wildcards(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && name != "$}" {
			names = append(names, strings.TrimSuffix(strings.TrimSuffix(name, "}"), "..."))
		}
	}
	return names
}
