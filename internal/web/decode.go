package web

import (
	"bytes"
	"encoding"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/problem"
)

// Upload is a file in a form. It is absent when nothing was chosen.
type Upload struct {
	Name string
	Size int64
	Open func() (io.ReadCloser, error)
}

// Present says that a file was chosen.
func (u Upload) Present() bool { return u.Open != nil }

// decode fills in from the body (tag json, as JSON on the API face and as a form
// on pages), the query (tag query) and the path (tag path). The path comes last:
// it was held against the policy, so nothing in a body may replace it.
func (p plan) decode(r *http.Request, in reflect.Value, api bool) error {
	var bad problem.Invalid
	var broken error
	if !reading(r) {
		broken = p.decodeBody(r, in, api, &bad)
	}
	if len(p.query) > 0 && r.URL.RawQuery != "" {
		values, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil && broken == nil {
			broken = problem.New(http.StatusBadRequest, "form")
		}
		fill(in, p.query, formValues{values, nil}, &bad)
	}
	fill(in, p.path, pathValues{r}, &bad)
	if broken != nil {
		return broken
	}
	return bad.Or()
}

func (p plan) decodeBody(r *http.Request, in reflect.Value, api bool, bad *problem.Invalid) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	multi := kind == "multipart/form-data"
	if api && !multi {
		return decodeJSON(r, in.Addr().Interface())
	}
	form, err := parseForm(r, multi)
	if err != nil {
		return err
	}
	fill(in, p.body, form, bad)
	return nil
}

func decodeJSON(r *http.Request, in any) error {
	body, err := readText(r)
	if err != nil {
		return bodyProblem(err)
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // Windows tools write one
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if !utf8.Valid(body) {
		return problem.New(http.StatusBadRequest, "encoding")
	}
	return strictJSON(body, in)
}

func parseForm(r *http.Request, multi bool) (source, error) {
	if multi {
		if err := r.ParseMultipartForm(formMemory(r)); err != nil {
			return nil, bodyProblem(err)
		}
		return formValues{r.MultipartForm.Value, r.MultipartForm.File}, nil
	}
	body, err := readText(r)
	if err != nil {
		return nil, bodyProblem(err)
	}
	values, err := url.ParseQuery(string(body)) // refuses more than 10,000 fields
	if err != nil {
		return nil, problem.New(http.StatusBadRequest, "form")
	}
	return formValues{values, nil}, nil
}

// readText reads a body without files, which is never more than a form, whatever
// the route takes beside it.
func readText(r *http.Request) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(nil, r.Body, FormLimit))
}

// textReserve is what the standard parser adds to its limit for texts.
const textReserve = 10 << 20

// formMemory is the limit for the parser under which a large form holds no more
// than FormLimit of text in memory and its files go to disk. With the reserve,
// one member with forty slow lines filled a gigabyte.
func formMemory(r *http.Request) int64 {
	if small(r) {
		return FormLimit // the empty file of most answers needs no disk
	}
	return FormLimit - textReserve
}

func bodyProblem(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return problem.New(http.StatusRequestEntityTooLarge, "too-large", "n", large.Limit>>10)
	case errors.Is(err, multipart.ErrMessageTooLarge):
		return problem.New(http.StatusRequestEntityTooLarge, "too-large", "n", FormLimit>>10)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problem.New(http.StatusRequestTimeout, "timeout")
	}
	return problem.New(http.StatusBadRequest, "form")
}

// source is where the values of an input stand: a path or a form.
type source interface {
	values(name string) []string
	under(prefix string) map[string]string
	file(name string) *multipart.FileHeader
}

type pathValues struct{ r *http.Request }

func (p pathValues) values(name string) []string       { return []string{p.r.PathValue(name)} }
func (p pathValues) file(string) *multipart.FileHeader { return nil }

func (p pathValues) under(string) map[string]string { return nil }

type formValues struct {
	text  map[string][]string
	files map[string][]*multipart.FileHeader
}

func (f formValues) values(name string) []string { return f.text[name] }

// under returns the first value of each field whose name begins with the prefix.
func (f formValues) under(prefix string) map[string]string {
	all := map[string]string{}
	for name, values := range f.text {
		if key, ok := strings.CutPrefix(name, prefix); ok && len(values) > 0 {
			all[key] = values[0]
		}
	}
	return all
}

func (f formValues) file(name string) *multipart.FileHeader {
	if fs := f.files[name]; len(fs) > 0 {
		return fs[0]
	}
	return nil
}

func fill(v reflect.Value, inputs []input, from source, bad *problem.Invalid) {
	for _, in := range inputs {
		if code := set(v.FieldByIndex(in.index), in.name, from); code != "" {
			bad.Add(in.name, code)
		}
	}
}

// set fills one field and returns the code of what is wrong with it.
// keys: field.encoding, field.form, field.number
func set(v reflect.Value, name string, from source) string {
	if u, ok := v.Addr().Interface().(*Upload); ok {
		if h := from.file(name); h != nil && h.Size > 0 {
			return setUpload(u, h)
		}
		return ""
	}
	if m, ok := v.Addr().Interface().(*map[string]string); ok {
		return setNamed(m, from.under(name+"."))
	}
	values := from.values(name)
	for _, s := range values {
		if !storable(s) {
			return "encoding"
		}
	}
	if len(values) == 0 || !fillable(v.Type()) {
		return ""
	}
	if v.Kind() == reflect.Slice && !isText(v) {
		return setAll(v, values)
	}
	return setOne(v, values[0])
}

// setNamed fills a map from fields that share the name of the input and a point:
// the buttons of many questions on one form have a group each.
func setNamed(m *map[string]string, named map[string]string) string {
	for key, s := range named {
		if !storable(key) || !storable(s) {
			return "encoding"
		}
	}
	if len(named) > 0 {
		*m = named
	}
	return ""
}

func setUpload(u *Upload, h *multipart.FileHeader) string {
	if !storable(h.Filename) {
		return "encoding"
	}
	*u = Upload{Name: h.Filename, Size: h.Size, Open: func() (io.ReadCloser, error) { return h.Open() }}
	return ""
}

func isText(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return ok
}

func setAll(v reflect.Value, values []string) string {
	v.Set(reflect.MakeSlice(v.Type(), len(values), len(values)))
	for i, s := range values {
		if code := setOne(v.Index(i), s); code != "" {
			return code
		}
	}
	return ""
}

func setOne(v reflect.Value, s string) string {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if s != "" && u.UnmarshalText([]byte(s)) != nil {
			return "form"
		}
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		v.SetBool(s == "on" || s == "true" || s == "1" || s == "yes")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return setInt(v, s)
	}
	return ""
}

func setInt(v reflect.Value, s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	n, err := strconv.ParseInt(narrow(s), 10, v.Type().Bits())
	if err != nil {
		return "number"
	}
	v.SetInt(n)
	return ""
}

// narrow turns full-width digits and signs into ASCII: Japanese keyboards give
// them.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '－' || r == '−':
			return '-'
		}
		return r
	}, s)
}
