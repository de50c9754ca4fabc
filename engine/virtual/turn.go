package virtual

import (
	"context"
	"errors"
	"time"

	"errand/engine"
)

// Of the open runs with one concurrency key, the one with the lowest place has the turn. The mutex
// of Runs guards what is in this file.

// turn returns the run of a key that has the turn, or nil if there is none.
func (r *Runs) turn(key string) (first *run) {
	for _, x := range r.runs {
		if key != "" && x.key == key && x.ended.IsZero() && (first == nil || x.place < first.place) {
			first = x
		}
	}
	return first
}

// isBlocked reports whether a run has to wait for its turn. A run that is to be cancelled does not
// wait: it does nothing but its handlers.
func (x *run) isBlocked() bool {
	return x.key != "" && x.ended.IsZero() && !x.cancelling && x.runs.turn(x.key) != x
}

// queue makes a new run, or one that is retried, the last of its key. The run is due, or waits for
// its turn.
func (r *Runs) queue(x *run, now time.Time) {
	r.places++
	x.place = r.places
	x.wakeUp(now)
	if x.isBlocked() {
		x.waitForTurn(now)
	}
}

func (x *run) waitForTurn(now time.Time) {
	x.due, x.waits = time.Time{}, []engine.Wait{{For: engine.WaitTurn, Since: now}}
}

// passTurn gives the turn of a run that has ended to the next one. A run that a person has stopped
// is not due.
func (r *Runs) passTurn(x *run, now time.Time) {
	next := r.turn(x.key)
	if next == nil || next.worker != nil || !waitsForTurn(next.waits) {
		return
	}
	if next.waits = next.waits[1:]; len(next.waits) == 0 {
		next.wakeUp(now)
	}
	r.change(next)
}

func waitsForTurn(waits []engine.Wait) bool {
	return len(waits) > 0 && waits[0].For == engine.WaitTurn
}

// leaveToTurn leaves a run to its turn. If a person has stopped the run or resumes it, that is what
// it waits for too, or not any more.
func (r *Runs) leaveToTurn(ctx context.Context, x *run) {
	switch now := r.Clock.Now(); {
	case ctx.Err() == nil && len(x.waits) > 1:
		x.waits = x.waits[:1]
	case ctx.Err() == nil && !waitsForTurn(x.waits):
		x.waitForTurn(now)
	case len(x.waits) == 1 && errors.Is(context.Cause(ctx), engine.ErrStop):
		x.waits = append(x.waits, engine.Wait{For: engine.WaitProcess, Since: now, Reason: "a person stopped it"})
	default:
		return
	}
	r.change(x)
}

// begin records that the turn of a run has come, unless that is known: its time counts from here,
// that of each branch which goes on after a retry too.
func (m *Memory) begin(now time.Time) {
	branches := []string{""}
	all := m.all()
	for i := len(all) - 1; i >= 0 && all[i].retried == nil; i-- {
		switch {
		case all[i].began:
			return
		case all[i].continued:
			branches = append(branches, all[i].branch)
		}
	}
	for _, branch := range branches {
		m.keep(moment{at: now, branch: branch, began: true})
	}
}

// hasBegun reports whether the first turn of a run has come.
func (m *Memory) hasBegun() bool {
	first := m.nth("", 0)
	return first != nil && first.began
}

// unbegun returns the result of a run of which nothing is interpreted.
func (x *run) unbegun() engine.Result {
	return engine.Result{
		Version: 1, Run: x.order.Run, Workflow: x.order.Program.Name, Request: x.order.Request, Status: engine.Waiting,
		Outputs: engine.Values{}, Started: x.started, Ended: x.ended, Steps: []engine.StepResult{},
	}
}
