package temporal

import (
	"go.temporal.io/sdk/workflow"

	"errand/engine"
)

// A fork is a set of branches of one host.
type fork struct {
	failed bool // one of them has failed
	left   int  // how many have not ended
}

// Fork implements engine.Host. Each branch is a coroutine of the workflow.
func (h *host) Fork(n int, branch func(i int, h engine.Host) error) error {
	f := &fork{left: n}
	clock := h.clock // the branches go on from here, not from a retry
	h.takeRetries("")
	all := workflow.NewWaitGroup(h.ctx)
	branches := make([]*host, n)
	h.active += n - 1
	for i := range branches {
		path := engine.BranchPath(h.path, h.forked, i)
		b := &host{ledger: h.ledger, path: path, mine: h.branches[path], clock: clock, knows: h.knows, forks: append(append([]*fork{}, h.forks...), f)}
		branches[i] = b
		all.Add(1)
		workflow.GoNamed(h.ctx, path, func(ctx workflow.Context) {
			defer all.Done()
			b.ctx = ctx
			if err := branch(i, b); err != nil && b.halted == nil {
				f.failed = true
			}
			if f.left--; f.left > 0 { // after the last one, h is at work again
				h.active--
			}
		})
	}
	h.forked++
	all.Wait(h.ctx)
	for _, b := range branches {
		if b.clock.After(h.clock) {
			h.clock = b.clock
		}
		if h.halted == nil {
			h.halted = b.halted
		}
	}
	return h.halted
}
