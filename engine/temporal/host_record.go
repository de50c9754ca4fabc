package temporal

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// next consumes the next entry that answers the interpreter, or returns nil after the last one. If
// the entry says that the branch is cancelled, next returns ErrCancelled, whatever the interpreter
// asks.
func (h *host) next() (*journal.Numbered, error) {
	for h.aside() {
	}
	if h.at == len(h.mine) {
		return nil, nil
	}
	e := h.consume()
	if e.Kind == journal.Cancelled {
		h.knows = true
		return nil, engine.ErrCancelled
	}
	return e, nil
}

// consume consumes an entry, and moves the clock to its time.
func (h *host) consume() *journal.Numbered {
	e := &h.force[h.mine[h.at]]
	h.at++
	if e.At.After(h.clock) {
		h.clock = e.At
	}
	return e
}

// aside consumes an entry that answers nothing.
func (h *host) aside() bool {
	if h.at == len(h.mine) {
		return false
	}
	clock := h.clock
	switch e := h.force[h.mine[h.at]]; e.Kind {
	case journal.Resumed:
		h.consume()
		h.clock = clock
		h.tell(engine.Event{At: e.At, Run: h.run.ID, Kind: engine.EventRunResumed, Process: e.Process, Before: e.Before})
	case journal.Retried:
		h.consume()
		h.tell(engine.Event{At: e.At, Run: h.run.ID, Step: e.Step, Kind: engine.EventRunRetried, Name: h.run.Workflow, Request: h.run.Request, By: e.Person()})
	case journal.Continued, journal.Began:
		h.consume()
	default:
		return false
	}
	return true
}

// takeRetries consumes the entries that retry the run from here, where a step begins or the branch
// forks, and reports whether there are any.
func (h *host) takeRetries(step string) (taken bool) {
	for until := h.doneAgain(step); h.at < until; taken = true {
		h.aside()
	}
	for taken && h.run.Key != "" && h.at < len(h.mine) && h.force[h.mine[h.at]].Kind == journal.Began {
		h.aside()
	}
	return taken
}

// doneAgain returns the index after the entry that retries the run from here, or 0 if that is not
// next. Entries that answer nothing may stand before it.
func (h *host) doneAgain(step string) (until int) {
	for i := h.at; i < len(h.mine); i++ {
		switch e := h.force[h.mine[i]]; {
		case e.Kind == journal.Retried && (e.Step == step || e.Told > 0 && h.told >= e.Told):
			until = i + 1
		case e.Kind == journal.Continued && h.told >= e.Told:
			until = i + 1
		case e.Kind != journal.Resumed && e.Kind != journal.Began:
			return until
		}
	}
	return until
}

// note records an entry. It returns the entry's reply, if there is one.
func (h *host) note(e journal.Entry) task.Reply {
	e.At, e.Branch = h.wall(), h.path
	h.clock = e.At
	h.mine = append(h.mine, h.add(e))
	h.at = len(h.mine)
	if e.Reply == nil {
		return task.Reply{}
	}
	return *e.Reply
}

// wall is the workflow's time, and never before what is on record.
func (h *host) wall() time.Time {
	if now := workflow.Now(h.ctx).UTC(); now.After(h.clock) {
		return now
	}
	return h.clock
}

// diverged ends the workflow task: the definition does not do what the record says it did. Temporal
// tries the task again, so that the run goes on as soon as a worker fits its record.
func (h *host) diverged(e *journal.Numbered, asked string) {
	said := string(e.Kind)
	if e.Call != nil {
		said += " of " + describe(*e.Call)
	} else if e.Step != "" {
		said += " of " + e.Step
	}
	panic(fmt.Sprintf("the record of run %s does not fit this program: its entry %d is %s, where the definition asks for %s", h.run.ID, e.Seq, said, asked))
}

func describe(c task.Call) string { return c.Step + ": " + c.Type + " " + string(c.Input) }
