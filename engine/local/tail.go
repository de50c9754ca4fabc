package local

import (
	"errors"
	"slices"

	"errand/engine"
	"errand/engine/journal"
)

// A tail follows a run that another process works on. It replays the run once, and each later entry
// when it finds it. It begins again after a retry, which may replace entries, and after a fold of
// entries that it has replayed.
type tail struct {
	r  *Runner
	id string
	w  *watcher

	run  journal.Run
	host *host         // nil before the first look
	over chan struct{} // closed when the replay has ended

	// When over is closed:
	result engine.Result
	err    error
}

// look reads the new entries of the run.
func (t *tail) look() (journal.Run, error) {
	if t.host == nil {
		return t.begin()
	}
	run, entries, err := t.r.Journal.LoadAfter(background, t.id, t.run.Next)
	folded := errors.Is(err, journal.ErrFolded)
	if err != nil && !folded {
		return run, err
	}
	if folded || slices.ContainsFunc(entries, func(e journal.Entry) bool { return e.Kind == journal.Retried }) {
		_, _ = t.end() // the watcher passes on each event once
		return t.begin()
	}
	if t.run = run; len(entries) > 0 {
		t.host.grow(entries)
	}
	select {
	case <-t.over:
		return run, t.host.damage(t.err)
	default:
		return run, nil
	}
}

// begin starts the replay.
func (t *tail) begin() (journal.Run, error) {
	run, entries, err := t.r.Journal.Load(background, t.id)
	if err != nil {
		return run, err
	}
	p, err := t.r.program(run)
	if err != nil {
		return run, &journal.DamageError{Run: run.ID, Reason: err.Error()}
	}
	inputs, err := decodeInputs(run, p)
	if err != nil {
		return run, err
	}
	h, over := newHost(t.r, run, entries, p), make(chan struct{})
	h.watch, h.grows = t.w, true
	t.run, t.host, t.over = run, h, over
	go func() {
		defer close(over)
		t.result, t.err = h.interpret(p, inputs)
	}()
	return run, nil
}

// end ends the replay where the record ends now, and returns what the run has come to.
func (t *tail) end() (engine.Result, error) {
	if t.host == nil {
		return engine.Result{}, nil
	}
	t.host.grow(nil)
	<-t.over
	return t.result, t.host.damage(t.err)
}

// grow adds entries to a replay that has not ended. Without entries it means that no more will
// come.
func (l *ledger) grow(entries []journal.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range entries {
		l.run.Next += 1 + e.Skipped
		l.branches[e.Branch] = append(l.branches[e.Branch], len(l.force))
		l.force = append(l.force, journal.Numbered{Entry: e, Seq: l.run.Next})
		l.count(e)
	}
	l.whole = len(entries) == 0
	l.cond.Broadcast()
}

// waitForMore waits at the end of the record for further entries of the branch, if there may be
// some. It reports whether there are.
func (h *host) waitForMore() bool {
	for h.grows {
		h.mine = h.branches[h.path]
		if h.at < len(h.mine) {
			return true
		}
		if h.whole {
			return false
		}
		h.cond.Wait()
	}
	return false
}
