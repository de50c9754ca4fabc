package task

import (
	"strings"
	"testing"
	"unicode/utf8"
)

const scotland = "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"

func TestCleanText(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"bytes that are no text", "a\xff\xfeb", "a\uFFFDb"},
		{"Persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"Persian, with a joiner at the end of a word", "سال ۱۳ ه\u200d.", "سال ۱۳ ه\u200d."},
		{"Hindi", "क\u094d\u200dष", "क\u094d\u200dष"},
		{"a family", "👨\u200d👩\u200d👧\u200d👦", "👨\u200d👩\u200d👧\u200d👦"},
		{"with the colour of skin", "👩🏽\u200d🚒", "👩🏽\u200d🚒"},
		{"with a variation", "❤\ufe0f\u200d🔥 1\ufe0f\u20e3", "❤\ufe0f\u200d🔥 1\ufe0f\u20e3"},
		{"the flag of Scotland", scotland + "!", scotland + "!"},
		{"tags that name nothing", "a\U000E0067\U000E0062\U000E007F", "a"},
		{"tags that are text", "🏴\U000E0048\U000E0069\U000E0020\U000E0079\U000E007F", "🏴"},
		{"tags without an end", "🏴\U000E0067\U000E0062\U000E0073", "🏴"},
		{"more tags than a flag has", "🏴" + strings.Repeat("\U000E0067", 7) + "\U000E007F", "🏴"},
		{"joiners that join nothing", "a\u200db\u200cc \u200d1\u200d é\u200d", "abc 1 é"},
		{"joiners after joiners", "م\u200c\u200c\u200dخ", "م\u200cخ"},
		{"a joiner after what goes", "م\u202e\u200cخ", "م\u200cخ"},
		{"overrides of direction", "pay\u202egnp.exe\u2066x\u2069\u200f", "paygnp.exex"},
		{"controls", "\x1b[31mred\x07\u009b", "[31mred"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := CleanText(c.text)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if again := CleanText(got); again != got {
				t.Errorf("cleaned again: %q became %q", got, again)
			}
		})
	}
}

func TestCutText(t *testing.T) {
	cases := []struct {
		name string
		text string
		want string // the last line, or "" if nothing is cut
	}{
		{"what just fits is left", strings.Repeat("x", TextLimit), ""},
		{"one byte more is cut", strings.Repeat("x", TextLimit+1), "… cut: 65 more characters"},
		{"characters are counted, not bytes", strings.Repeat("é", TextLimit), "… cut: 16,416 more characters"},
		{"an emoji is not cut", strings.Repeat("x", TextLimit-68) + "👨\u200d👩\u200d👧" + strings.Repeat("x", 100), "… cut: 105 more characters"},
		{"a flag is not cut", strings.Repeat("x", TextLimit-75) + scotland + strings.Repeat("x", 100), "… cut: 107 more characters"},
		{"marks without an end are cut", strings.Repeat("\u0301", TextLimit), "… cut: 16,416 more characters"},
		{"much is counted with commas", strings.Repeat("x", 2_000_000), "… cut: 1,967,296 more characters"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := CutText(CleanText(c.text))
			if c.want == "" {
				if got != c.text {
					t.Errorf("a text of %d bytes came back with %d", len(c.text), len(got))
				}
				return
			}
			head, last, _ := strings.Cut(got, "\n")
			if last != c.want {
				t.Errorf("the last line is %q, want %q", last, c.want)
			}
			if len(got) > TextLimit || !utf8.ValidString(got) || !strings.HasPrefix(c.text, head) {
				t.Errorf("%d bytes, valid %v", len(got), utf8.ValidString(got))
			}
		})
	}
}
