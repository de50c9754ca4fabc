package temporal

import (
	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/journal"
)

// mayGoOn returns nil if the branch may go beyond the record. Before the first branch does, every
// branch comes to the end of the record, so that a failure on record cancels the others. If the
// history of the workflow has become long, mayGoOn does not return: the run continues as new.
func (h *host) mayGoOn() error {
	h.reach()
	h.hold()
	if h.toCancel() {
		h.knows = true
		h.note(journal.Entry{Kind: journal.Cancelled})
		return engine.ErrCancelled
	}
	return nil
}

// mayAsk is mayGoOn for a question. A cancellation does not end a question about an unknown outcome.
func (h *host) mayAsk(q engine.Question) error {
	if q.Failure == nil {
		return h.mayGoOn()
	}
	h.reach()
	h.hold()
	return nil
}

// reach waits until every branch has come to the end of the record.
func (h *host) reach() {
	if h.live || h.reached {
		return
	}
	h.reached = true
	h.edge++
	h.await(func() bool { return h.live || h.edge >= h.active })
	h.live = true
}

// hold keeps the branch from beginning anything if the run is to continue as new. The workflow ends
// as soon as no branch is at work, so that the wait has no end.
func (h *host) hold() {
	if !h.mustContinue(h.ctx) {
		return
	}
	h.active--
	h.held++
	h.await(func() bool { return h.tooLong || h.over })
	h.held--
	h.active++
}

// rest waits beside the other branches until a wait is due (a zero Due means never), or until there
// is a reason to look again. It returns false if the branch gives up.
func (h *host) rest(w engine.Wait, again func() bool) bool {
	h.waiting[h] = w
	h.active--
	defer func() {
		delete(h.waiting, h)
		h.active++
	}()
	if w.Due.IsZero() {
		h.await(func() bool { return again() || h.over })
		return !h.over
	}
	ctx, stop := workflow.WithCancel(h.ctx)
	timer := workflow.NewTimerWithOptions(ctx, w.Due.Sub(h.wall()), workflow.TimerOptions{Summary: w.Step})
	h.await(func() bool { return timer.IsReady() || again() || h.over })
	if !timer.IsReady() {
		stop()
	}
	return !h.over || timer.IsReady()
}

// await waits for a condition.
func (h *host) await(is func() bool) { await(h.ctx, is) }

// await waits for a condition. The context is never cancelled, so there is no error.
func await(ctx workflow.Context, is func() bool) {
	if err := workflow.Await(ctx, is); err != nil {
		panic(err)
	}
}

// toCancel reports whether the branch is to be cancelled and does not know: the run is, or a branch
// beside this one has failed.
func (h *host) toCancel() bool {
	if h.knows {
		return false
	}
	for _, f := range h.forks {
		if f.failed {
			return true
		}
	}
	return h.cancel
}
