package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// next consumes the next entry that answers the interpreter, or returns nil after the last one. That the branch is cancelled is an
// answer to everything.
func (h *host) next() (*journal.Entry, error) {
	for h.aside() {
	}
	if h.at == len(h.mine) {
		return nil, nil
	}
	e := h.consume()
	if e.At.After(h.clock) {
		h.clock = e.At
	}
	if e.Kind == journal.Cancelled {
		h.knows = true
		return nil, engine.ErrCancelled
	}
	return e, nil
}

func (h *host) consume() *journal.Entry {
	place := h.mine[h.at]
	h.at++
	h.consumed = max(h.consumed, place+1)
	return &h.force[place]
}

// aside consumes an entry that answers nothing, and tells it to the watcher.
func (h *host) aside() bool {
	if h.at == len(h.mine) {
		return false
	}
	e := &h.force[h.mine[h.at]]
	told := engine.Event{At: e.At, Run: h.run.ID, Step: e.Step, Message: e.By}
	switch e.Kind {
	case journal.Resumed:
		told.Kind, told.Message = engine.EventRunResumed, e.By+"; "+e.Word
	case journal.Stopped:
		told.Kind = engine.EventRunStopped
	case journal.Retried:
		told.Kind = engine.EventRunRetried
		h.watch.again(e.At, h.told, h.forked)
		if e.At.After(h.clock) {
			h.clock = e.At
		}
	default:
		return false
	}
	h.consume()
	h.tell(told)
	return true
}

// note makes an entry, which is stored with the next commit. It returns the entry's reply where it has one.
func (h *host) note(e journal.Entry) task.Reply {
	e.At, e.Branch = h.wall(), h.path
	h.clock = e.At
	h.mine = append(h.mine, len(h.force))
	h.force = append(h.force, e)
	h.news = append(h.news, e)
	h.at, h.consumed = len(h.mine), len(h.force)
	if e.Reply == nil {
		return task.Reply{}
	}
	return *e.Reply
}

// wall is the time now, without its monotonic part, and never before what is on record.
func (h *host) wall() time.Time {
	if now := time.Now().Round(0).UTC(); now.After(h.clock) {
		return now
	}
	return h.clock
}

// mayAct tells whether something new may be done. Only a host that works on the run gets past it.
func (h *host) mayAct() error {
	if err := h.mayGoOn(); err != nil {
		return err
	}
	if h.ctx.Err() != nil || h.unwinding {
		h.left = true
		return h.halt(errLeft)
	}
	return nil
}

// mayGoOn tells whether the branch goes further than the record: not where the run is only looked at, cancelled, or stopped by a person.
func (h *host) mayGoOn() error {
	if h.ctx == nil {
		return h.halt(errLooking)
	}
	h.reach()
	switch {
	case h.toCancel() && !h.knows:
		return h.cancel()
	case h.ctx.Err() != nil && errors.Is(context.Cause(h.ctx), ErrStop):
		h.stopped = true
		return h.halt(errStopped)
	}
	return nil
}

// toCancel tells whether the run is to be cancelled, or a branch beside this one has failed.
func (h *host) toCancel() bool {
	for _, f := range h.forks {
		if f.failed {
			return true
		}
	}
	return h.run.Cancel || h.asked.Load()
}

// cancel tells the interpreter that the branch is cancelled, and notes that it was told.
func (h *host) cancel() error {
	h.knows = true
	h.note(journal.Entry{Kind: journal.Cancelled})
	return engine.ErrCancelled
}
