package web

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/problem"
)

// maxDepth is how deep JSON may nest: no input of ours nests more than four.
const maxDepth = 32

// Upload is a file in a form. It is absent when nothing was chosen.
type Upload struct {
	Name string
	Size int64
	Open func() (io.ReadCloser, error)
}

// Present says that a file was chosen.
func (u Upload) Present() bool { return u.Open != nil }

// decode fills in from the path (tag path), the query (tag query), and the body
// (tag json, as JSON on the API face and as a form on pages).
func decode(r *http.Request, in any, api bool) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if err := decodeBody(r, in, api); err != nil {
			return err
		}
	}
	var bad problem.Invalid
	fill(reflect.ValueOf(in).Elem(), "query", query(r), &bad)
	fill(reflect.ValueOf(in).Elem(), "path", pathValues{r}, &bad)
	return bad.Or()
}

func query(r *http.Request) source { return formValues{url.Values(r.URL.Query()), nil} }

func decodeBody(r *http.Request, in any, api bool) error {
	if api {
		return decodeJSON(r, in)
	}
	form, err := parseForm(r)
	if err != nil {
		return err
	}
	var bad problem.Invalid
	fill(reflect.ValueOf(in).Elem(), "json", form, &bad)
	return bad.Or()
}

func decodeJSON(r *http.Request, in any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return bodyProblem(err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if !utf8.Valid(body) {
		return problem.New(http.StatusBadRequest, "encoding")
	}
	if deeper(body, maxDepth) {
		return problem.New(http.StatusBadRequest, "json")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil || dec.More() {
		return problem.New(http.StatusBadRequest, "json")
	}
	return nil
}

// deeper says that brackets nest more than limit, without building anything.
func deeper(body []byte, limit int) bool {
	depth, inString, escaped := 0, false, false
	for _, c := range body {
		switch {
		case escaped:
			escaped = false
		case inString && c == '\\':
			escaped = true
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

func parseForm(r *http.Request) (source, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			return nil, bodyProblem(err)
		}
		return formValues{r.MultipartForm.Value, r.MultipartForm.File}, nil
	}
	if err := r.ParseForm(); err != nil {
		return nil, bodyProblem(err)
	}
	return formValues{r.PostForm, nil}, nil
}

func bodyProblem(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return problem.New(http.StatusRequestEntityTooLarge, "too-large", "n", large.Limit>>10)
	}
	return problem.New(http.StatusBadRequest, "form")
}

// source is where the values of an input stand: a path or a form.
type source interface {
	values(name string) []string
	file(name string) *multipart.FileHeader
}

type pathValues struct{ r *http.Request }

func (p pathValues) values(name string) []string       { return []string{p.r.PathValue(name)} }
func (p pathValues) file(string) *multipart.FileHeader { return nil }

type formValues struct {
	text  map[string][]string
	files map[string][]*multipart.FileHeader
}

func (f formValues) values(name string) []string { return f.text[name] }
func (f formValues) file(name string) *multipart.FileHeader {
	if fs := f.files[name]; len(fs) > 0 {
		return fs[0]
	}
	return nil
}

func fill(v reflect.Value, tag string, from source, bad *problem.Invalid) {
	t := v.Type()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get(tag), ",")
		if name == "" || name == "-" {
			continue
		}
		if code := set(v.Field(i), name, from); code != "" {
			bad.Add(name, code)
		}
	}
}

// set fills one field and returns the code of what is wrong with it.
func set(v reflect.Value, name string, from source) string {
	if u, ok := v.Addr().Interface().(*Upload); ok {
		if h := from.file(name); h != nil && h.Size > 0 {
			*u = Upload{Name: h.Filename, Size: h.Size, Open: func() (io.ReadCloser, error) { return h.Open() }}
		}
		return ""
	}
	values := from.values(name)
	for _, s := range values {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return "encoding"
		}
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String {
		v.Set(reflect.ValueOf(values))
		return ""
	}
	if len(values) == 0 {
		return ""
	}
	return setOne(v, values[0])
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
	case reflect.Int, reflect.Int64:
		return setInt(v, s)
	}
	return ""
}

func setInt(v reflect.Value, s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	n, err := strconv.ParseInt(narrow(s), 10, 64)
	if err != nil {
		return "number"
	}
	v.SetInt(n)
	return ""
}

// narrow turns full-width digits into ASCII: Japanese keyboards give them.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s)
}
