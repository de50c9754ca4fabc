package schema

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonEscapes are the escapes of one character.
var jsonEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// string reads a string and returns what it says.
func (r *jsonReader) string() (string, bool) {
	from := r.at
	var b strings.Builder
	for r.at++; r.at < len(r.text); {
		plain := r.at
		for r.at < len(r.text) && r.text[r.at] >= ' ' && r.text[r.at] != '"' && r.text[r.at] != '\\' {
			r.at++
		}
		b.WriteString(r.text[plain:r.at])
		if r.at == len(r.text) {
			break
		}
		switch r.text[r.at] {
		case '"':
			r.at++
			return b.String(), true
		case '\\':
			if !r.escape(&b) {
				return "", false
			}
		case '\n', '\r':
			return "", r.fault(JSONSyntax, from, r.at, `add a double quote, or write \n for a line break`, "the text is not closed at the end of its line")
		case '\t':
			return "", r.fault(JSONSyntax, r.at, r.at+1, `write \t`, "a text must not contain a tab")
		default:
			return "", r.fault(JSONSyntax, r.at, r.at+1, "", "a text must not contain the control character %U", rune(r.text[r.at]))
		}
	}
	return "", r.fault(JSONSyntax, from, r.at, "add a double quote", "the text is not closed")
}

// escape reads an escape.
func (r *jsonReader) escape(b *strings.Builder) bool {
	from := r.at
	if r.at++; r.at == len(r.text) {
		return r.fault(JSONSyntax, from, r.at, "", "the text ends in an escape")
	}
	if c, ok := jsonEscapes[r.text[r.at]]; ok {
		r.at++
		b.WriteByte(c)
		return true
	}
	if r.text[r.at] != 'u' {
		found, end := r.character()
		return r.fault(JSONSyntax, from, end, `for a backslash, write \\`, `expected one of "\/bfnrtu after a backslash, not %s`, found)
	}
	c, ok := r.unit(from)
	if !ok {
		return r.fault(JSONSyntax, from, from+2, "", `\u needs four hexadecimal digits`)
	}
	r.at = from + 6
	if utf16.IsSurrogate(c) {
		low, _ := r.unit(r.at)
		pair := utf16.DecodeRune(c, low)
		if pair == utf8.RuneError {
			r.fault(JSONSurrogate, from, r.at, "write both escapes of the pair, or the character itself", "%s is half of a character", r.text[from:r.at])
		} else {
			r.at += 6
		}
		c = pair
	}
	b.WriteRune(c)
	return true
}

// unit returns the code unit of the \u escape at an offset.
func (r *jsonReader) unit(at int) (rune, bool) {
	if len(r.text) < at+6 || r.text[at:at+2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(r.text[at+2:at+6], 16, 16)
	return rune(n), err == nil
}
