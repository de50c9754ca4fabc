package definition

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

// A file in another encoding, or with one kind of character that is not allowed, is one problem.
func TestEncodingsAreOneProblem(t *testing.T) {
	const text = "workflow: a\nsteps:\n  - task: timer.delay\n    with: {duration: 1s}\n"
	wide := func(order binary.AppendByteOrder, size int, mark bool) string {
		units := utf16.Encode([]rune(text))
		if mark {
			units = append([]uint16{0xfeff}, units...)
		}
		var b []byte
		for _, u := range units {
			if size == 4 {
				b = order.AppendUint32(b, uint32(u))
			} else {
				b = order.AppendUint16(b, u)
			}
		}
		return string(b)
	}
	cases := []struct{ name, text, message string }{
		{"UTF-16, little-endian, with a mark", wide(binary.LittleEndian, 2, true), "the file is UTF-16, not UTF-8"},
		{"UTF-16, big-endian, with a mark", wide(binary.BigEndian, 2, true), "the file is UTF-16, not UTF-8"},
		{"UTF-16, little-endian", wide(binary.LittleEndian, 2, false), "the file is UTF-16, not UTF-8"},
		{"UTF-16, big-endian", wide(binary.BigEndian, 2, false), "the file is UTF-16, not UTF-8"},
		{"UTF-32, little-endian, with a mark", wide(binary.LittleEndian, 4, true), "the file is UTF-32, not UTF-8"},
		{"UTF-32, big-endian", wide(binary.BigEndian, 4, false), "the file is UTF-32, not UTF-8"},
		{"CR as line breaks", strings.ReplaceAll(text, "\n", "\r"), "a carriage return without a line feed (U+000D) is not allowed"},
		{"a zero byte", strings.Replace(text, "delay", "de\x00lay", 1), "a control character (U+0000) is not allowed"},
		{"several zero bytes", strings.ReplaceAll(text, "e", "\x00"), "a control character (U+0000) is not allowed"},
		{"an invisible mark between all words", strings.ReplaceAll(text, ": ", ":\u202e "), "an invisible mark that changes the direction of writing (U+202E) is not allowed"},
		{"Latin-1", strings.Replace(text, "delay", "d\xe9lay", 1), "byte 0xe9 is not UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, problems := Parse("a.yaml", []byte(c.text))
			if len(problems) != 1 || problems[0].Message != c.message {
				t.Errorf("got %v, want one problem: %s", problems, c.message)
			}
		})
	}
}
