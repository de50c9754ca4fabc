package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A run with a concurrency key waits in the journal until its turn comes, and nobody interprets it.
// When a process takes it up then, an entry Began says so, and its clock starts there. So the time
// in the queue counts for no time-out. After a retry each branch that goes on has such an entry.

// key returns the concurrency key of an order. Its error is a refusal.
func key(o engine.Order) (string, error) {
	key, err := o.Program.ConcurrencyKey(o.Request, o.Inputs)
	if err != nil {
		return "", &engine.Refusal{Code: engine.RefusedKey, Run: o.Run, Reason: err.Error(), Err: err}
	}
	return key, nil
}

// isBlocked reports whether a run has to wait for its turn. A run that is to be cancelled does not
// wait: it does nothing but its handlers.
func isBlocked(run journal.Run) bool {
	return run.Turn != "" && run.Turn != run.ID && !run.Cancel
}

// queue leaves a run to its turn. If a person has stopped the run or resumes it, queue records
// that. The journal makes the run due if its turn has come meanwhile.
func (r *Runner) queue(ctx context.Context, run journal.Run, entries []journal.Entry) (standing, error) {
	now := time.Now().Round(0).UTC()
	c := journal.Change{Run: run.ID, Next: run.Next, From: run.Holder, State: dueNow(now)}
	stopped := stoppedBefore(run, entries)
	switch {
	case over(ctx) && (stopped != nil || !errors.Is(context.Cause(ctx), engine.ErrStop)):
		return unbegun(run), nil
	case over(ctx):
		e := journal.Entry{Kind: journal.Stopped, At: now, Process: r.About}
		c.Entries, c.State = []journal.Entry{e}, stoppedState(e)
	case stopped != nil:
		c.Entries = []journal.Entry{{Kind: journal.Resumed, At: now, Process: r.About, Before: stopped}}
	case run.WaitsForTurn():
		return unbegun(run), nil
	}
	err := r.store(c)
	if errors.Is(err, journal.ErrCancel) { // the run has something to do at once
		c.Knows, c.State = true, dueNow(now)
		err = r.store(c)
	}
	if err != nil {
		return unbegun(run), err
	}
	run, _, err = r.Journal.LoadAfter(background, run.ID, journal.NoEntries)
	return unbegun(run), err
}

// unbegun returns the standing of a run of which nothing is interpreted.
func unbegun(run journal.Run) standing {
	return standing{run: run, result: engine.Result{
		Version: 1, Run: run.ID, Workflow: run.Workflow, Request: run.Request, Status: engine.Waiting,
		Outputs: map[string]any{}, Started: run.Started, Steps: []engine.StepResult{},
	}}
}

// begins records that the turn of a run has come, unless that is on record.
func (h *host) begins(entries []journal.Entry) {
	for _, e := range journal.Beginnings(entries, time.Now().Round(0).UTC()) {
		if e.Branch == h.path {
			h.append(e)
			continue
		}
		h.branches[e.Branch] = append(h.branches[e.Branch], len(h.force))
		h.force = append(h.force, journal.Numbered{Entry: e, Seq: h.run.Next + len(h.news) + 1})
		h.news = append(h.news, e)
	}
}

// begin moves the clock of a run with a key to its turn. Its error is errLooking if the run has not
// begun.
func (h *host) begin() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.run.Key != "" && !h.awaitTurn() {
		return h.halt(errLooking)
	}
	return nil
}

// awaitTurn consumes the entries up to the one that says that the turn came. It reports whether
// there is one. What stands before it answers nothing.
func (h *host) awaitTurn() bool {
	for !h.turned {
		if h.at == len(h.mine) && !h.waitForMore() || !h.aside() {
			return h.turned
		}
	}
	return true
}

// waitForTurn waits until something changes for a run that waits for its turn, and tells the caller
// which run has the turn.
func (r *Runner) waitForTurn(ctx context.Context, s standing, f engine.Following) (standing, error) {
	for told := ""; ; {
		if f.Turn != nil && s.run.Turn != told {
			told = s.run.Turn
			f.Turn(told)
		}
		mark := s.run.Mark()
		if err := r.wait(ctx, s.run, time.Now().Add(r.poll())); err != nil {
			return s, err
		}
		run, _, err := r.Journal.LoadAfter(background, s.run.ID, journal.NoEntries)
		if err != nil {
			return s, err
		}
		s.run = run
		if over(ctx) || !run.Mark().Same(mark) {
			return s, nil
		}
	}
}
