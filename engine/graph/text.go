package graph

import (
	"strings"
	"unicode"

	"errand/engine/diag"
	"errand/engine/picture"
)

// longest is the maximum length of a text in a graph, in code points. No box has room for more, and
// a definition may contain very long texts.
const longest = 400

// clean returns a text as a single line that every format can contain.
func clean(s string) string { return picture.Line(s, longest) }

// wrap breaks a text into at most most lines of at most room width. whole reports whether the text
// fits. It breaks at spaces. It breaks a word only if the word is too long for a line, if possible
// after a punctuation mark.
func wrap(s string, room, most int, measure func(string) int) (lines []string, whole bool) {
	current := ""
	for word := range strings.FieldsSeq(s) {
		joined := word
		if current != "" {
			joined = current + " " + word
		}
		if measure(joined) <= room {
			current = joined
			continue
		}
		if current != "" {
			lines = append(lines, current)
		}
		for measure(word) > room {
			at := breakAt(word, room, measure)
			lines = append(lines, word[:at])
			word = word[at:]
		}
		current = word
	}
	if current != "" || len(lines) == 0 {
		lines = append(lines, current)
	}
	if len(lines) <= most {
		return lines, true
	}
	lines = lines[:most]
	last := []rune(lines[most-1])
	for len(last) > 0 && measure(picture.Cut(string(last))) > room {
		last = last[:len(last)-1]
	}
	lines[most-1] = picture.Cut(string(last))
	return lines, false
}

// breakAt returns the offset at which to break a word: never 0, and not before a combining mark. It
// prefers a place after a punctuation mark to one after a letter if that keeps half of the line.
func breakAt(word string, room int, measure func(string) int) int {
	fits, mark := 0, 0
	before := rune(0)
	for at, c := range word {
		if at > 0 && measure(word[:at]) > room {
			break
		}
		if at > 0 && !unicode.In(c, unicode.M) && c != '\u200D' && before != '\u200D' {
			fits = at
			if strings.ContainsRune(".,;:/_-?!&|=)]}", before) {
				mark = at
			}
		}
		before = c
	}
	switch {
	case mark > 0 && measure(word[:mark])*2 >= room:
		return mark
	case fits > 0:
		return fits
	}
	for at := range word {
		if at > 0 {
			return at
		}
	}
	return len(word)
}

// A font is a size and a weight of one of the two font families in the picture.
type font struct {
	class string // in the style sheet
	size  int    // in pixels
	line  int    // from one line to the next
	em    func(rune) int
}

var fonts = map[Style]font{
	Title: {"t", 13, 18, bold},
	Note:  {"n", 11, 15, regular},
	Code:  {"c", 11, 15, mono},
}

// heading is the font of the picture's title.
var heading = font{"h", 18, 25, bold}

// width estimates the width of a text in pixels. The font of the viewer is unknown, so the estimate
// is that of a wide font: a text may be narrower than its space, but not wider.
func (f font) width(s string) int {
	sum := 0
	for _, c := range s {
		sum += f.em(c)
	}
	return (sum*f.size + 999) / 1000
}

// advances are the widths of U+0020 to U+007E in DejaVu Sans Bold, in thousandths of the font's
// size. It is among the widest of the fonts that a system is likely to choose.
var advances = [...]int{
	348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696, 696,
	696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850,
	733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716,
	712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
}

func bold(c rune) int {
	switch {
	case c >= ' ' && c < ' '+rune(len(advances)):
		return advances[c-' ']
	case c >= 0xC0 && c < 0x250: // Latin with accents
		return 850
	}
	return fallbackWidth(c, 1000)
}

// regular returns the width of a regular character: a tenth less than the bold one.
func regular(c rune) int { return (bold(c)*92 + 99) / 100 }

func mono(c rune) int {
	if c < 0x250 {
		return 610
	}
	return fallbackWidth(c, 700)
}

// fallbackWidth returns the width of a character that a fallback font supplies. As in a terminal,
// Chinese characters and emoji are wide, and combining marks have no width.
func fallbackWidth(c rune, narrow int) int {
	const wide = 1400 // emoji need more than the 1000 of an ideograph
	switch cells := diag.Width(string(c)); {
	case c == emojiStyle:
		return wide - narrow // the character before it becomes wide
	case cells == 0:
		return 0
	case cells == 1:
		return narrow
	}
	return wide
}

const emojiStyle = '\uFE0F'
