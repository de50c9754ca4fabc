package definition

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"errand/engine/pattern"
)

// A misquoted is a value in quotes that has the same quotes in it: "a "b" c".
type misquoted struct {
	end   int    // the offset after the closing quote
	write string // the value as it must be written
}

// readMisquoted reads a value in quotes as its author means it: quotes in an expression belong to the
// expression, other quotes come in pairs such as "b", and an apostrophe stands alone. It fails if the
// quotes can mean something else, as in "a" == "b".
func readMisquoted(text string, inFlow bool) (m misquoted, ok bool) {
	quote := text[0]
	r := misquotedReader{text: text, quote: quote, inFlow: inFlow}
	for at := 1; at < len(text); {
		switch {
		case text[at] == '\\' && quote == '"' && at+1 < len(text):
			r.escapes = true
			at = r.keep(at, at+2)
		case strings.HasPrefix(text[at:], "${{"):
			end := endOfExpression(text, at+3)
			if end < 0 {
				return misquoted{}, false
			}
			at = r.keep(at, end+2)
		case text[at] != quote:
			at = r.keep(at, at+1)
		case r.inPair:
			r.inPair = false
			at = r.keepQuote(at)
		case quote == '\'' && strings.HasPrefix(text[at:], "''"):
			at = r.keepQuote(at) + 1
		case r.isApostrophe(at):
			at = r.keepQuote(at)
		case r.ends(at + 1):
			return misquoted{at + 1, r.written()}, !inFlow || !furtherKey.MatchString(r.meant.String())
		case r.opens(at):
			r.inPair = true
			at = r.keepQuote(at)
		default:
			return misquoted{}, false
		}
	}
	return misquoted{}, false
}

// furtherKey matches a text that has the next key of a mapping: a quote before it is missing or too many.
var furtherKey = pattern.New(`,[ \t]*[A-Za-z_][A-Za-z0-9_-]*:[ \t]`)

type misquotedReader struct {
	text    string
	quote   byte
	inFlow  bool
	inPair  bool // inside the quotes in the text
	escapes bool // the text has escapes of double quotes
	meant   strings.Builder
	escaped strings.Builder // meant, for double quotes
}

func (r *misquotedReader) keep(from, to int) int {
	part := r.text[from:to]
	r.meant.WriteString(part)
	if !strings.HasPrefix(part, `\`) {
		part = strings.ReplaceAll(part, `"`, `\"`)
	}
	r.escaped.WriteString(part)
	return to
}

func (r *misquotedReader) keepQuote(at int) int { return r.keep(at, at+1) }

// written returns the value as a scalar. Escapes keep their meaning.
func (r *misquotedReader) written() string {
	if r.escapes {
		return `"` + r.escaped.String() + `"`
	}
	return quote(r.meant.String())
}

func (r *misquotedReader) isApostrophe(at int) bool {
	before, _ := utf8.DecodeLastRuneInString(r.text[:at])
	after, _ := utf8.DecodeRuneInString(r.text[at+1:])
	return r.quote == '\'' && unicode.IsLetter(before) && unicode.IsLetter(after)
}

// ends reports whether a value can end at an offset.
func (r *misquotedReader) ends(at int) bool { return endsValue(r.text[at:], r.inFlow) }

// opens reports whether a quote looks as one that opens a text within the text.
func (r *misquotedReader) opens(at int) bool {
	return strings.IndexByte(" ([{,=!<>+?:&|'\"", r.text[at-1]) >= 0 && at+1 < len(r.text) && r.text[at+1] != ' '
}
