package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// next consumes the next entry that answers the interpreter, or returns nil after the last one. That the run is cancelled is an
// answer to everything.
func (h *host) next() (*journal.Entry, error) {
	for h.aside() {
	}
	if h.at == len(h.force) {
		return nil, nil
	}
	e := &h.force[h.at]
	h.at++
	if e.At.After(h.clock) {
		h.clock = e.At
	}
	if e.Kind == journal.Cancelled {
		h.knows = true
		return nil, engine.ErrCancelled
	}
	return e, nil
}

// aside consumes an entry that answers nothing, and tells it to the watcher.
func (h *host) aside() bool {
	if h.at == len(h.force) {
		return false
	}
	e := &h.force[h.at]
	told := engine.Event{At: e.At, Run: h.run.ID, Step: e.Step, Message: e.By}
	switch e.Kind {
	case journal.Resumed:
		told.Kind, told.Message = engine.RunResumed, e.By+"; "+e.Word
	case journal.Stopped:
		told.Kind = engine.RunStopped
	case journal.Retried:
		told.Kind = engine.RunRetried
		h.watch.again(e.At, h.told)
		if e.At.After(h.clock) {
			h.clock = e.At
		}
	default:
		return false
	}
	h.at++
	h.tell(told)
	return true
}

// note makes an entry, which is stored with the next commit. It returns the entry's reply where it has one.
func (h *host) note(e journal.Entry) task.Reply {
	e.At = h.wall()
	h.clock = e.At
	h.force = append(h.force, e)
	h.news = append(h.news, e)
	h.at = len(h.force)
	if e.Reply == nil {
		return task.Reply{}
	}
	return *e.Reply
}

// tell passes an event on, unless the watcher has heard it from an earlier replay.
func (h *host) tell(e engine.Event) {
	h.told++
	if w := h.watch; w != nil && h.told > w.told {
		w.told = h.told
		w.tell(e)
	}
}

// A watcher hears each event of a run once, however often the run is replayed: the same entries give the same events.
type watcher struct {
	told    int
	retried time.Time // when the run was last done again
	tell    func(engine.Event)
}

// again has the watcher hear what follows so many events, since the run was done again from there at that time.
func (w *watcher) again(at time.Time, told int) {
	if w != nil && at.After(w.retried) {
		w.retried, w.told = at, min(w.told, told)
	}
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
	if err := h.halted(); err != nil {
		return err
	}
	return h.left()
}

// halted tells whether the run goes no further: it is only looked at, cancelled, or stopped by a person.
func (h *host) halted() error {
	switch {
	case h.ctx == nil:
		return errLooking
	case (h.run.Cancel || h.asked.Load()) && !h.knows:
		return h.cancel()
	case h.ctx.Err() == nil || !errors.Is(context.Cause(h.ctx), ErrStop):
		return nil
	}
	h.note(journal.Entry{Kind: journal.Stopped, By: h.r.About})
	if err := h.commit(journal.State{Status: string(engine.Waiting), Reason: "stopped by " + h.r.About}, ""); err != nil {
		return err
	}
	return errStopped
}

// left tells whether this process ends its work. The run is due at once for the next one.
func (h *host) left() error {
	if h.ctx.Err() == nil {
		return nil
	}
	return h.park(h.working(), errLeft)
}

// park gives the run up in a state, for a reason that is returned. Nothing is stored where it stands like that already.
func (h *host) park(state journal.State, reason error) error {
	if h.create == nil && len(h.news) == 0 && h.run.Holder == "" && h.run.Status == state.Status && h.run.Wake.Equal(state.Wake) {
		return reason
	}
	if err := h.commit(state, ""); err != nil {
		return err
	}
	return reason
}

// cancel tells the interpreter that the run is cancelled, and notes that it was told.
func (h *host) cancel() error {
	h.knows = true
	h.note(journal.Entry{Kind: journal.Cancelled})
	return engine.ErrCancelled
}

// working is the state of a run that is worked on: should the process end, it is due at once.
func (h *host) working() journal.State {
	return journal.State{Status: string(engine.Waiting), Wake: h.wall()}
}

// commit stores what is new. A run that turns out to be cancelled takes back what it was about to do.
func (h *host) commit(state journal.State, holder string) error {
	c := journal.Change{
		Run: h.run.ID, Next: h.run.Next, From: h.run.Holder, Knows: h.knows, Create: h.create, Again: h.again,
		Entries: h.news, Holder: holder, State: state,
	}
	err := h.r.store(c)
	if errors.Is(err, journal.ErrCancel) {
		h.takeBack()
		return h.cancel()
	}
	if err != nil {
		return err
	}
	h.create, h.news, h.owes = nil, nil, false
	h.run.Next += len(c.Entries)
	h.run.Holder, h.run.State = holder, state
	return nil
}

// takeBack forgets an intent, a wait or a stop that was not committed and is nothing that happened.
func (h *host) takeBack() {
	last := len(h.news) - 1
	if last < 0 || h.news[last].Kind != journal.Intent && h.news[last].Kind != journal.Stopped {
		return
	}
	h.news, h.force = h.news[:last], h.force[:len(h.force)-1]
	h.at = len(h.force)
}
