package engine

import (
	"maps"
	"time"

	"errand/engine/program"
	"errand/engine/task"
)

// Rounds are what a run did to other systems before retries replaced its moments. A retry begins a
// round. The moments of earlier rounds that it does not keep no longer count, but their effects
// remain. The zero Rounds are those of a run that was never retried.
type Rounds struct {
	retries int
	steps   map[string]trace // of the steps whose moments no longer count
}

// A trace is what a step did in an earlier round.
type trace struct {
	round    int       // of its last call
	sent     time.Time // when that was put on record
	open     bool      // its outcome is unknown
	happened bool      // it took effect
}

// Replace takes the moments that a retry replaces, in their order. Those of handlers and `finally`
// of p do not count: such steps act each time that the run ends.
func (r *Rounds) Replace(replaced []Moment, p *program.Program) {
	r.retries++
	if r.steps == nil {
		r.steps = map[string]trace{}
	}
	before := map[string]trace{} // the traces before each step's last call
	for _, m := range replaced {
		t := r.steps[m.Step]
		switch {
		case m.Call != nil:
			before[m.Step] = t
			t = trace{round: m.Call.Round, sent: m.At, open: true, happened: t.happened}
		case m.Reply != nil && m.Reply.Failure != nil && m.Reply.Failure.Unknown:
			delete(before, m.Step)
		case m.Reply != nil && (m.Reply.Output != nil || m.Reply.Again != nil && m.Reply.Again.Settled):
			t.open, t.happened = false, true
		case m.Reply != nil: // it had no effect; that says nothing about the calls before
			call, sent := before[m.Step]
			if !sent && (m.Reply.Again == nil || !m.Reply.Again.Absent) {
				continue // a look, which found out nothing
			}
			t.open = call.open
			delete(before, m.Step)
		case m.Decision != nil:
			t.open, t.happened = false, t.happened || m.Decision.Verdict == VerdictDone
		default:
			continue
		}
		r.steps[m.Step] = t
	}
	ending := EndingSteps(p)
	maps.DeleteFunc(r.steps, func(step string, _ trace) bool { return ending(step) })
}

// Round returns the round that a step's call belongs to, and with it the call's key. look means that
// the call must first look for the effect of an earlier round: a step that took effect, or may have,
// keeps its round, and sent is when its last call was put on record. Every other step gets the present round. A retry of a Once step that took effect
// is what the person asked for.
func (r *Rounds) Round(step string, effect task.Effect) (round int, look bool, sent time.Time) {
	t, known := r.steps[step]
	if known && (t.open || t.happened && effect != task.Once) {
		return t.round, true, t.sent
	}
	return r.retries, false, time.Time{}
}

// Clone returns a copy that shares nothing with r.
func (r *Rounds) Clone() Rounds { return Rounds{retries: r.retries, steps: maps.Clone(r.steps)} }
