package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A jsonReader reads a JSON text. Its methods return false after a fault behind which the rest
// cannot be read.
type jsonReader struct {
	text   string
	at     int
	values int
	open   []jsonOpen // the lists and objects that are not closed, from the outside
	faults []JSONFault
}

// A jsonOpen is a list or an object that is not closed yet.
type jsonOpen struct {
	at    int // its bracket
	what  string
	close byte
}

// fault adds a fault. It returns false.
func (r *jsonReader) fault(code JSONCode, from, to int, help, format string, args ...any) bool {
	r.faults = append(r.faults, JSONFault{Code: code, From: from, To: to, Help: help, Message: fmt.Sprintf(format, args...)})
	return false
}

func (r *jsonReader) document() JSON {
	if r.space(); r.at == len(r.text) {
		r.fault(JSONEmpty, 0, 0, "", "there is no value")
		return JSON{}
	}
	v, ok := r.value()
	if r.space(); ok && r.at < len(r.text) {
		r.unexpected(theEnd)
	}
	return v
}

// space skips white space.
func (r *jsonReader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\n\r", r.text[r.at]) >= 0 {
		r.at++
	}
}

// skip skips white space and the byte c. It reports whether the byte is there.
func (r *jsonReader) skip(c byte) bool {
	if r.space(); r.at == len(r.text) || r.text[r.at] != c {
		return false
	}
	r.at++
	return true
}

// word returns the end of the letters, digits, signs and dots from an offset on.
func (r *jsonReader) word(from int) int {
	for from < len(r.text) {
		c, size := utf8.DecodeRuneInString(r.text[from:])
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("_-+.", c) {
			break
		}
		from += size
	}
	return from
}

// found describes what stands at the reader's place, and returns its end.
func (r *jsonReader) found() (string, int) {
	if end := r.word(r.at); end > r.at {
		return Show(r.text[r.at:end]), end
	}
	return r.character()
}

// character describes the character at the reader's place, and returns its end.
func (r *jsonReader) character() (string, int) {
	c, size := utf8.DecodeRuneInString(r.text[r.at:])
	if !unicode.IsPrint(c) {
		return fmt.Sprintf("the character %U", c), r.at + size
	}
	return Show(string(c)), r.at + size
}

// What a jsonReader expects.
const (
	aValue = "a value"
	aName  = "a name in double quotes"
	theEnd = "the end of the text"
)

// unexpected reports what stands at the reader's place.
func (r *jsonReader) unexpected(want string) bool {
	if r.at == len(r.text) {
		if len(r.open) == 0 {
			return r.fault(JSONSyntax, r.at, r.at, "", "expected %s, not the end of the text", want)
		}
		last := r.open[len(r.open)-1]
		return r.fault(JSONSyntax, last.at, last.at+1, "add "+string(last.close), "this %s is not closed", last.what)
	}
	found, end := r.found()
	return r.fault(JSONSyntax, r.at, end, jsonHelp(r.text[r.at:], r.text[r.at:end], want), "expected %s, not %s", want, found)
}

// jsonHelp returns what to write instead of what was found at the start of the rest, or "".
func jsonHelp(rest, found, want string) string {
	switch rest[0] {
	case '\'':
		return "a text is in double quotes"
	case '#':
		return "JSON has no comments"
	case '/':
		if strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") {
			return "JSON has no comments"
		}
	}
	if c, _ := utf8.DecodeRuneInString(found); want == aValue && unicode.IsLetter(c) {
		switch word := strings.ToLower(found); word {
		case "true", "false", "null":
			return "write " + word
		case "none", "nil", "undefined":
			return "write null"
		case "nan", "inf", "infinity":
			return ""
		}
		return `if you mean the text, write "` + found + `"`
	}
	switch c, _ := utf8.DecodeRuneInString(found); {
	case want == aName && unicode.IsLetter(c):
		return `write "` + found + `"`
	case want == theEnd:
		return "a JSON text is one value"
	}
	return ""
}

// count counts a value or a name, and reports when there are too many.
func (r *jsonReader) count() bool {
	if r.values++; r.values > MaxValues {
		return r.fault(JSONLimit, r.at, r.at+1, "", "there are more than %d names and values", MaxValues)
	}
	return true
}

