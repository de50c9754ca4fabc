// Package sample is for tests that would run for minutes. It defines the flag -long, with which they
// run everything, and chooses what they run without it.
package sample

import (
	"flag"
	"hash/fnv"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

var (
	long = flag.Bool("long", false, "run the long tests whole")
	seed = flag.Uint64("sample", 0, "the seed of the samples that tests run without -long; 0 means the seed of the commit")
)

// Size returns how much a test does: short with -short, whole with -long, or else usual.
func Size(short, usual, whole int) int {
	switch {
	case *long:
		return whole
	case testing.Short():
		return short
	}
	return usual
}

// A Sample is a part of the cases of a test. The same seed chooses the same cases.
type Sample struct {
	share    int
	seed     uint64
	ran, all atomic.Int64
}

// Of returns a sample that has about one in share of some cases. It has all cases with -long, and a quarter
// of its usual number with -short. When the test ends, its log says how many cases it ran, of how
// many, and with which seed.
func Of(t testing.TB, what string, share int) *Sample {
	t.Helper()
	s := &Sample{share: Size(4*share, share, 1), seed: *seed}
	if s.seed == 0 {
		s.seed = commit(t)
	}
	t.Cleanup(func() {
		t.Logf("%d of %d %s; repeat them with -sample %d, run all with -long", s.ran.Load(), s.all.Load(), what, s.seed)
	})
	return s
}

// Choose chooses some of the numbers from 1 to n, in ascending order: at least one, if there are
// any. The name says what is numbered, so that other numbers are chosen for something else. Choose
// is safe for concurrent use.
func (s *Sample) Choose(name string, n int) []int {
	chosen := make([]int, n)
	for i := range chosen {
		chosen[i] = i + 1
	}
	if s.share > 1 {
		h := fnv.New64a()
		_, _ = h.Write([]byte(name))
		random := rand.New(rand.NewPCG(s.seed, h.Sum64()))
		random.Shuffle(n, func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		chosen = chosen[:(n+s.share-1)/s.share]
		slices.Sort(chosen)
	}
	s.ran.Add(int64(len(chosen)))
	s.all.Add(int64(n))
	return chosen
}

// commit returns a number that is made of the hash of the commit that is checked out. It is 1 where
// there is no repository.
func commit(t testing.TB) uint64 {
	out, err := exec.CommandContext(t.Context(), "git", "rev-parse", "HEAD").Output()
	if err != nil {
		return 1
	}
	hash := strings.TrimSpace(string(out))
	number, err := strconv.ParseUint(hash[:min(8, len(hash))], 16, 64)
	if err != nil {
		return 1
	}
	return max(1, number)
}
