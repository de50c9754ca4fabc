package local

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

// A standing is how far a run came.
type standing struct {
	run    journal.Run
	result engine.Result
}

// rests reports whether the run does not go on by itself: it has ended, or waits for a person
// without a limit.
func (s standing) rests() bool { return s.run.Wake.IsZero() }

// isOver reports whether a caller that follows the run is done with it. One that stays waits for
// persons too.
func (s standing) isOver(stays bool) bool {
	if s.run.Ended.IsZero() && s.run.WaitsForTurn() {
		return len(s.run.Waits) > 1 // a person has stopped it
	}
	if s.run.Ended.IsZero() && engine.WaitsForPerson(s.run.Waits) {
		return !stays
	}
	return s.rests()
}

// view is how the run stands.
func (s standing) view() engine.View {
	if s.run.ID == "" {
		return engine.View{Result: s.result}
	}
	return view(s.run, s.result)
}

// work carries a run on until it ends or is parked. Its errors are a refusal if this or another
// process works on the run, journal.ErrMoved if another one took the run at the same time, or the
// journal's. slots holds one value for each run at work, this one included; nil means that there is
// no limit.
func (r *Runner) work(ctx context.Context, id string, w *watcher, slots chan struct{}) (standing, error) {
	me, err := r.join()
	if err != nil {
		return standing{}, err
	}
	if !r.take(id) {
		return standing{}, &engine.Refusal{Code: engine.RefusedBusy, Run: id}
	}
	defer r.release(id)
	run, entries, err := r.Journal.Load(background, id)
	damage, damaged := errors.AsType[*journal.DamageError](err)
	if err != nil && !damaged {
		return standing{}, err
	}
	if !run.Ended.IsZero() {
		if w != nil && w.since.IsZero() {
			_, _ = r.replayRun(id, w) // the result stands, whether or not the way to it can be told
		}
		return ended(run)
	}
	if run.Isolated() {
		return standing{run: run}, isolatedRefusal(run)
	}
	before, err := r.free(run, me)
	switch {
	case err != nil:
		return standing{run: run}, err
	case isBlocked(run):
		return r.queue(ctx, run, entries)
	}
	if damaged {
		return r.quarantine(run, damage.Reason)
	}
	p, err := r.program(run)
	if err != nil {
		return r.quarantine(run, err.Error())
	}
	inputs, err := decodeInputs(run, p)
	if unfit, ok := errors.AsType[*journal.DamageError](err); ok {
		return r.quarantine(run, unfit.Reason)
	}
	h := newHost(r, run, entries, p)
	h.ctx, h.me, h.watch, h.slots = ctx, me, w, slots
	if h.inbox, err = r.Journal.Messages(background, id); err != nil {
		return standing{}, err
	}
	w.begin(run, entries, before != nil)
	switch {
	case before != nil:
		h.resumed(before)
	case ctx.Err() == nil:
		if stopped := stoppedBefore(run, entries); stopped != nil {
			h.resumed(stopped)
		}
	}
	if run.Key != "" {
		h.begins(entries)
	}
	return r.carry(h, p, inputs)
}

// carry interprets a program against a host, and stores how the run stands afterwards.
func (r *Runner) carry(h *host, p *program.Program, inputs map[string]any) (standing, error) {
	r.works(h)
	result, err := h.interpret(p, inputs)
	h.group.Wait()
	poison, poisoned := errors.AsType[*poisonError](err)
	switch {
	case err == nil:
		if err = h.end(result); err == nil && h.run.Key != "" {
			r.poke() // another run may have its turn
		}
	case poisoned:
		return r.quarantine(h.run, poison.Error())
	case isUnwound(err):
		err = h.giveUp()
	}
	return standing{run: h.run, result: result}, err
}

// isUnwound reports whether the interpreter was left in order: there is nothing to do now, or not
// by this process.
func isUnwound(err error) bool {
	return errors.Is(err, errParked) || errors.Is(err, errStopped) || errors.Is(err, errLeft) || errors.Is(err, engine.ErrUndecided)
}

// interpret replays the run and goes on with it. A fault of the interpreter concerns this run only.
func (h *host) interpret(p *program.Program, inputs map[string]any) (result engine.Result, err error) {
	if err := h.begin(); err != nil {
		return unbegun(h.run).result, err
	}
	fault := caught(func() {
		var asked engine.Host = h
		if h.r.wrap != nil {
			asked = h.r.wrap(h)
		}
		result, err = engine.Run(asked, engine.Request{Run: h.run.ID, Request: h.run.Request, URL: h.run.URL, Inputs: inputs, Started: h.run.Started}, p)
	})
	if fault != nil {
		err = fault
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.queued: // what it came to after the retry has not happened, such as the end of a time-out
		result.Status, result.Failure, result.Ended, err = engine.Waiting, nil, time.Time{}, errLooking
	case result.Status == engine.Cancelled, err != nil && h.run.Cancel:
		result.CancelledBy = h.canceller()
	}
	return result, err
}

// end records the end of the run. After that the run cannot be cancelled.
func (h *host) end(result engine.Result) error {
	data, err := json.Marshal(result)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.store(journal.State{Status: result.Status, Ended: result.Ended, Result: data}, "", true)
}

// stoppedBefore returns why no process was to go on with a run: a person or trouble had stopped it.
// It returns nil if the run just waits.
func stoppedBefore(run journal.Run, entries []journal.Entry) *engine.Ending {
	if !run.Wake.IsZero() {
		return nil
	}
	for _, w := range run.Waits {
		switch {
		case w.For == engine.WaitTrouble:
			return &engine.Ending{Kind: engine.EndedByTrouble, Reason: w.Reason}
		case w.For == engine.WaitProcess && len(entries) > 0:
			return &engine.Ending{Kind: engine.EndedByPerson, Process: lastStop(entries)}
		}
	}
	return nil
}

// lastStop returns which process a person stopped last.
func lastStop(entries []journal.Entry) string {
	for _, e := range slices.Backward(entries) {
		if e.Kind == journal.Stopped {
			return e.Process
		}
	}
	return ""
}

// resumed records that this process goes on with a run, and how the work before had ended.
func (h *host) resumed(before *engine.Ending) {
	h.append(journal.Entry{Kind: journal.Resumed, At: time.Now().Round(0).UTC(), Process: h.r.About, Before: before})
}

// ended returns a run that has ended, as it was stored.
func ended(run journal.Run) (standing, error) {
	s := standing{run: run}
	if err := json.Unmarshal(run.Result, &s.result); err != nil {
		return s, &journal.DamageError{Run: run.ID, Reason: "its result: " + err.Error()}
	}
	return s, nil
}

// quarantine leaves a run that cannot be replayed to a person, with the reason, so that it does not
// stop other runs.
func (r *Runner) quarantine(run journal.Run, reason string) (standing, error) {
	now := time.Now().Round(0).UTC()
	state := journal.State{Status: engine.Waiting, Waits: []engine.Wait{{For: engine.WaitTrouble, Since: now, Reason: reason, Trouble: engine.TroubleDamaged}}}
	err := r.store(journal.Change{Run: run.ID, Next: run.Next, From: run.Holder, Knows: true, State: state})
	if err != nil {
		return standing{run: run}, err
	}
	run.State, run.Holder = state, ""
	return unbegun(run), nil
}
