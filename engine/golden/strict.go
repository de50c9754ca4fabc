package golden

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/schema"
)

// A strict decoder finds the first value that its type does not take: an unknown key, a value of
// another kind, an unknown word, or what a type with its own UnmarshalJSON or UnmarshalText refuses.
type strict struct {
	*json.Decoder
	wrong string
	at    int // the offset of what is wrong
}

// A vocabulary is the words that a type takes.
type vocabulary struct {
	what  string
	words []string
}

// words returns the words of a type, or none if it takes any text.
func words(t reflect.Type) vocabulary {
	switch t {
	case reflect.TypeFor[engine.Status]():
		return vocabulary{"a status of a run", textsOf(engine.Succeeded, engine.Failed, engine.Cancelled, engine.Uncertain, engine.Waiting)}
	case reflect.TypeFor[engine.StepStatus]():
		return vocabulary{"a status of a step", textsOf(engine.StepSucceeded, engine.StepFailed, engine.StepSkipped, engine.StepUncertain,
			engine.StepCancelled, engine.StepWaiting, engine.StepRunning, notReached)}
	case reflect.TypeFor[engine.Verdict]():
		return vocabulary{"a verdict", append(textsOf(engine.VerdictsOn(engine.Question{})...), textsOf(engine.Verdicts...)...)}
	}
	return vocabulary{}
}

func textsOf[Text ~string](words ...Text) []string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return texts
}

// refuse says what is wrong with a word; "" if it is one of the vocabulary.
func (v vocabulary) refuse(word string) string {
	if slices.Contains(v.words, word) {
		return ""
	}
	return fmt.Sprintf("%s is not %s; %s", schema.Show(word), v.what, diag.DidYouMean(word, v.words))
}

// ownForm reports whether a type decodes its values itself.
func ownForm(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) || ownText(t)
}

func ownText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// value reads the value of a key and reports whether it is valid.
func (s *strict) value(key string, t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if ownForm(t) {
		return s.own(key, t)
	}
	begin, err := s.Token()
	if err != nil {
		return true // the other decoder says what is wrong with it
	}
	if wrong := refuse(begin, key, t); wrong != "" {
		s.wrong, s.at = wrong, int(s.InputOffset())-1
		return false
	}
	if _, opens := begin.(json.Delim); !opens {
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

// own reads a value that its type decodes itself.
func (s *strict) own(key string, t reflect.Type) bool {
	at, raw := int(s.InputOffset()), json.RawMessage{}
	if s.Decode(&raw) != nil {
		return true
	}
	if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
		what := err.Error()
		switch {
		case t == reflect.TypeFor[time.Time]():
			what = string(raw) + ` is not a time; write it like "` + Start.Format(time.RFC3339) + `"`
		case ownText(t) && raw[0] != '"':
			first, _ := json.NewDecoder(bytes.NewReader(raw)).Token()
			what = "expected a string with a number and a unit, such as 30m, got " + kindOf(first)
		}
		s.wrong, s.at = key+": "+what, at
		return false
	}
	return true
}

// member returns the type of the member of a struct that has a key.
func (s *strict) member(key string, t reflect.Type) (reflect.Type, bool) {
	for f := range t.Fields() {
		if keyOf(f) == key {
			return f.Type, true
		}
	}
	s.wrong, s.at = fmt.Sprintf("there is no key %s; %s", schema.Show(key), diag.DidYouMean(key, keysOf(t))), int(s.InputOffset())-1
	return nil, false
}

// keyOf returns the key of a member; "" if it has none.
func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if !f.IsExported() || name == "-" {
		return ""
	}
	return name
}

func keysOf(t reflect.Type) (keys []string) {
	for f := range t.Fields() {
		if key := keyOf(f); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// refuse says why a type does not take the value that begins with a token; "" if it does.
func refuse(begin json.Token, key string, t reflect.Type) string {
	var expected, help string
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		if begin == json.Delim('{') {
			return ""
		}
		expected, help = "an object", meant(begin, key, t)
	case reflect.Slice:
		if begin == json.Delim('[') {
			return ""
		}
		expected, help = "a list", "write each item after a hyphen, or all of them in [ ]"
	case reflect.String:
		text, is := begin.(string)
		if v := words(t); is && v.words != nil {
			if wrong := v.refuse(text); wrong != "" {
				return key + ": " + wrong
			}
		}
		if is {
			return ""
		}
		expected = "a string"
		if v := words(t); v.words != nil {
			help = "write one of " + strings.Join(v.words, ", ")
		} else if _, opens := begin.(json.Delim); !opens {
			help = fmt.Sprintf("quote it: %q", fmt.Sprint(begin))
		}
	case reflect.Bool:
		if _, is := begin.(bool); is {
			return ""
		}
		expected, help = "a boolean", "write true or false"
	default:
		if _, is := begin.(float64); is {
			return "" // the other decoder refuses a fraction
		}
		expected = "an integer"
	}
	if begin == nil {
		return "" // null is as if the key was not there
	}
	if key == "" {
		key = "the document"
	}
	wrong := fmt.Sprintf("%s: expected %s, got %s", key, expected, kindOf(begin))
	if help != "" {
		wrong += "; " + help
	}
	return wrong
}

// meant returns the help for a key whose value must be an object and is something else: the member
// that only such a value can be for, or all members.
func meant(begin json.Token, key string, t reflect.Type) string {
	if t.Kind() == reflect.Map {
		return "write " + key + ": {NAME: …}"
	}
	text, is := begin.(string)
	for f := range t.Fields() {
		if !is || keyOf(f) == "" {
			continue
		}
		fits := slices.Contains(words(f.Type).words, text)
		if ownText(f.Type) {
			fits = reflect.New(f.Type).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) == nil
		}
		if fits {
			return fmt.Sprintf("write %s: {%s: %s}", key, keyOf(f), text)
		}
	}
	return "its keys are " + strings.Join(keysOf(t), ", ")
}

// kindOf names the kind of the value that begins with a token.
func kindOf(begin json.Token) string {
	switch begin {
	case json.Delim('{'):
		return "an object"
	case json.Delim('['):
		return "a list"
	}
	switch begin.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case nil:
		return "null"
	}
	return "a number"
}