func (r *jsonReader) value() (v JSON, ok bool) {
	if r.space(); r.at == len(r.text) {
		return v, r.unexpected(aValue)
	}
	if !r.count() {
		return v, false
	}
	v.From = r.at
	switch c := r.text[r.at]; {
	case c == '"':
		v.Kind = String
		v.Text, ok = r.string()
	case c == '[':
		v.Kind = List
		ok = r.within(jsonOpen{r.at, "list", ']'}, func() bool { return r.item(&v) })
	case c == '{':
		v.Kind = Object
		seen := map[string]int{}
		ok = r.within(jsonOpen{r.at, "object", '}'}, func() bool { return r.member(&v, seen) })
	case c == '-' || '0' <= c && c <= '9':
		v.Kind, ok = r.number()
		v.Text = r.text[v.From:r.at]
	default:
		v.Kind, ok = r.literal()
		v.Text = r.text[v.From:r.at]
	}
	v.To = r.at
	return v, ok
}

// literal reads true, false or null.
func (r *jsonReader) literal() (Kind, bool) {
	end := r.word(r.at)
	switch r.text[r.at:end] {
	case "true", "false":
		r.at = end
		return Boolean, true
	case "null":
		r.at = end
		return Null, true
	}
	return "", r.unexpected(aValue)
}

// number reads a number. A word that begins like a number is read as a whole.
func (r *jsonReader) number() (Kind, bool) {
	from := r.at
	r.at = r.word(from)
	text := r.text[from:r.at]
	if !json.Valid([]byte(text)) {
		help := ""
		if bare := strings.TrimLeft(text, "0"); text[0] == '0' && bare != "" && json.Valid([]byte(bare)) {
			help = "write " + bare
		}
		return "", r.fault(JSONSyntax, from, r.at, help, "%s is not a number in JSON", Show(text))
	}
	if !strings.ContainsAny(text, ".eE") {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			r.fault(JSONNumber, from, r.at, "", "%s is an integer that does not fit into 64 bits", shorten(text))
		}
		return Integer, true
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		r.fault(JSONNumber, from, r.at, "", "%s is a number that is too large", shorten(text))
	}
	return Number, true
}

// shorten shortens the digits of a number for a message.
func shorten(digits string) string {
	if len(digits) > 40 {
		return digits[:40] + "…"
	}
	return digits
}

// within reads the parts of a list or an object with the commas between them.
func (r *jsonReader) within(o jsonOpen, part func() bool) bool {
	if len(r.open) == MaxDepth {
		return r.fault(JSONLimit, r.at, r.at+1, "", "lists and objects are nested more than %d deep", MaxDepth)
	}
	r.open = append(r.open, o)
	r.at++
	for comma := -1; ; comma = r.at - 1 {
		if r.skip(o.close) {
			if comma >= 0 {
				return r.fault(JSONSyntax, comma, comma+1, "remove the comma", "a comma must not stand before %c", o.close)
			}
			break
		}
		if !part() {
			return false
		}
		if r.skip(o.close) {
			break
		}
		if !r.skip(',') {
			return r.unexpected(fmt.Sprintf("\",\" or \"%c\"", o.close))
		}
	}
	r.open = r.open[:len(r.open)-1]
	return true
}

func (r *jsonReader) item(list *JSON) bool {
	v, ok := r.value()
	list.Items = append(list.Items, v)
	return ok
}

func (r *jsonReader) member(object *JSON, seen map[string]int) bool {
	m := JSONMember{Name: JSON{Kind: String, From: r.at}}
	if r.at == len(r.text) || r.text[r.at] != '"' {
		return r.unexpected(aName)
	}
	var ok bool
	if m.Name.Text, ok = r.string(); !ok || !r.count() {
		return false
	}
	m.Name.To = r.at
	if first, twice := seen[m.Name.Text]; twice {
		r.fault(JSONRepeated, m.Name.From, m.Name.To, "remove one of the two", "the name %s occurs twice in this object", Show(m.Name.Text))
		r.faults[len(r.faults)-1].First = first
	} else {
		seen[m.Name.Text] = m.Name.From
	}
	if !r.skip(':') {
		return r.unexpected("\":\" after the name")
	}
	m.Value, ok = r.value()
	object.Members = append(object.Members, m)
	return ok
}
