package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// Cancel implements engine.Decider. The process that works on the run carries the cancellation out;
// if there is none, whoever takes the run up does.
func (r *Runner) Cancel(ctx context.Context, id string, by engine.Person) error {
	return outward(id, r.cancel(ctx, id, by))
}

func (r *Runner) cancel(ctx context.Context, id string, by engine.Person) error {
	run, entries, err := r.head(ctx, id)
	switch {
	case err != nil:
		return err
	case !run.Ended.IsZero():
		return endedRefusal(run)
	case run.Isolated():
		return isolatedRefusal(run)
	}
	r.mu.Lock()
	h := r.busy[id]
	r.mu.Unlock()
	if h != nil {
		h.asked.Store(true)
	}
	m := journal.Message{Round: 1, At: time.Now().Round(0).UTC(), Verdict: engine.VerdictCancel, By: by.Recorded()}
	for _, e := range entries {
		if e.Kind == journal.Retried {
			m.Round++
		}
	}
	if err = r.Journal.Cancel(ctx, id, m); err == nil {
		r.announce(id)
	}
	r.poke()
	if errors.Is(err, journal.ErrMoved) { // the run has ended since
		if run, _, again := r.head(ctx, id); again == nil && !run.Ended.IsZero() {
			return endedRefusal(run)
		}
	}
	return err
}

// endedRefusal is the refusal to cancel a run that has ended.
func endedRefusal(run journal.Run) error {
	return &engine.Refusal{Code: engine.RefusedEnded, Run: run.ID, Status: run.Status}
}

// head returns a run with those of its entries that can be read.
func (r *Runner) head(ctx context.Context, id string) (journal.Run, []journal.Entry, error) {
	run, entries, err := r.Journal.Load(ctx, id)
	if _, damaged := errors.AsType[*journal.DamageError](err); damaged {
		err = nil
	}
	return run, entries, err
}

// canceller returns who cancelled the run in its present round. It reads the inbox again if it
// knows of nobody, because the message may have come a moment ago.
func (h *host) canceller() engine.Person {
	find := func() engine.Person {
		for _, m := range h.inbox {
			if m.Step == "" && m.Verdict == engine.VerdictCancel && m.Round == 1+h.retries {
				return m.By
			}
		}
		return engine.Person{}
	}
	by := find()
	if by.Name == "" && h.ctx != nil && h.newMail() {
		by = find()
	}
	return by
}
