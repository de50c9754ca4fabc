package diag

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Diff begins with the two names, keeps line breaks byte by byte, and is empty for equal texts.
func TestDiff(t *testing.T) {
	far := "a\nb\nc\nd\ne\nf\ng\nh\n"
	cases := []struct{ name, before, after, want string }{
		{"equal", "a\n", "a\n", ""},
		{"one line", "b\nc\nd\ne\nf\n", "b\nc\nd\nE\nf\n", "@@ -1,5 +1,5 @@\n b\n c\n d\n-e\n+E\n f\n"},
		{"two hunks", "x\n" + far + "y\n", "X\n" + far + "Y\n", "@@ -1,4 +1,4 @@\n-x\n+X\n a\n b\n c\n@@ -7,4 +7,4 @@\n f\n g\n h\n-y\n+Y\n"},
		{"empty before", "", "a\n", "@@ -0,0 +1,1 @@\n+a\n"},
		{"empty after", "a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
		{"no line break at the end", "a\nb", "a\nc", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"},
		{"line breaks of Windows", "a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if want != "" {
				want = "--- a/x\n+++ b/x\n" + want
			}
			if got := Diff("a/x", "b/x", []byte(c.before), []byte(c.after)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A difference can be applied: it turns the old text into the new one.
func TestDiffApplies(t *testing.T) {
	text := rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "d\r\n", "\n"}), 0, 40)
	end := rapid.SampledFrom([]string{"", "a", "z"})
	rapid.Check(t, func(t *rapid.T) {
		before := strings.Join(text.Draw(t, "before"), "") + end.Draw(t, "end before")
		after := strings.Join(text.Draw(t, "after"), "") + end.Draw(t, "end after")
		difference := Diff("x", "y", []byte(before), []byte(after))
		if got, err := patch(before, difference); err != nil || got != after {
			t.Fatalf("%q becomes %q (%v), want %q:\n%s", before, got, err, after, difference)
		}
	})
}

// patch applies a difference as the patch program does, and checks every line that it keeps or
// removes.
func patch(text, difference string) (string, error) {
	if difference == "" {
		return text, nil
	}
	hunks, ok := strings.CutPrefix(difference, "--- x\n+++ y\n")
	if !ok {
		return "", fmt.Errorf("it begins with %.20q", difference)
	}
	old := strings.SplitAfter(text, "\n")
	var made strings.Builder
	done := 0
	lines := strings.SplitAfter(hunks, "\n")
	for i, line := range lines[:len(lines)-1] {
		body := line[1:]
		if strings.HasPrefix(lines[i+1], `\`) {
			body = strings.TrimSuffix(body, "\n")
		}
		switch line[0] {
		case '@':
			var from, count int
			if _, err := fmt.Sscanf(line, "@@ -%d,%d +", &from, &count); err != nil {
				return "", err
			}
			if count > 0 {
				from--
			}
			made.WriteString(strings.Join(old[done:from], ""))
			done = from
		case '\\':
		case '+':
			made.WriteString(body)
		default:
			if done >= len(old) || old[done] != body {
				return "", fmt.Errorf("line %d is not %q", done+1, body)
			}
			if done++; line[0] == ' ' {
				made.WriteString(body)
			}
		}
	}
	made.WriteString(strings.Join(old[done:], ""))
	return made.String(), nil
}
