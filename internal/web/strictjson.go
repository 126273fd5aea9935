package web

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/minamori-project/minamori/internal/problem"
)

// maxDepth is how deep JSON may nest: no input of ours nests more than four.
const maxDepth = 32

var (
	errLoose      = errors.New("loose JSON")
	errUnstorable = errors.New("text that no database takes")
)

// strictJSON reads one object into in. The standard decoder takes a key twice,
// in another case or by the name of the Go field, and ignores some of what
// follows; two readers of such a text could understand two things (threats T27).
func strictJSON(body []byte, in any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	err := strictValue(dec, reflect.TypeOf(in).Elem(), 0)
	if err == nil {
		if _, rest := dec.Token(); !errors.Is(rest, io.EOF) {
			err = errLoose
		}
	}
	if errors.Is(err, errUnstorable) {
		return problem.New(http.StatusBadRequest, "encoding")
	}
	if err != nil || json.Unmarshal(body, in) != nil {
		return problem.New(http.StatusBadRequest, "json")
	}
	return nil
}

// strictValue walks one value beside the type that will take it; a nil type
// takes anything.
func strictValue(dec *json.Decoder, t reflect.Type, depth int) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	t = inner(t)
	switch v := token.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			return errUnstorable
		}
	case json.Delim:
		if depth >= maxDepth {
			return errLoose
		}
		if v == '{' {
			return strictObject(dec, t, depth)
		}
		return strictArray(dec, t, depth)
	}
	if depth == 0 {
		return errLoose // an input is an object
	}
	return nil
}

func strictArray(dec *json.Decoder, t reflect.Type, depth int) error {
	var elem reflect.Type
	if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
		elem = t.Elem()
	}
	for dec.More() {
		if err := strictValue(dec, elem, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func strictObject(dec *json.Decoder, t reflect.Type, depth int) error {
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok || strings.ContainsRune(key, 0) || seen[strings.ToLower(key)] {
			return errLoose
		}
		seen[strings.ToLower(key)] = true
		member, ok := memberType(t, key)
		if !ok {
			return errLoose
		}
		if err := strictValue(dec, member, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// memberType finds what a key of an object fills, by the exact name of the tag.
func memberType(t reflect.Type, key string) (reflect.Type, bool) {
	switch {
	case t == nil:
		return nil, true
	case t.Kind() == reflect.Map:
		return t.Elem(), true
	case t.Kind() != reflect.Struct:
		return nil, true // the decoder will say that it does not fit
	}
	for _, in := range planOf(t).body {
		if in.name == key {
			return in.field.Type, true
		}
	}
	return nil, false
}

// inner follows pointers, and stops at what reads itself.
func inner(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() == reflect.Interface {
		return nil
	}
	p := reflect.PointerTo(t)
	if p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return nil
	}
	return t
}
