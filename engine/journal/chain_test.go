package journal

import (
	"fmt"
	"testing"
)

// A folded entry takes the place of others in a chain, and each change of it or of them is found.
func TestFoldingKeepsTheChain(t *testing.T) {
	var chain [][]byte
	before := chainOf(&Run{ID: "a"})
	for i := range 5 {
		last := before
		if i > 0 {
			last = chain[i-1]
		}
		chain = append(chain, chained(last, fmt.Sprint(i)))
	}
	const looks = `{"folded":3}`
	folded := fold(chain[0], chain[3], looks)
	hash, ok := follows(before, chain[0], []byte("0"))
	if !ok {
		t.Fatal("entry 0 does not follow")
	}
	if hash, ok = follows(hash, folded, []byte(looks)); !ok {
		t.Fatal("the folded entry does not follow")
	}
	if _, ok = follows(hash, chain[4], []byte("4")); !ok {
		t.Error("entry 4 does not follow the folded entry")
	}
	if got := chained(lastHash(folded), "4"); string(got) != string(chain[4]) {
		t.Error("an entry that is appended to a folded one has another hash")
	}
	if _, ok := follows(chain[0], folded, []byte(`{"folded":4}`)); ok {
		t.Error("another text follows")
	}
	if _, ok := follows(before, folded, []byte(looks)); ok {
		t.Error("it follows another entry")
	}
	for i := range folded {
		changed := append([]byte(nil), folded...)
		changed[i]++
		if _, ok := follows(chain[0], changed, []byte(looks)); ok {
			t.Errorf("with another byte %d it follows", i)
		}
	}
}
