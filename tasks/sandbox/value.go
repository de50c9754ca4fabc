package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"errand/engine/schema"
)

// A WorldError is one problem of a world document.
type WorldError struct {
	Path    string // where, such as "instances[0].state"; empty for the document itself
	Offset  int    // of a byte of the key or of the item, in the document
	Message string // what is wrong
	Hint    string // what to write instead; may be empty
}

func (e *WorldError) Error() string {
	text := e.Message
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Problems returns the problems of a world document that an error of New joins.
func Problems(err error) []*WorldError {
	var all []*WorldError
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, one := range joined.Unwrap() {
		if problem, ok := errors.AsType[*WorldError](one); ok {
			all = append(all, problem)
		}
	}
	return all
}

// A value is one JSON value of a document. If it is read as another kind, a problem is added to
// those of the document and the result is the zero value.
type value struct {
	path     string
	offset   int
	kind     string // "an object", "a list", "a string", "a number", "a boolean", "null"
	text     string // of a string, a number or a boolean
	names    []string
	fields   map[string]value
	items    []value
	problems *[]error
}

// parseValue parses a document. Unlike encoding/json it notices duplicate keys.
func parseValue(document []byte) (value, *[]error) {
	problems := new([]error)
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	v, err := parseNext(dec, "", problems)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("there is more text after its end")
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too early")
	}
	if err != nil {
		*problems = append(*problems, &WorldError{Message: "the world is not one JSON document: " + err.Error()})
	}
	return v, problems
}

func parseNext(dec *json.Decoder, path string, problems *[]error) (value, error) {
	v := value{path: path, problems: problems}
	token, err := dec.Token()
	if err != nil {
		return v, err
	}
	v.offset = int(dec.InputOffset()) - 1
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return v.parseList(dec)
		}
		return v.parseObject(dec)
	case string:
		v.kind, v.text = "a string", t
	case json.Number:
		v.kind, v.text = "a number", t.String()
	case bool:
		v.kind, v.text = "a boolean", strconv.FormatBool(t)
	default:
		v.kind = "null"
	}
	return v, nil
}

func (v value) parseList(dec *json.Decoder) (value, error) {
	v.kind = "a list"
	for dec.More() {
		item, err := parseNext(dec, fmt.Sprintf("%s[%d]", v.path, len(v.items)), v.problems)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
	_, err := dec.Token()
	return v, err
}

func (v value) parseObject(dec *json.Decoder) (value, error) {
	v.kind, v.fields = "an object", map[string]value{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return v, err
		}
		name, _ := token.(string)
		key := int(dec.InputOffset()) - 1
		field, err := parseNext(dec, strings.TrimPrefix(v.path+"."+name, "."), v.problems)
		if err != nil {
			return v, err
		}
		field.offset = key
		if _, twice := v.fields[name]; twice {
			field.problem("", "is a duplicate key")
			continue
		}
		v.names = append(v.names, name)
		v.fields[name] = field
	}
	_, err := dec.Token()
	return v, err
}

func (v value) problem(hint, format string, args ...any) {
	*v.problems = append(*v.problems, &WorldError{Path: v.path, Offset: v.offset, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (v value) is(kind string) bool {
	if v.kind == kind {
		return true
	}
	if v.kind != "" { // an absent value has no kind and is not a problem
		v.problem("", "expected %s, got %s", kind, v.kind)
	}
	return false
}

// object reports whether v is an object, and adds a problem for each key that is not known.
func (v value) object(known ...string) bool {
	if !v.is("an object") {
		return false
	}
	for _, name := range v.names {
		if !slices.Contains(known, name) {
			v.fields[name].problem(suggestion(name, known), "unknown key %q", name)
		}
	}
	return true
}

// suggestion returns a hint: the known word that word most likely means, or all known words.
func suggestion(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "use one of " + strings.Join(known, ", ")
}

func (v value) has(name string) bool { _, ok := v.fields[name]; return ok }

// at returns the field with this name. An absent field reads as its zero value.
func (v value) at(name string) value { return v.fields[name] }

func (v value) list() []value {
	v.is("a list")
	return v.items
}

func (v value) string() string {
	if !v.is("a string") {
		return ""
	}
	return v.text
}

func (v value) strings() []string {
	var all []string
	for _, item := range v.list() {
		all = append(all, item.string())
	}
	return all
}

// dictionary reads an object with any keys, whose values are strings.
func (v value) dictionary() map[string]string {
	all := map[string]string{}
	v.is("an object")
	for _, name := range v.names {
		all[name] = v.fields[name].string()
	}
	return all
}

func (v value) boolean() bool { return v.is("a boolean") && v.text == "true" }

// count reads a whole number that must be at least least.
func (v value) count(least int) int {
	if !v.is("a number") {
		return 0
	}
	n, err := strconv.Atoi(v.text)
	if err != nil || n < least {
		v.problem("", "%s is not a whole number of at least %d", v.text, least)
	}
	return n
}

// duration reads a text such as "90s". If it is absent, the result is preset.
func (v value) duration(preset time.Duration) time.Duration {
	if v.kind == "" || !v.is("a string") {
		return preset
	}
	d, err := schema.ParseDuration(v.text)
	if err != nil {
		v.problem(`write it like "90s", "2m" or "1h30m"`, "%q is not a duration", v.text)
	}
	return d
}

// oneOf reads one of these words. If it is absent, the result is preset.
func (v value) oneOf(what, preset string, words ...string) string {
	if v.kind == "" || !v.is("a string") {
		return preset
	}
	if !slices.Contains(words, v.text) {
		v.problem(suggestion(v.text, words), "%q is not %s", v.text, what)
		return preset
	}
	return v.text
}

// matching reads a string of a form. example shows the form.
func (v value) matching(form form, what, example string) string {
	text := v.string()
	if v.kind == "a string" && !form(text) {
		v.problem("write it like "+example, "%q is not %s", text, what)
	}
	return text
}
