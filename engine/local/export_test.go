package local

import "errand/engine/program"

// What the tests of package local_test reach inside for.

// ErrBusy is the error of Start and Resume where this runner works on the run already.
var ErrBusy = errBusy

// Keep lets a runner start with a definition that was compiled before.
func (r *Runner) Keep(p *program.Program) { r.keep(p) }
