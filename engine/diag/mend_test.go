package diag

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// checker returns a check that finds words. Each offer is a word and its replacement; the fix of a
// problem writes the replacement.
func checker(offers ...[2]string) func([]byte) []Problem {
	return func(text []byte) []Problem {
		var problems []Problem
		for n, line := range strings.Split(string(text), "\n") {
			for _, o := range offers {
				for from := 0; ; {
					i := strings.Index(line[from:], o[0])
					if i < 0 {
						break
					}
					from += i
					p := Problem{Rule: "r", Message: "there is " + o[0], Range: at(n+1, from+1, from+1+len(o[0]))}
					if o[1] != "" {
						p.Fix = &Fix{Title: "write " + o[1], Range: p.Range, Text: o[1]}
					}
					problems = append(problems, p)
					from += len(o[0])
				}
			}
		}
		return Sort(problems)
	}
}

func TestMend(t *testing.T) {
	cases := []struct {
		name, text string
		offers     [][2]string
		want       string
		made, left int
	}{
		{"nothing to do", "a b\n", [][2]string{{"x", "y"}}, "a b\n", 0, 0},
		{"several on a line and on others", "bad bad\nfine\nbad\n", [][2]string{{"bad", "good"}}, "good good\nfine\ngood\n", 3, 0},
		{"one makes room for another", "aa\n", [][2]string{{"aa", "bb"}, {"bb", "cc"}}, "cc\n", 2, 0},
		{"some overlap", "abc\n", [][2]string{{"ab", "x"}, {"bc", "y"}}, "xc\n", 1, 0},
		{"no fix is offered", "bad\n", [][2]string{{"bad", ""}}, "bad\n", 0, 1},
		{"a fix that does not help", "bad\n", [][2]string{{"bad", "badder"}}, "bad\n", 0, 1},
		{"a fix beside one that does not help", "bad ugly\n", [][2]string{{"bad", "badder"}, {"ugly", "fine"}}, "bad fine\n", 1, 1},
		{"a fix that brings more errors to its line", "bad\n", [][2]string{{"bad", "no no"}, {"no", ""}}, "bad\n", 0, 1},
		{"round in a circle", "a\n", [][2]string{{"a", "b"}, {"b", "a"}}, "b\n", 1, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := Mend([]byte(c.text), checker(c.offers...))
			if string(m.Text) != c.want || len(m.Made) != c.made || len(m.Left) != c.left {
				t.Errorf("got %q with %d made and %d left; want %q with %d and %d", m.Text, len(m.Made), len(m.Left), c.want, c.made, c.left)
			}
		})
	}
}

// An error on another line that a fix makes visible does not count against the fix.
func TestMendIgnoresErrorsElsewhere(t *testing.T) {
	check := func(text []byte) []Problem {
		if bytes.HasPrefix(text, []byte("stpes")) {
			return checker([2]string{"stpes", "steps"})(text)
		}
		return checker([2]string{"bad", ""})(text)
	}
	m := Mend([]byte("stpes:\n  bad\n  bad\n"), check)
	if string(m.Text) != "steps:\n  bad\n  bad\n" || len(m.Left) != 2 {
		t.Errorf("got %q, %v", m.Text, m.Left)
	}
}

// Mend ends even if every fix leads to another one.
func TestMendIsBounded(t *testing.T) {
	checks := 0
	m := Mend([]byte("0"), func(text []byte) []Problem {
		checks++
		var n int
		_, _ = fmt.Sscan(string(text), &n)
		r := at(1, 1, 1+len(text))
		return []Problem{{Rule: "r", Message: "not " + string(text), Range: r, Fix: &Fix{Range: r, Text: fmt.Sprint(n + 1)}}}
	})
	if len(m.Made) != maxChecks || checks != maxChecks+1 || len(m.Left) != 1 {
		t.Errorf("%d fixes after %d checks", len(m.Made), checks)
	}
}

// A parser reports only the first slip. After its fix, the same problem at another place is not the
// problem that was fixed.
func TestMendSlipsOneByOne(t *testing.T) {
	all := checker([2]string{"bad", "good"})
	first := func(text []byte) []Problem {
		problems := all(text)
		return problems[:min(len(problems), 1)]
	}
	m := Mend([]byte("bad bad\nbad\n"), first)
	if string(m.Text) != "good good\ngood\n" || len(m.Made) != 3 || len(m.Left) != 0 {
		t.Errorf("got %q with %d made and %d left", m.Text, len(m.Made), len(m.Left))
	}
}

func TestTouches(t *testing.T) {
	const text = "steps.start.state"
	for _, c := range []struct {
		name       string
		start, end int // columns of the range
		from, to   int // bytes
		want       bool
	}{
		{"the same", 7, 12, 6, 11, true},
		{"directly after it", 12, 13, 6, 11, true},
		{"the name before the dot", 1, 6, 6, 11, false},
		{"the dot before it", 6, 7, 6, 11, true},
		{"around it", 1, 18, 6, 11, true},
		{"further on", 13, 18, 6, 11, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Range{Start: Position{1, c.start}, End: Position{1, c.end}}
			if got := r.Touches([]byte(text), c.from, c.to); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
	if (Range{}).Touches([]byte(text), 0, len(text)) {
		t.Error("the file as a whole touches nothing")
	}
}
