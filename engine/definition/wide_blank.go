package definition

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"errand/engine/diag"
	"errand/engine/pattern"
	"errand/engine/schema"
)

// isWideBlank reports whether a character looks like a space and is another one.
func isWideBlank(r rune) bool { return r != ' ' && unicode.Is(unicode.Zs, r) }

// reportWideBlank reports a blank that is not the space of YAML in an unknown key, as in text that was
// copied from a page. It returns whether it did.
func (m *mapping) reportWideBlank(what string, key Text) bool {
	at := strings.IndexFunc(key.Value, isWideBlank)
	if at < 0 {
		return false
	}
	c, size := utf8.DecodeRuneInString(key.Value[at:])
	p := m.r.report(ruleUnknownKey, key.Span(at, at+size), "write a space", "%s has no key %s; %s", what, schema.Show(key.Value), wideBlankText(c))
	p.Fix = &diag.Fix{Title: "write spaces", Range: key.Range, Text: strings.Map(func(r rune) rune {
		if isWideBlank(r) {
			return ' '
		}
		return r
	}, key.Value)}
	return true
}

func wideBlankText(c rune) string {
	name := "blank"
	if c == 0xa0 {
		name = "non-breaking space"
	}
	return fmt.Sprintf("the %s (%U) is not the space of YAML", name, c)
}

// structural matches a blank of another kind in the indentation, after a hyphen or after a key.
var structural = pattern.New(`^[ -]*(?:[A-Za-z_][A-Za-z0-9_-]*:)?[\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]`)

// wideBlank finds a blank of another kind where a space belongs, on this line or the two before it.
func wideBlank(l *faultyLine) *diag.Problem {
	for number := max(1, l.number-2); number <= l.number; number++ {
		text, start := l.line(number)
		found := structural.Regexp().FindString(text)
		if found == "" {
			continue
		}
		c, size := utf8.DecodeLastRuneInString(found)
		p := problem(l.span(start+len(found)-size, start+len(found)), "write a space", "%s", wideBlankText(c))
		p.Fix = &diag.Fix{Title: "write a space", Range: p.Range, Text: " "}
		return p
	}
	return nil
}
