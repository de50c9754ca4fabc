package schema

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// Decode reads JSON into a canonical value that fits the type. Missing fields of an object get
// their defaults, or nil. The error joins all misfits; each is a Misfit.
func (t Type) Decode(data []byte) (any, error) {
	r := reader{data: data}
	if v, ok := r.value(&t, 0); ok && r.next() == 0 {
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

// A reader reads JSON that fits its type in one pass. It stops at JSON that needs a message, and at
// rare JSON. Decode then builds the tree of encoding/json and checks that. Both ways return the
// same value.
type reader struct {
	data []byte
	at   int
}

// maxReaderDepth is the maximum depth of lists and objects for a reader.
const maxReaderDepth = 100

// next skips white space and returns the byte after it, or 0 at the end.
func (r *reader) next() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// skip reads the byte c.
func (r *reader) skip(c byte) bool {
	if r.next() != c {
		return false
	}
	r.at++
	return true
}

// word reads true, false or null.
func (r *reader) word(word string) bool {
	if !bytes.HasPrefix(r.data[r.at:], []byte(word)) {
		return false
	}
	r.at += len(word)
	return true
}

func (r *reader) value(t *Type, depth int) (v any, ok bool) {
	c := r.next()
	if c == 'n' {
		return nil, r.word("null") && (t.Nullable || t.Kind == Any || t.Kind == Null)
	}
	switch {
	case depth > maxReaderDepth:
	case c == '"' && (t.Kind == String || t.Kind == Any):
		v, ok = r.text()
	case c == '"' && t.Kind == Duration:
		var text string
		if text, ok = r.text(); ok {
			d, err := ParseDuration(text)
			v, ok = d, err == nil
		}
	case c == 't' && (t.Kind == Boolean || t.Kind == Any):
		v, ok = true, r.word("true")
	case c == 'f' && (t.Kind == Boolean || t.Kind == Any):
		v, ok = false, r.word("false")
	case c == '[' && (t.Kind == List || t.Kind == Any):
		v, ok = r.list(t, depth)
	case c == '{' && (t.Kind == Object || t.Kind == Any):
		v, ok = r.object(t, depth)
	case c == '-' || '0' <= c && c <= '9':
		v, ok = r.number(t.Kind)
	}
	return v, ok && t.constraint(v) == ""
}

// text reads a string.
func (r *reader) text() (string, bool) {
	inner, plain, ok := r.quoted()
	if !ok || plain {
		return string(inner), ok
	}
	var text string
	err := json.Unmarshal(r.data[r.at-len(inner)-2:r.at], &text)
	return text, err == nil
}

// quoted reads a string and returns the bytes between its quotes. The string is plain if it is
// ASCII without escapes.
func (r *reader) quoted() (inner []byte, plain, ok bool) {
	from := r.at + 1
	plain = true
	for r.at++; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; {
		case c == '"':
			r.at++
			return r.data[from : r.at-1], plain, true
		case c == '\\':
			plain = false
			r.at++
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	return nil, false, false
}

// number reads a number of a kind.
func (r *reader) number(kind Kind) (any, bool) {
	from := r.at
	for r.at < len(r.data) && bytes.IndexByte([]byte("+-.0123456789Ee"), r.data[r.at]) >= 0 {
		r.at++
	}
	text := r.data[from:r.at]
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

func (r *reader) list(t *Type, depth int) (any, bool) {
	item := &anything
	if t.Items != nil {
		item = t.Items
	}
	list := []any{}
	for r.at++; r.next() != ']'; {
		if len(list) > 0 && !r.skip(',') {
			return nil, false
		}
		v, ok := r.value(item, depth+1)
		if !ok {
			return nil, false
		}
		list = append(list, v)
	}
	r.at++
	return list, true
}

func (r *reader) object(t *Type, depth int) (any, bool) {
	if len(t.Fields) > 64 {
		return nil, false
	}
	object := make(map[string]any, len(t.Fields))
	var given uint64 // one bit for each field that was read
	expected := 0    // the next field if the members are in the order of the type
	for r.at++; r.next() != '}'; {
		if len(object) > 0 && !r.skip(',') || r.next() != '"' {
			return nil, false
		}
		name, place, ok := r.member(t, expected)
		if !ok || !r.skip(':') {
			return nil, false
		}
		member := &anything
		if t.Items != nil {
			member = t.Items
		}
		if place >= 0 {
			if given&(1<<place) != 0 {
				return nil, false // a repeated member
			}
			given |= 1 << place
			member, expected = &t.Fields[place].Type, place+1
		} else if _, twice := object[name]; twice {
			return nil, false
		}
		if r.next() == 'n' { // null has the same meaning as an absent member
			if !r.word("null") {
				return nil, false
			}
			if place < 0 {
				if t.Items != nil && !t.Items.Nullable {
					return nil, false
				}
				object[name] = nil
			} else if !absent(object, &t.Fields[place]) {
				return nil, false
			}
			continue
		}
		if object[name], ok = r.value(member, depth+1); !ok {
			return nil, false
		}
	}
	r.at++
	for i := range t.Fields {
		if given&(1<<i) == 0 && !absent(object, &t.Fields[i]) {
			return nil, false
		}
	}
	return object, true
}

// absent sets a field that is absent in the JSON. It reports whether the field is optional.
func absent(object map[string]any, field *Field) bool {
	object[field.Name] = field.Default
	return field.Default != nil || !field.Required || field.Type.Nullable
}

// member reads the name of a member. It returns the index of the field, or -1 if the type has no
// such field but allows others. The search begins at the expected field.
func (r *reader) member(t *Type, expected int) (name string, place int, ok bool) {
	inner, plain, ok := r.quoted()
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
