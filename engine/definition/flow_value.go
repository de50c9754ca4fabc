package definition

import (
	"strings"

	"errand/engine/pattern"
)

// endsValue reports whether what follows a value in quotes shows that the value is complete.
func endsValue(rest string, inFlow bool) bool {
	rest = strings.TrimLeft(rest, " \t")
	return rest == "" || inFlow && strings.IndexByte(",]}:", rest[0]) >= 0
}

// closesExpressions reports whether each expression in a text ends before an offset.
func closesExpressions(text string, end int) bool {
	open := strings.LastIndex(text[:end], "${{")
	return open < 0 || strings.Contains(text[open:end], "}}")
}

// A flowValue is a value in { } or [ ] that is not valid, and what must be written.
type flowValue struct {
	from, to int
	write    string
}

var (
	flowKey   = pattern.New(`^[^\s"'\[\]{},:?#][^"'\[\]{},:]*:(?:[ \t]|$)`)
	nextEntry = pattern.New(`^[ \t]*(?:$|[}\]]|(?:[^\s"'\[\]{},:?#][^\s"'\[\]{},:]*|"[^"]*"|'[^']*'):(?:[ \t]|$))`)
)

// invalidInFlow finds the first value in { } or [ ] that must be quoted, or be quoted in another way. The
// text begins with the bracket.
func invalidInFlow(text string) (v flowValue, ok bool) {
	var open []byte
	for at := 0; at < len(text); {
		switch c := text[at]; c {
		case ' ', '\t', ',':
			at++
		case '{', '[':
			open = append(open, c)
			at++
		case '}', ']':
			if len(open) < 2 {
				return flowValue{}, false
			}
			open = open[:len(open)-1]
			at++
		case '"', '\'':
			end := closingQuote(text[at:])
			if end < 0 || !endsValue(text[at+end+1:], true) || !closesExpressions(text[at:], end) {
				m, ok := readMisquoted(text[at:], true)
				return flowValue{at, at + m.end, m.write}, ok
			}
			at += end + 1
			if strings.HasPrefix(text[at:], ":") { // it is a key
				at++
			}
		default:
			if key := flowKey.Regexp().FindString(text[at:]); key != "" && open[len(open)-1] == '{' {
				at += len(key)
				continue
			}
			end := plainEnd(text, at, open[len(open)-1] == '{')
			if end < 0 {
				return flowValue{}, false
			}
			if value := text[at:end]; strings.Contains(value, "${{") {
				return flowValue{at, end, quote(value)}, true
			}
			at = max(end, at+1)
		}
	}
	return flowValue{}, false
}

// plainEnd returns the offset after a value without quotes in { } or [ ], or -1. A comma that no key
// follows belongs to a value of a mapping.
func plainEnd(text string, at int, inMapping bool) int {
	end := at
	for at < len(text) {
		switch {
		case strings.HasPrefix(text[at:], "${{"):
			shut := endOfExpression(text, at+3)
			if shut < 0 {
				return -1
			}
			at = shut + 1
		case strings.IndexByte("{}[]", text[at]) >= 0, text[at] == ',' && (!inMapping || nextEntry.MatchString(text[at+1:])):
			return end
		}
		if at++; text[at-1] != ' ' {
			end = at
		}
	}
	return end
}
