package timeline

import (
	"errand/engine/picture"

	"strings"

	"errand/engine/diag"
)

// The longest texts, in code points.
const (
	longestLabel = 120
	longestWords = 300
)

// clean returns a text as a single line of at most most code points.
func clean(s string, most int) string { return picture.Line(s, most) }

// fit cuts a text so that it is at most room pixels wide.
func fit(s string, room float64) string {
	if width(s) <= room {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && width(string(runes)+"…") > room {
		runes = runes[:len(runes)-1]
	}
	return picture.Cut(string(runes))
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
