package schema

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// Decode reads JSON into a canonical value that fits the type. Missing fields of an object get their defaults, or nil. All
// misfits are returned, joined; each is a Misfit.
func (t Type) Decode(data []byte) (any, error) {
	f := fitting{data: data}
	if v, ok := f.value(&t, 0); ok && f.next() == 0 {
		return v, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, Misfit{Message: "is not JSON: " + err.Error()}
	}
	return t.Canonical(raw)
}

// A fitting reads JSON that fits its type, without the tree that encoding/json builds. It gives up at the first byte that needs a
// message, or that is rare: Decode then reads the JSON again, by the long way, and has the same result for all that fits.
type fitting struct {
	data []byte
	at   int
}

// maxFitting is how deep a fitting follows lists and objects.
const maxFitting = 100

// next skips white space and returns the byte after it, or 0 at the end.
func (f *fitting) next() byte {
	for ; f.at < len(f.data); f.at++ {
		switch c := f.data[f.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// skip reads the byte c.
func (f *fitting) skip(c byte) bool {
	if f.next() != c {
		return false
	}
	f.at++
	return true
}

// word reads true, false or null.
func (f *fitting) word(word string) bool {
	if !bytes.HasPrefix(f.data[f.at:], []byte(word)) {
		return false
	}
	f.at += len(word)
	return true
}

func (f *fitting) value(t *Type, depth int) (v any, ok bool) {
	c := f.next()
	if c == 'n' {
		return nil, f.word("null") && (t.Nullable || t.Kind == Any || t.Kind == Null)
	}
	switch {
	case depth > maxFitting:
	case c == '"' && (t.Kind == String || t.Kind == Any):
		v, ok = f.text()
	case c == '"' && t.Kind == Duration:
		var text string
		if text, ok = f.text(); ok {
			d, err := ParseDuration(text)
			v, ok = d, err == nil
		}
	case c == 't' && (t.Kind == Boolean || t.Kind == Any):
		v, ok = true, f.word("true")
	case c == 'f' && (t.Kind == Boolean || t.Kind == Any):
		v, ok = false, f.word("false")
	case c == '[' && (t.Kind == List || t.Kind == Any):
		v, ok = f.list(t, depth)
	case c == '{' && (t.Kind == Object || t.Kind == Any):
		v, ok = f.object(t, depth)
	case c == '-' || '0' <= c && c <= '9':
		v, ok = f.number(t.Kind)
	}
	return v, ok && t.constraint(v) == ""
}

// text reads a string.
func (f *fitting) text() (string, bool) {
	inner, plain, ok := f.quoted()
	if !ok || plain {
		return string(inner), ok
	}
	var text string
	err := json.Unmarshal(f.data[f.at-len(inner)-2:f.at], &text)
	return text, err == nil
}

// quoted reads a string and returns what is between its quotes. It is plain if it is ASCII without escapes.
func (f *fitting) quoted() (inner []byte, plain, ok bool) {
	from := f.at + 1
	plain = true
	for f.at++; f.at < len(f.data); f.at++ {
		switch c := f.data[f.at]; {
		case c == '"':
			f.at++
			return f.data[from : f.at-1], plain, true
		case c == '\\':
			plain = false
			f.at++
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	return nil, false, false
}

// number reads a number of a kind.
func (f *fitting) number(kind Kind) (any, bool) {
	from := f.at
	for f.at < len(f.data) && bytes.IndexByte([]byte("+-.0123456789Ee"), f.data[f.at]) >= 0 {
		f.at++
	}
	text := f.data[from:f.at]
	if !json.Valid(text) {
		return nil, false
	}
	if kind == Integer || kind == Any {
		if n, ok := wholeOf(string(text)); ok {
			return n, true
		}
	}
	if kind != Number && kind != Any {
		return nil, false
	}
	n, err := strconv.ParseFloat(string(text), 64)
	return n, err == nil
}

func (f *fitting) list(t *Type, depth int) (any, bool) {
	item := &anything
	if t.Items != nil {
		item = t.Items
	}
	list := []any{}
	for f.at++; f.next() != ']'; {
		if len(list) > 0 && !f.skip(',') {
			return nil, false
		}
		v, ok := f.value(item, depth+1)
		if !ok {
			return nil, false
		}
		list = append(list, v)
	}
	f.at++
	return list, true
}

func (f *fitting) object(t *Type, depth int) (any, bool) {
	if len(t.Fields) > 64 {
		return nil, false
	}
	object := make(map[string]any, len(t.Fields))
	var given uint64 // has the bit of each field that was read
	expected := 0    // the field whose name comes next if the order is that of the type
	for f.at++; f.next() != '}'; {
		if len(object) > 0 && !f.skip(',') || f.next() != '"' {
			return nil, false
		}
		name, place, ok := f.member(t, expected)
		if !ok || !f.skip(':') {
			return nil, false
		}
		member := &anything
		if place >= 0 {
			if given&(1<<place) != 0 {
				return nil, false // it is given twice
			}
			given |= 1 << place
			member, expected = &t.Fields[place].Type, place+1
		} else if _, twice := object[name]; twice {
			return nil, false
		}
		if f.next() == 'n' { // null is as good as not given
			if !f.word("null") {
				return nil, false
			}
			if place < 0 {
				object[name] = nil
			} else if !absent(object, &t.Fields[place]) {
				return nil, false
			}
			continue
		}
		if object[name], ok = f.value(member, depth+1); !ok {
			return nil, false
		}
	}
	f.at++
	for i := range t.Fields {
		if given&(1<<i) == 0 && !absent(object, &t.Fields[i]) {
			return nil, false
		}
	}
	return object, true
}

// absent sets a field that is not given. It reports whether the field may be left out.
func absent(object map[string]any, field *Field) bool {
	object[field.Name] = field.Default
	return field.Default != nil || !field.Required || field.Type.Nullable
}

// member reads the name of a member, and returns its place among the fields, or -1 if it is another that is allowed. The search
// begins at the field that is expected.
func (f *fitting) member(t *Type, expected int) (name string, place int, ok bool) {
	inner, plain, ok := f.quoted()
	if !ok || !plain {
		return "", -1, false
	}
	for i := range t.Fields {
		place = (expected + i) % len(t.Fields)
		if field := &t.Fields[place]; string(inner) == field.Name {
			return field.Name, place, true
		}
	}
	return string(inner), -1, t.AllowsMore()
}

var anything = Type{Kind: Any}
