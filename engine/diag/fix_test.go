package diag

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFixApply(t *testing.T) {
	cases := []struct {
		name, text string
		fix        Fix
		want       string
		refused    bool
	}{
		{"a word", "a: bad\n", Fix{Range: at(1, 4, 7), Text: "good"}, "a: good\n", false},
		{"nothing is removed", "a: b\n", Fix{Range: at(1, 4, 4), Text: "x"}, "a: xb\n", false},
		{"all is removed", "a: b\n", Fix{Range: at(1, 4, 5)}, "a: \n", false},
		{"at the end of the text", "a:", Fix{Range: at(1, 3, 3), Text: " b"}, "a: b", false},
		{"columns are characters", "größe 👩‍🚒: bad\n", Fix{Range: at(1, 12, 15), Text: "good"}, "größe 👩‍🚒: good\n", false},
		{"a byte order mark is not a character", "\ufeffa: bad\n", Fix{Range: at(1, 4, 7), Text: "good"}, "\ufeffa: good\n", false},
		{"the line breaks of Windows", "a: 1\r\nb: bad\r\nc: 3\r\n", Fix{Range: at(2, 4, 7), Text: "x\ny"}, "a: 1\r\nb: x\r\ny\r\nc: 3\r\n", false},
		{"several lines", "a:\n  b\n  c\nd\n", Fix{Range: Range{Start: Position{2, 3}, End: Position{3, 4}}, Text: "x"}, "a:\n  x\nd\n", false},
		{"past the end of the line", "a: b\nc\n", Fix{Range: at(1, 9, 12), Text: "!"}, "a: b!\nc\n", false},
		{"bytes that are not UTF-8", "\xff\xfe: b\n", Fix{Range: at(1, 5, 6), Text: "c"}, "\xff\xfe: c\n", false},
		{"the file as a whole", "a: b\n", Fix{Text: "x"}, "a: b\n", true},
		{"no end", "a: b\n", Fix{Range: Range{Start: Position{1, 1}}}, "a: b\n", true},
		{"the end before the start", "a: b\n", Fix{Range: at(1, 4, 2)}, "a: b\n", true},
		{"a line that does not exist", "a: b\n", Fix{Range: at(3, 1, 1)}, "a: b\n", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, ok := c.fix.Apply([]byte(c.text))
			if string(got) != c.want || ok == c.refused {
				t.Errorf("got %q, %t; want %q, %t", got, ok, c.want, !c.refused)
			}
		})
	}
}

// Offset and Place are each other's reverse for every character of a text.
func TestOffset(t *testing.T) {
	letters := rapid.SampledFrom([]string{"a", "ö", "日", "👍", "\r", "\n", "\n", " "})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(letters, 0, 40).Draw(t, "text"), "")
		at := Position{1, 1}
		for i, c := range text {
			if got, ok := Offset([]byte(text), at); !ok || got != i {
				t.Fatalf("%v of %q is at %d, %t; want %d", at, text, got, ok, i)
			}
			if got := Place([]byte(text), i); got != at {
				t.Fatalf("%d of %q is %v, want %v", i, text, got, at)
			}
			if at.Column++; c == '\n' {
				at = Position{at.Line + 1, 1}
			}
		}
		if got, ok := Offset([]byte(text), at); !ok || got != len(text) {
			t.Fatalf("the end of %q is at %d, %t", text, got, ok)
		}
		if _, ok := Offset([]byte(text), Position{at.Line + 1, 1}); ok {
			t.Fatalf("%q has a line too many", text)
		}
		if !utf8.ValidString(text) {
			t.Fatal("the test is wrong")
		}
	})
}
