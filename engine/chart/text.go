package chart

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"errand/engine/diag"
)

// longest is the maximum length of a text in a title or a description, in code points.
const longest = 200

// clean returns a text as a single line that XML can contain: runs of white space become one space,
// and controls, bidi controls and what is no character become U+FFFD. A very long text is cut.
func clean(s string) string {
	if len(s) > utf8.UTFMax*longest {
		s = s[:utf8.UTFMax*longest]
	}
	s = strings.Join(strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.In(c, unicode.Zl, unicode.Zp) }), " ")
	s = strings.Map(func(c rune) rune {
		if c&0xFFFE == 0xFFFE || c >= 0xFDD0 && c <= 0xFDEF {
			return unicode.ReplacementChar
		}
		return c
	}, diag.Printable(s))
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return s
}

// width estimates the width of a text in pixels. The font of the viewer is unknown, so the estimate
// is that of a wide one.
func width(s string) (pixels int) {
	for _, c := range s {
		switch {
		case c < 0x250:
			pixels += 7
		default: // from a fallback font
			pixels += 8 * diag.Width(string(c))
		}
	}
	return pixels
}

// fit cuts a clean text to a width. Characters without a width are cut, too, if there are very many.
func fit(s string, room int) string {
	most := room / 3
	if width(s) <= room && utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)
	runes = runes[:min(len(runes), most)]
	for len(runes) > 0 && width(string(runes)+"…") > room {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " \u200D") + "…"
}
