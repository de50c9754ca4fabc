package worklog

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// limit is the maximum length of a worklog text, in bytes.
const limit = 32 << 10

// hidden holds the characters that are invisible but change what is seen: marks of direction,
// joiners and tags. Control characters are not in this table; clean removes them too.
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

// clean makes a text safe to show: valid UTF-8, every line ends in \n alone, four spaces for a tab,
// no control or hidden characters, no spaces at the end of a line, and no empty lines at either
// end.
func clean(text string) string {
	var b strings.Builder
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	for _, r := range text {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029':
			b.WriteByte('\n')
		case r == '\t':
			b.WriteString("    ")
		case r != '\n' && unicode.IsControl(r) || unicode.Is(hidden, r):
		default:
			b.WriteRune(r)
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// cut shortens a text to the limit, between two characters. Its last line then says how much is
// missing.
func cut(text string) string {
	if len(text) <= limit {
		return text
	}
	const lastLine = 64 // enough for "\n… cut: 9,223,372,036,854,775,807 more characters"
	end := limit - lastLine
	for !utf8.RuneStart(text[end]) {
		end--
	}
	head := strings.TrimRight(text[:end], " \n")
	return head + fmt.Sprintf("\n… cut: %s more characters", grouped(utf8.RuneCountInString(text[len(head):])))
}

// grouped formats a number with a comma before every three digits.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
