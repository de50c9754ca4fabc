package task

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextLimit is the maximum length of a text for people in another system, in bytes. What a task type
// makes for other systems is no longer, so every parameter for such a text accepts it.
const TextLimit = 32 << 10

// hidden holds the characters that are invisible but change what is seen: marks and overrides of
// direction, zero-width characters and tags. Joiners and tags stay in some places: see CleanText.
// Control characters are not in this table; CleanText removes them too.
var hidden = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x061C, Hi: 0x061C, Stride: 1}, // Arabic letter mark
		{Lo: 0x200B, Hi: 0x200F, Stride: 1}, // zero-width characters, joiners, marks of direction
		{Lo: 0x202A, Hi: 0x202E, Stride: 1}, // embeddings and overrides of direction
		{Lo: 0x2060, Hi: 0x206F, Stride: 1}, // word joiner, isolates, deprecated marks
		{Lo: 0xFEFF, Hi: 0xFEFF, Stride: 1}, // byte order mark
		{Lo: 0xFFF9, Hi: 0xFFFB, Stride: 1}, // annotations
	},
	R32: []unicode.Range32{{Lo: 0xE0000, Hi: 0xE007F, Stride: 1}}, // tags
}

const (
	nonJoiner = '\u200C'
	joiner    = '\u200D'
	blackFlag = '\U0001F3F4'
	endTag    = '\U000E007F'
)

func isJoiner(r rune) bool { return r == nonJoiner || r == joiner }

// CleanText makes a text safe to show: valid UTF-8, every line ends in \n alone, four spaces for
// a tab, no control or hidden characters, no spaces at the end of a line, and no empty lines at
// either end. Cleaning a text again changes nothing. Only the joiners and tags of isJoined and
// flagTags stay.
func CleanText(text string) string {
	var b strings.Builder
	var last rune // the last character that was kept
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	for i, r := range text {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029':
			r = '\n'
			b.WriteRune(r)
		case r == '\t':
			r = ' '
			b.WriteString("    ")
		case r == blackFlag:
			end := i + utf8.RuneLen(r)
			b.WriteString(text[i : end+flagTags(text[end:])]) // the loop then removes the tags
		case r != '\n' && unicode.IsControl(r) || unicode.Is(hidden, r) && !(isJoiner(r) && isJoined(last)):
			continue
		default:
			b.WriteRune(r)
		}
		last = r
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// isJoined reports whether a joiner after a character has a meaning: in the scripts of Persian and
// Hindi it chooses the form of a letter, and in an emoji it makes one picture of several. After any
// other character, and after another joiner, it only makes two texts differ that look the same.
func isJoined(r rune) bool {
	return r > unicode.MaxLatin1 && unicode.In(r, unicode.L, unicode.M, unicode.S)
}

// flagTags returns the length of the tags with which a text begins: behind a black flag they name a
// country of a country, such as Scotland. It returns 0 if they have another form.
func flagTags(text string) int {
	const shortest, longest = 3, 6 // of a subdivision's code, such as gbsct
	count := 0
	for i, r := range text {
		switch {
		case r == endTag && count >= shortest:
			return i + utf8.RuneLen(r)
		case count == longest, r < 0xE0030, r > 0xE0039 && r < 0xE0061, r > 0xE007A:
			return 0
		}
		count++
	}
	return 0
}

// CutText shortens a text to TextLimit, between two characters as they are seen. Its last line then
// says how much is missing.
func CutText(text string) string {
	if len(text) <= TextLimit {
		return text
	}
	const lastLine = 64 // enough for "\n… cut: 9,223,372,036,854,775,807 more characters"
	end := lastBreak(text, TextLimit-lastLine)
	head := strings.TrimRight(text[:end], " \n")
	return head + fmt.Sprintf("\n… cut: %s more characters", grouped(utf8.RuneCountInString(text[len(head):])))
}

// lastBreak returns the last place in text, at or before end, that is not within a character as it
// is seen: before a mark, or around a joiner. It does not go back further than any real character.
func lastBreak(text string, end int) int {
	for !utf8.RuneStart(text[end]) {
		end--
	}
	const longest = 32
	for at, n := end, 0; at > 0 && n < longest; n++ {
		next, _ := utf8.DecodeRuneInString(text[at:])
		before, size := utf8.DecodeLastRuneInString(text[:at])
		if before != joiner && !isJoiner(next) && !unicode.In(next, unicode.M, unicode.Sk) && !unicode.Is(hidden, next) {
			return at
		}
		at -= size
	}
	return end
}

// grouped formats a number with a comma before every three digits.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
