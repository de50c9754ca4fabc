package picture_test

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	_ "errand/engine/goldenfile"
	"errand/engine/picture"
)

func TestLine(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"line breaks and tabs", " a\r\n b\t\tc\u2028d ", "a b c d"},
		{"what a terminal would obey", "a\x1b[31mb\u202Ec", "a\uFFFD[31mb\uFFFDc"},
		{"no characters", "a\uFFFE\uFDD0b", "a\uFFFD\uFFFDb"},
		{"bytes that are no text", "a\xffb", "a\uFFFDb"},
		{"as long as may be", "12345678 0", "12345678 0"},
		{"one too long", "12345678 01", "12345678…"},
		{"very long", strings.Repeat("ab", 1000), "ababababa…"},
		{"marks that cover the lines above", "a" + strings.Repeat("\u0301", 100), "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301"},
	} {
		if got := picture.Line(c.text, 10); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

// FuzzLine looks for texts that are no line of their length, or that XML cannot hold.
func FuzzLine(f *testing.F) {
	f.Add("a \x00\u202e<&\"'>\ufffe", 3)
	f.Fuzz(func(t *testing.T, s string, most int) {
		most = 1 + max(most, -most, 0)%1000
		got := picture.Line(s, most)
		if n := utf8.RuneCountInString(got); n > most || !utf8.ValidString(got) || strings.TrimSpace(got) != got && got != "" {
			t.Errorf("%q has %d code points of %d", got, n, most)
		}
		for _, c := range got {
			if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
				t.Errorf("%q has %U", got, c)
			}
		}
		var back struct {
			At   string `xml:"at,attr"`
			Text string `xml:",chardata"`
		}
		if err := xml.Unmarshal([]byte(`<x at="`+picture.Escape(got)+`">`+picture.Escape(got)+`</x>`), &back); err != nil || back.Text != got || back.At != got {
			t.Errorf("%q becomes %+v, %v", got, back, err)
		}
	})
}
