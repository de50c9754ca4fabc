package sample

import (
	"fmt"
	"slices"
	"testing"

	_ "errand/engine/goldenfile"
)

func TestChoose(t *testing.T) {
	s := &Sample{share: 4, seed: 7}
	whole := &Sample{share: 1, seed: 7}
	seen := map[int]bool{}
	for n := range 40 {
		for i := range 30 {
			name := fmt.Sprint("case ", i)
			chosen := s.Choose(name, n)
			if want := (n + 3) / 4; len(chosen) != want || !slices.IsSorted(chosen) {
				t.Fatalf("of %d it chooses %v, and %d were expected", n, chosen, want)
			}
			if len(slices.Compact(slices.Clone(chosen))) != len(chosen) || n > 0 && (chosen[0] < 1 || chosen[len(chosen)-1] > n) {
				t.Fatalf("of %d it chooses %v", n, chosen)
			}
			if again := (&Sample{share: 4, seed: 7}).Choose(name, n); !slices.Equal(chosen, again) {
				t.Fatalf("of %d it chooses %v and then %v", n, chosen, again)
			}
			for _, c := range chosen {
				seen[c] = true
			}
			if all := whole.Choose(name, n); len(all) != n {
				t.Fatalf("of %d the whole is %v", n, all)
			}
		}
	}
	if len(seen) != 39 {
		t.Errorf("of 39 numbers only %d are ever chosen", len(seen))
	}
	if other := (&Sample{share: 4, seed: 8}).Choose("case", 100); slices.Equal(other, s.Choose("case", 100)) {
		t.Error("another seed chooses the same")
	}
}

func TestSize(t *testing.T) {
	defer func(l bool) { *long = l }(*long)
	*long = true
	if got := Size(1, 2, 3); got != 3 {
		t.Errorf("with -long the size is %d", got)
	}
	*long = false
	want := 2
	if testing.Short() {
		want = 1
	}
	if got := Size(1, 2, 3); got != want {
		t.Errorf("the size is %d, and %d was expected", got, want)
	}
}

// The seed of a commit does not change while it is checked out.
func TestCommit(t *testing.T) {
	if a, b := commit(t), commit(t); a == 0 || a != b {
		t.Errorf("the seeds are %d and %d", a, b)
	}
}
