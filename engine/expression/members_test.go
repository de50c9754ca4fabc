package expression

import (
	"slices"
	"testing"
)

func TestMembersOfAPath(t *testing.T) {
	cases := [][]string{
		{"inputs"},
		{"steps", "start", "instance_id"},
		{"steps", "a b", "c"},
		{"inputs", `quote " and ]`, "x.y", "z"},
		{"inputs", "", "a"},
	}
	for _, members := range cases {
		path := members[0]
		for _, name := range members[1:] {
			path = extend(path, name)
		}
		if got := Members(path); !slices.Equal(got, members) {
			t.Errorf("%s is split into %q, want %q", path, got, members)
		}
	}
}
