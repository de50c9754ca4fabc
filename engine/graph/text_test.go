package graph

import (
	"slices"
	"testing"

	"errand/engine/diag"
)

func TestWrap(t *testing.T) {
	cases := []struct {
		name, text string
		room, most int
		want       []string
		whole      bool
	}{
		{"fits", "one two", 10, 2, []string{"one two"}, true},
		{"nothing", "", 10, 2, []string{""}, true},
		{"at spaces", "one two three", 8, 3, []string{"one two", "three"}, true},
		{"cut", "one two three four", 8, 2, []string{"one two", "three…"}, false},
		{"a long word", "abcdefghijkl", 5, 3, []string{"abcde", "fghij", "kl"}, true},
		{"behind a mark", "steps.start.state", 14, 3, []string{"steps.start.", "state"}, true},
		{"wide", "世界世界", 5, 3, []string{"世界", "世界"}, true},
		{"wider than the room", "世界", 1, 3, []string{"世", "界"}, true},
		{"a family stays together", "a👩\u200D👧b", 3, 3, []string{"a👩\u200D👧", "b"}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, whole := wrap(c.text, c.room, c.most, diag.Width)
			if !slices.Equal(got, c.want) || whole != c.whole {
				t.Errorf("%q %v, not %q %v", got, whole, c.want, c.whole)
			}
		})
	}
}
