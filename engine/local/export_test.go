package local

import (
	"context"

	"errand/engine/program"
)

// What the tests of package local_test reach inside for.

// ErrBusy is the error of Start and Resume where this runner works on the run already.
var ErrBusy = errBusy

// Watched does what Work does, and tells for how many runs it still knows what was told of them.
func (r *Runner) Watched(ctx context.Context, drain bool) (int, error) {
	l := r.loop(ctx)
	err := l.run(drain)
	return len(l.watchers), err
}

// Keep lets a runner start with a definition that was compiled before.
func (r *Runner) Keep(p *program.Program) { r.keep(p) }
