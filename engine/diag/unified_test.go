package diag

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestUnified(t *testing.T) {
	lines := func(from, to int) string {
		var b strings.Builder
		for c := from; c <= to; c++ {
			b.WriteString(string(rune('a'+c)) + "\n")
		}
		return b.String()
	}
	cases := []struct{ name, before, after, want string }{
		{"the same", "a\n", "a\n", ""},
		{"one line", lines(0, 8), strings.Replace(lines(0, 8), "e\n", "E\n", 1), "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n"},
		{"changes near to each other are shown together", lines(0, 12), strings.NewReplacer("c", "C", "j", "J").Replace(lines(0, 12)),
			"@@ -1,13 +1,13 @@\n a\n b\n-c\n+C\n d\n e\n f\n g\n h\n i\n-j\n+J\n k\n l\n m\n"},
		{"changes far from each other are not", lines(0, 12), strings.NewReplacer("c", "C", "k", "K").Replace(lines(0, 12)),
			"@@ -1,6 +1,6 @@\n a\n b\n-c\n+C\n d\n e\n f\n@@ -8,6 +8,6 @@\n h\n i\n j\n-k\n+K\n l\n m\n"},
		{"the first line is new", "b\n", "a\nb\n", "@@ -1 +1,2 @@\n+a\n b\n"},
		{"nothing was there", "", "a\n", "@@ -0,0 +1 @@\n+a\n"},
		{"nothing is left", "a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"no line break at the end", "a\nb", "a\nc", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"},
		{"the line breaks of Windows are kept", "a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if want != "" {
				want = "--- a/x\n+++ b/x\n" + want
			}
			if got := Unified("a/x", "b/x", []byte(c.before), []byte(c.after)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A script holds both texts, and no more changes than are needed.
func TestScript(t *testing.T) {
	text := rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "d\n"}), 0, 25)
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var old, made []string
		changes := 0
		for _, l := range script(linesOf([]byte(strings.Join(before, ""))), linesOf([]byte(strings.Join(after, "")))) {
			if l.mark != '+' {
				old = append(old, string(l.text))
			}
			if l.mark != '-' {
				made = append(made, string(l.text))
			}
			if l.changed() {
				changes++
			}
		}
		if !slices.Equal(old, before) || !slices.Equal(made, after) {
			t.Fatalf("it turns %q into %q", old, made)
		}
		if least := len(before) + len(after) - 2*common(before, after); changes != least {
			t.Fatalf("it has %d changes, and %d would do", changes, least)
		}
	})
}

// common is the length of the longest list that is in both.
func common(a, b []string) int {
	last := make([]int, len(b)+1)
	for i := range a {
		row := make([]int, len(b)+1)
		for j := range b {
			if row[j+1] = max(row[j], last[j+1]); a[i] == b[j] {
				row[j+1] = last[j] + 1
			}
		}
		last = row
	}
	return last[len(b)]
}

// Two long texts that have nothing in common do not take long.
func TestUnifiedOfOtherTexts(t *testing.T) {
	before, after := bytes.Repeat([]byte("a\n"), 20_000), bytes.Repeat([]byte("b\n"), 20_000)
	if got := Unified("x", "y", before, after); strings.Count(got, "\n") != 40_003 {
		t.Errorf("it has %d lines", strings.Count(got, "\n"))
	}
}
