package timeline

import (
	"strings"
	"unicode"

	"errand/engine/diag"
)

// The longest texts, in code points.
const (
	longestLabel = 120
	longestWords = 300
)

// mostCombining is how many combining marks may follow each other. More of them would cover the rows
// above.
const mostCombining = 4

// clean returns a text as a single line of at most most code points: runs of white space become one
// space, and unprintable characters become U+FFFD.
func clean(s string, most int) string {
	var b strings.Builder
	count, combining, blank := 0, 0, false
	for _, c := range s {
		if unicode.IsSpace(c) || unicode.In(c, unicode.Zl, unicode.Zp) {
			blank = count > 0
			continue
		}
		if combining++; !unicode.In(c, unicode.M) {
			combining = 0
		}
		if combining > mostCombining {
			continue
		}
		if count >= most-1 { // room for the sign of the cut
			return b.String() + "…"
		}
		if blank {
			b.WriteByte(' ')
			blank = false
			count++
		}
		if !isDrawable(c) {
			c = unicode.ReplacementChar
		}
		b.WriteRune(c)
		count++
	}
	return b.String()
}

// isDrawable reports whether a character can be in a picture: XML allows it, and no program
// interprets it.
func isDrawable(c rune) bool {
	return diag.IsPrintable(c) && c&0xFFFE != 0xFFFE && (c < 0xFDD0 || c > 0xFDEF)
}

// fit cuts a text so that it is at most room pixels wide.
func fit(s string, room float64) string {
	if width(s) <= room {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && width(string(runes)+"…") > room {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}

// width estimates the width of a text in pixels, for a wide font of 11 pixels: a text may be
// narrower, but not wider.
func width(s string) float64 {
	sum := 0.0
	for _, c := range s {
		sum += advance(c)
	}
	return sum
}

func advance(c rune) float64 {
	switch {
	case strings.ContainsRune(" ijl.,:;'|!()[]/-I`frt", c):
		return 5
	case strings.ContainsRune("mMW@%", c):
		return 11.5
	case strings.ContainsRune("wABCDGHKNOQRUVXY&+<>=~^#…", c):
		return 9.5
	case c < 0x7F:
		return 7.5
	}
	return []float64{0, 11, 15.5}[min(diag.Width(string(c)), 2)]
}
