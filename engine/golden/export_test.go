package golden

import "errand/engine"

// Wrap returns a bench that wraps the host of every run.
func (b Bench) Wrap(wrap func(engine.Host) engine.Host) Bench {
	b.wrap = wrap
	return b
}
