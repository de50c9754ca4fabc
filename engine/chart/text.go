package chart

import (
	"errand/engine/picture"

	"unicode/utf8"

	"errand/engine/diag"
)

// longest is the maximum length of a text in a title or a description, in code points.
const longest = 200

// clean returns a text as a single line that XML can contain.
func clean(s string) string { return picture.Line(s, longest) }

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
	return picture.Cut(string(runes))
}
