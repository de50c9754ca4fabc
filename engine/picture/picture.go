// Package picture has what the pictures of Errand have in common: how texts from outside come into them.
package picture

import (
	"encoding/xml"
	"strings"
	"unicode"

	"errand/engine/diag"
)

// mostCombining is how many combining marks may follow each other. More of them would cover the lines
// above.
const mostCombining = 8

// Line returns a text as a single line of at most most code points, which every format can contain: runs
// of white space become one space, and what is not printable, or no character, becomes U+FFFD. A text that
// is cut ends with an ellipsis.
func Line(s string, most int) string {
	var b strings.Builder
	count, combining, blank := 0, 0, false
	for _, c := range diag.Printable(spaced(s)) {
		if c == ' ' {
			blank = count > 0
			continue
		}
		if combining++; !unicode.In(c, unicode.M) {
			combining = 0
		}
		if combining > mostCombining {
			continue
		}
		if isNoCharacter(c) {
			c = unicode.ReplacementChar
		}
		if blank {
			b.WriteByte(' ')
			blank = false
			count++
		}
		b.WriteRune(c)
		if count++; count > most {
			return Cut(string([]rune(b.String())[:most-1]))
		}
	}
	return b.String()
}

// spaced replaces all white space by spaces, which are printable.
func spaced(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || unicode.In(c, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return c
	}, s)
}

// isNoCharacter reports whether Unicode says that a code point is no character. XML forbids some of them.
func isNoCharacter(c rune) bool { return c&0xFFFE == 0xFFFE || c >= 0xFDD0 && c <= 0xFDEF }

// Cut marks the end of a text that was cut.
func Cut(s string) string { return strings.TrimRight(s, " \u200D") + "…" }

// Escape returns a text for the content and the attributes of XML.
func Escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // writing to a builder cannot fail
	}
	return b.String()
}
