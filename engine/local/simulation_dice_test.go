package local_test

import (
	"math/rand/v2"
	"time"
)

// roll returns the randomness of one decision. It depends on what is decided about and on nothing that was decided before, so that
// the order in which the scheduler lets goroutines go has no say in it.
func roll(seed uint64, what string, numbers ...int) dice {
	const prime = 1099511628211 // of FNV-1a
	h := uint64(14695981039346656037)
	for i := range len(what) {
		h = (h ^ uint64(what[i])) * prime
	}
	for _, n := range numbers {
		for shift := 0; shift < 64; shift += 16 {
			h = (h ^ uint64(n)>>shift&0xffff) * prime
		}
	}
	return dice{rand.New(rand.NewPCG(seed, h))}
}

type dice struct{ *rand.Rand }

// once tells whether a thing happens that happens once in n times.
func (d dice) once(in int) bool { return d.IntN(in) == 0 }

// percent tells whether a thing happens that happens so many times of a hundred.
func (d dice) percent(n int) bool { return d.IntN(100) < n }

// between is a time, to the nanosecond: two of them hardly ever fall together.
func (d dice) between(from, to time.Duration) time.Duration {
	return from + time.Duration(d.Int64N(int64(to-from)))
}

// oneOf is one of some values.
func oneOf[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }
