package schema

import (
	"fmt"
	"unicode/utf8"
)

// The limits of what a person writes as data, in JSON or in YAML.
const (
	MaxDepth  = 32     // nested lists and objects
	MaxValues = 10_000 // names, values, lists and objects
)

// JSON is a value of a JSON text that a person wrote. From and To are its bytes in the text.
type JSON struct {
	Kind     Kind // Null, Boolean, Integer, Number, String, List or Object
	From, To int
	Text     string // what a String says; of Null, a Boolean and a number, the value as written
	Items    []JSON // of a List
	Members  []JSONMember
}

// A JSONMember is a member of an Object.
type JSONMember struct{ Name, Value JSON }

// A JSONFault is why a text is refused.
type JSONFault struct {
	Code     JSONCode
	From, To int // the bytes in the text
	Message  string
	Help     string // may be empty
	First    int    // of JSONRepeated: where the first member with the name begins
}

// A JSONCode says which kind of fault it is.
type JSONCode string

// The codes of faults.
const (
	JSONEmpty     JSONCode = "empty"     // the text has no value
	JSONEncoding  JSONCode = "encoding"  // the text is not UTF-8
	JSONSyntax    JSONCode = "syntax"    // RFC 8259 does not allow it
	JSONSurrogate JSONCode = "surrogate" // half of a pair of \u escapes
	JSONRepeated  JSONCode = "repeated"  // two members of an object have one name
	JSONNumber    JSONCode = "number"    // a number without a value in Errand
	JSONLimit     JSONCode = "limit"     // MaxDepth or MaxValues
)

// ReadJSON reads a JSON text as RFC 8259 defines it, without a byte order mark. It is for texts that
// people write, so it also refuses what readers understand differently: repeated members, halves of
// surrogate pairs, numbers that are too large. If there are faults, it returns no value. It reports
// all faults up to the first one after which the rest cannot be read.
func ReadJSON(text string) (JSON, []JSONFault) {
	r := &jsonReader{text: text}
	if at := notUTF8(text); at >= 0 {
		r.fault(JSONEncoding, at, at+1, "save it as UTF-8", "byte 0x%02x is not UTF-8", text[at])
		return JSON{}, r.faults
	}
	v := r.document()
	if len(r.faults) > 0 {
		return JSON{}, r.faults
	}
	return v, nil
}

// notUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func notUTF8(text string) int {
	for i, c := range text {
		if c != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
			return i
		}
	}
	return -1
}

// checkJSON returns a Misfit for the first fault of a text that must be JSON.
func (t Type) checkJSON(text string) error {
	_, faults := ReadJSON(text)
	if len(faults) == 0 {
		return nil
	}
	switch f := faults[0]; f.Code {
	case JSONEmpty:
		return Misfit{Message: fmt.Sprintf("%s is not JSON; want %s as JSON", Show(text), t.article())}
	case JSONSyntax:
		return Misfit{Message: fmt.Sprintf("%s is not JSON: %s, at %s; want %s as JSON", Show(text), f.Message, JSONPlace(text, f.From), t.article())}
	default:
		return Misfit{Message: fmt.Sprintf("%s, at %s", f.Message, JSONPlace(text, f.From))}
	}
}

// JSONPlace returns the place of an offset, for a message: the column, and the line if there are
// several.
func JSONPlace(text string, offset int) string {
	line, column, lines := 1, 1, 1
	for i, c := range text {
		if c == '\n' {
			lines++
		}
		switch {
		case i >= offset:
		case c == '\n':
			line, column = line+1, 1
		default:
			column++
		}
	}
	if lines == 1 {
		return fmt.Sprintf("column %d", column)
	}
	return fmt.Sprintf("line %d, column %d", line, column)
}
