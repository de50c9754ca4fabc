package expression

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A row of the table has a word to search for, means something, and uses only its own holes.
func TestHabitsTable(t *testing.T) {
	seen := map[string]bool{}
	for i, h := range habits {
		pattern := patterns()[i]
		anchor := slices.IndexFunc(pattern, func(p token) bool { return !p.isHole() })
		switch {
		case anchor < 0 || anchor > 1:
			t.Errorf("%s: more than one operand is before the first word", h.written)
		case len(h.meant) == 0 && h.help == "":
			t.Errorf("%s: nothing is said", h.written)
		case seen[h.written]:
			t.Errorf("%s: there are two rows", h.written)
		}
		seen[h.written] = true
		for _, m := range h.meant {
			for _, p := range tokenize(m.write) {
				lower := strings.ToLower(p.text)
				if p.isHole() && !strings.Contains(strings.ToLower(h.written), lower) {
					t.Errorf("%s: %s is not a part of it", h.written, p.text)
				}
			}
		}
	}
}

func TestMatches(t *testing.T) {
	cases := []struct{ pattern, source, found, a string }{
		{"$a is null", "x.y is null", "x.y is null", "x.y"},
		{"$a is null", "f(x, [1]).y[2] is null && z", "f(x, [1]).y[2] is null", "f(x, [1]).y[2]"},
		{"$a is null", "a && b is null", "b is null", "b"},
		{"$a is null", "(a ?? b) is null", "(a ?? b) is null", "(a ?? b)"},
		{"$a is null", "is null", "", ""},
		{"$a.length", "lower(x).length > 1", "lower(x).length", "lower(x)"},
		{"f($A, $B)", "g(f(x + 1, h(2, 3)))", "f(x + 1, h(2, 3))", "x + 1"},
		{"f($A, $B)", "f(1)", "", ""},
		{"f($A, $B)", "f(1, 2, 3)", "", ""},
		{"$A if $B else $C", "g(1, a + b if c else d)", "a + b if c else d", "a + b"},
		{"!$a", "!x.y && z", "!x.y", "x.y"},
		{"“$A”", "x == “a b”", "“a b”", "a b"},
		{"AND", `"AND" AND y`, "AND", ""},
	}
	for _, c := range cases {
		found := matcher{c.source, tokenize(c.source), tokenize(c.pattern)}.matches()
		if c.found == "" {
			if len(found) > 0 {
				t.Errorf("%s in %s: found %v", c.pattern, c.source, found)
			}
			continue
		}
		if len(found) != 1 {
			t.Errorf("%s in %s: found %v", c.pattern, c.source, found)
			continue
		}
		a := found[0].holes["$a"] + found[0].holes["$A"]
		if got := c.source[found[0].from:found[0].to]; got != c.found || a != c.a {
			t.Errorf("%s in %s: found %q with %q", c.pattern, c.source, got, a)
		}
	}
}

// Whatever is written, its problems stay within the source, and a suggestion is not the source.
func TestHabitsInAnySource(t *testing.T) {
	var parts []string
	for _, h := range habits {
		for _, p := range tokenize(h.written) {
			parts = append(parts, p.text)
		}
	}
	parts = append(parts, "inputs.name", "inputs.tags", "inputs.size", "steps.start.state", `"a"`, "1", " ", "(", ")", "[", "]", ",", "\"", "'", "ü", "\\")
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 12).Draw(t, "parts"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		_, problems := Compile(source, testScope())
		for _, p := range problems {
			if p.From < 0 || p.From > p.To || p.To > len(source) {
				t.Fatalf("%q: a problem is at %d to %d", source, p.From, p.To)
			}
			if p.Suggest != "" && p.Suggest == source[p.From:p.To] {
				t.Fatalf("%q: the suggestion changes nothing", source)
			}
		}
	})
}
