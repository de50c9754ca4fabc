package golden

import "errand/engine"

// Wrap returns a bench that wraps the host of every run.
func (b Bench) Wrap(wrap func(engine.Host) engine.Host) Bench {
	b.wrap = wrap
	return b
}

// Choose returns a bench whose CrashEverywhere crashes only at some points, which a function chooses
// from the numbers 1 to n.
func (b Bench) Choose(choose func(name string, n int) []int) Bench {
	b.choose = choose
	return b
}
