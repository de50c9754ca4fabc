package local_test

import (
	"math/rand/v2"
	"time"
)

// roll returns the randomness of one decision. It depends on the subject of the decision and not on
// earlier decisions, so that the order in which the scheduler runs goroutines does not matter.
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

// once returns true once in n times.
func (d dice) once(n int) bool { return d.IntN(n) == 0 }

// percent returns true n times of a hundred.
func (d dice) percent(n int) bool { return d.IntN(100) < n }

// between returns a random duration, in nanoseconds: two of them are hardly ever equal.
func (d dice) between(from, to time.Duration) time.Duration {
	return from + time.Duration(d.Int64N(int64(to-from)))
}

// oneOf returns a random one of the values.
func oneOf[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }
