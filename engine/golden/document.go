package golden

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
)

// A part is a YAML file within a document, as JSON.
type part struct {
	c      *Case
	name   string
	json   []byte // nil if the document has no such part
	places definition.Positions
}

// yaml reads a part of the document as data.
func (c *Case) yaml(name string) (part, error) {
	p := part{c: c, name: name}
	text, ok := c.part(name)
	if !ok {
		return p, nil
	}
	var problems []diag.Problem
	p.json, p.places, problems = definition.PlacedData(name, text)
	if diag.HasErrors(problems) {
		first := problems[0]
		message := first.Message
		if first.Help != "" {
			message += "; " + first.Help
		}
		return p, c.fault(c.first(name)+first.Range.Start.Line-1, "%s: %s", name, message)
	}
	return p, nil
}

// decode reads the part into a value, if the part exists. It refuses a key for which the value has
// no member.
func (p part) decode(into any) error {
	if p.json == nil {
		return nil
	}
	s := strict{Decoder: json.NewDecoder(bytes.NewReader(p.json))}
	if !s.value("", reflect.TypeOf(into)) {
		return p.fault(s.at, "%s", s.wrong)
	}
	err := json.Unmarshal(p.json, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return p.fault(int(wrong.Offset)-1, "%s cannot be a %s", cmp.Or(wrong.Field, "the document"), wrong.Value)
	}
	if err != nil {
		return p.fault(0, "%v", err)
	}
	return nil
}

// items returns the offsets of the items of a part that is a list.
func (p part) items() []int {
	var offsets []int
	d := json.NewDecoder(bytes.NewReader(p.json))
	if _, err := d.Token(); err != nil {
		return nil
	}
	for d.More() {
		var item json.RawMessage
		if d.Decode(&item) != nil {
			return offsets
		}
		offsets = append(offsets, int(d.InputOffset())-len(item))
	}
	return offsets
}

// key returns the offset of a top-level key of the part.
func (p part) key(name string) int {
	d := json.NewDecoder(bytes.NewReader(p.json))
	if _, err := d.Token(); err != nil {
		return 0
	}
	for d.More() {
		key, err := d.Token()
		at := int(d.InputOffset()) - 1
		var value json.RawMessage
		if err != nil || key == name || d.Decode(&value) != nil {
			return at
		}
	}
	return 0
}

// line maps an offset in the JSON to a line of the document.
func (p part) line(offset int) int { return p.c.first(p.name) + p.places.At(offset).Line - 1 }

func (p part) fault(offset int, format string, args ...any) error {
	return p.c.fault(p.line(offset), "%s: %s", p.name, fmt.Sprintf(format, args...))
}

// A strict decoder finds the first key for which a type has no member, or the first value that a
// type with its own UnmarshalJSON or UnmarshalText refuses.
type strict struct {
	*json.Decoder
	wrong string
	at    int // the offset of what is wrong
}

// ownForm reports whether a type decodes its values itself.
func ownForm(t reflect.Type) bool {
	of := reflect.PointerTo(t)
	return of.Implements(reflect.TypeFor[json.Unmarshaler]()) || of.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// value reads the value of a key and reports whether it is valid.
func (s *strict) value(key string, t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if ownForm(t) {
		at, raw := int(s.InputOffset()), json.RawMessage{}
		if s.Decode(&raw) != nil {
			return true // the other decoder says what is wrong with it
		}
		if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
			s.wrong, s.at = fmt.Sprintf("%s: %v", key, err), at
			return false
		}
		return true
	}
	begin, err := s.Token()
	if _, opens := begin.(json.Delim); err != nil || !opens {
		return true
	}
	within := reflect.TypeFor[json.RawMessage]()
	if t.Kind() == reflect.Map || t.Kind() == reflect.Slice {
		within = t.Elem()
	}
	for s.More() {
		if begin == json.Delim('{') {
			name, _ := s.Token()
			key, _ = name.(string)
			if t.Kind() == reflect.Struct {
				member, ok := s.member(key, t)
				if !ok {
					return false
				}
				within = member
			}
		}
		if !s.value(key, within) {
			return false
		}
	}
	_, _ = s.Token() // the end of it
	return true
}

// member returns the type of the member of a struct that has a key.
func (s *strict) member(key string, t reflect.Type) (reflect.Type, bool) {
	var known []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == key {
			return f.Type, true
		}
		if f.IsExported() && name != "-" {
			known = append(known, name)
		}
	}
	s.wrong, s.at = fmt.Sprintf("there is no key %s; %s", schema.Show(key), diag.DidYouMean(key, known)), int(s.InputOffset())-1
	return nil, false
}
