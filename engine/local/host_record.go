package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// next consumes the next entry that answers the interpreter, or returns nil after the last one. If
// the entry says that the branch is cancelled, next returns ErrCancelled, whatever the interpreter
// asks.
func (h *host) next() (*journal.Numbered, error) {
	for h.aside() || h.at == len(h.mine) {
		if h.at == len(h.mine) && !h.waitForMore() {
			return nil, nil
		}
	}
	e := h.consume()
	if e.At.After(h.clock) {
		h.clock = e.At
	}
	if e.Kind == journal.Cancelled {
		h.knows = true
		h.course.Cancel(h.position())
		return nil, engine.ErrCancelled
	}
	return e, nil
}

func (h *host) consume() *journal.Numbered {
	place := h.mine[h.at]
	h.at++
	h.consumed = max(h.consumed, place+1)
	h.enter(h.force[place].Seq)
	return &h.force[place]
}

// aside consumes an entry that answers nothing, and passes it to the watcher.
func (h *host) aside() bool {
	if h.at == len(h.mine) {
		return false
	}
	e := &h.force[h.mine[h.at]]
	told := engine.Event{At: e.At, Run: h.run.ID, Step: e.Step, Process: e.Process, Branch: h.path}
	switch e.Kind {
	case journal.Resumed:
		told.Kind, told.Before = engine.EventRunResumed, e.Before
	case journal.Stopped:
		told.Kind = engine.EventRunStopped
	case journal.Adoption:
		told.Kind, told.By = engine.EventRunAdopted, e.Person()
	case journal.Retried:
		told.Kind, told.Name, told.Request, told.By = engine.EventRunRetried, h.run.Workflow, h.run.Request, e.Person()
		h.turned = false
		if e.At.After(h.clock) {
			h.clock = e.At
		}
	case journal.Continued, journal.Began:
		if e.At.After(h.clock) {
			h.clock = e.At
		}
		h.turned = e.Kind == journal.Began
		h.consume()
		return true
	default:
		return false
	}
	h.consume()
	h.told++
	if h.watch != nil {
		h.pass(asideBranch, engine.Placed{Event: told, Place: engine.Place{}.Entered(e.Seq).Next()})
		if h.place.Seq() == e.Seq {
			h.place = h.place.Next()
		}
	}
	return true
}

// note records an entry, which is stored with the next commit. It returns the entry's reply, if
// there is one.
func (h *host) note(e journal.Entry) task.Reply {
	e.At, e.Branch = h.wall(), h.path
	h.clock = e.At
	h.append(e)
	h.enter(h.force[len(h.force)-1].Seq)
	h.at, h.consumed = len(h.mine), len(h.force)
	if e.Reply == nil {
		return task.Reply{}
	}
	return *e.Reply
}

// wall is the present time without its monotonic part, and never before what is on record.
func (h *host) wall() time.Time {
	if now := time.Now().Round(0).UTC(); now.After(h.clock) {
		return now
	}
	return h.clock
}

// mayAct returns nil if the branch may do something new. It returns an error in a host that only
// replays.
func (h *host) mayAct() error {
	if err := h.mayGoOn(); err != nil {
		return err
	}
	if h.ctx.Err() != nil || h.unwinding || h.r.untilInterrupt().Err() != nil {
		h.left = true
		return h.halt(errLeft)
	}
	return nil
}

// mayGoOn returns nil if the branch may go beyond the record: not if the run is only replayed, is
// cancelled, or was stopped by a person.
func (h *host) mayGoOn() error {
	if h.ctx == nil {
		return h.halt(errLooking)
	}
	h.reach()
	if h.toCancel() && !h.knows {
		return h.cancel()
	}
	return h.mayStay()
}

// mayAsk is mayGoOn for a question. A cancellation does not end a question about an unknown
// outcome.
func (h *host) mayAsk(q engine.Question) error {
	if q.Failure == nil || h.ctx == nil {
		return h.mayGoOn()
	}
	h.reach()
	return h.mayStay()
}

// mayStay returns nil unless a person stopped the run.
func (h *host) mayStay() error {
	if h.ctx.Err() != nil && errors.Is(context.Cause(h.ctx), engine.ErrStop) {
		h.stopped = true
		return h.halt(errStopped)
	}
	return nil
}

// toCancel reports whether the run is to be cancelled, or a branch beside this one has failed.
func (h *host) toCancel() bool {
	for _, f := range h.forks {
		if f.failed {
			return true
		}
	}
	return h.run.Cancel || h.asked.Load()
}

// cancel returns ErrCancelled and records that the branch was told.
func (h *host) cancel() error {
	h.knows = true
	h.note(journal.Entry{Kind: journal.Cancelled})
	return engine.ErrCancelled
}
