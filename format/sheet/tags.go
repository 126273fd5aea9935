package sheet

import (
	"bufio"
	"errors"
	"html"
	"io"
	"strings"
)

// tag is an opening tag of XML: enough of it to say which cells hold a formula. A file
// that is no good XML gives odd tags and no harm; the cells themselves are read by the
// library.
type tag struct {
	name string // without its prefix
	rest string // the attributes as they stand
}

// attribute returns the value of an attribute, whatever its prefix, or "".
func (t tag) attribute(name string) string {
	for s := t.rest; ; {
		key, after, ok := strings.Cut(s, "=")
		if !ok {
			return ""
		}
		after = strings.TrimLeft(after, " \t\r\n")
		if after == "" {
			return ""
		}
		value, rest, ok := strings.Cut(after[1:], after[:1]) // between its quotes
		if !ok {
			return ""
		}
		if local(strings.TrimSpace(key)) == name {
			return html.UnescapeString(value)
		}
		s = rest
	}
}

func local(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }

// maxTag is how long a tag may be; a longer one ends the walk.
const maxTag = 64 << 10

// tags walks over the opening tags of a stream.
func tags(r io.Reader, f func(tag)) error {
	in := bufio.NewReader(r)
	for {
		// ReadSlice gives up when the text before the next tag is long, and goes on.
		if _, err := in.ReadSlice('<'); errors.Is(err, bufio.ErrBufferFull) {
			continue
		} else if err != nil {
			return ended(err)
		}
		text, err := inside(in)
		if err != nil {
			return ended(err)
		}
		name, rest, _ := strings.Cut(strings.TrimSuffix(text, "/"), " ")
		if i := strings.IndexAny(name, "\t\r\n"); i >= 0 {
			name, rest = name[:i], name[i:]+" "+rest
		}
		if name != "" && !strings.ContainsAny(name[:1], "/?!") {
			f(tag{local(name), rest})
		}
	}
}

// inside reads to the end of a tag, over what stands between quotes.
func inside(in *bufio.Reader) (string, error) {
	var b strings.Builder
	quote := byte(0)
	for b.Len() < maxTag {
		c, err := in.ReadByte()
		switch {
		case err != nil:
			return "", err
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && c == '>':
			return b.String(), nil
		}
		b.WriteByte(c)
	}
	return "", Rows
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	if FaultOf(err) != "" {
		return err
	}
	return Broken
}
