package journal

import (
	"fmt"
	"testing"
)

// Whatever a run was asked for changes its hash. A run without a key and an address has the hash that
// older programs made.
func TestTheHashOfARun(t *testing.T) {
	hashes := map[string]Run{}
	for _, r := range []Run{{ID: "a"}, {ID: "a", Key: "x"}, {ID: "a", URL: "x"}, {ID: "a", Key: "x", URL: "x"}, {ID: "a", Key: "x", URL: "y"}} {
		hash := fmt.Sprintf("%x", chainOf(&r))
		if same, ok := hashes[hash]; ok {
			t.Errorf("%+v and %+v have the same hash", same, r)
		}
		hashes[hash] = r
	}
	for _, hash := range []string{"c678f53a781aeda4b4423e0a298e613e", "9031293e4f0ef6e00a5f02fe759b2117"} {
		if _, ok := hashes[hash]; !ok {
			t.Errorf("no run has the hash %s any more", hash)
		}
	}
}

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
