package local

import (
	"context"
	"errors"
	"fmt"

	"errand/engine/task"
)

// How a process ends its work. The end of the context of Work is a drain: Work takes up no more
// runs, and no run begins anything new. A call that was made is waited for and its answer recorded; a
// run that waits in memory is parked. Then nobody holds the runs, they are due as before, or at once
// if they had something to do, and Work returns. That takes as long as the longest call. If it takes
// too long, Interrupt ends the calls, Work returns, and Close ends the session.

// errInterrupted is why a call was left without an answer. For a caller it is the end of a context.
var errInterrupted = fmt.Errorf("the call was interrupted: %w", context.Canceled)

// Interrupt ends the calls that are under way as a crash would: what they have put on record stays
// there without an answer, and after Close another process finds out what came of them, by the rules
// for a crash. A call that succeeds all the same is recorded. The runner makes no call afterwards.
func (r *Runner) Interrupt() {
	r.untilInterrupt() // there may have been no call yet
	r.interrupt()
}

// untilInterrupt returns a context that Interrupt ends.
func (r *Runner) untilInterrupt() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls == nil {
		r.calls, r.interrupt = context.WithCancel(background)
	}
	return r.calls
}

// call makes a call with the ledger unlocked. Its error is errInterrupted if the call has no answer
// because Interrupt ended it.
func (h *host) call(ctx context.Context, c task.Call) (task.Reply, error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer context.AfterFunc(h.r.untilInterrupt(), func() { end(errInterrupted) })()
	reply := h.execute(ctx, c)
	if reply.Failure != nil && errors.Is(context.Cause(ctx), errInterrupted) {
		return task.Reply{}, errInterrupted
	}
	return reply, nil
}
