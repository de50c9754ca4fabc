package virtual

import (
	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
)

// traces are what steps did to other systems before retries replaced their moments.
type traces struct {
	rounds int // how many retries there were
	steps  map[string]trace
}

// A trace is what a step did in an earlier round.
type trace struct {
	round    int  // of its last call
	open     bool // its outcome is unknown
	happened bool // it took effect
}

// add adds the moments that a retry replaces, without those of the handlers and finally: these act
// each time that the run ends.
func (t *traces) add(moments []moment, p *program.Program) {
	t.rounds++
	before := map[string]trace{} // the traces before each step's last call
	for _, m := range moments {
		s := t.steps[m.step]
		switch {
		case m.call != nil:
			before[m.step] = s
			s.round, s.open = m.call.Round, true
		case m.reply != nil && m.reply.Failure != nil && m.reply.Failure.Unknown:
		case m.reply != nil && (m.reply.Output != nil || m.reply.Again != nil && m.reply.Again.Settled):
			s.open, s.happened = false, true
		case m.reply != nil: // it had no effect; that says nothing about the calls before
			s.open = before[m.step].open
		case m.decision != nil:
			s.open, s.happened = false, s.happened || m.decision.Verdict == engine.VerdictDone
		default:
			continue
		}
		t.steps[m.step] = s
	}
	ending := engine.EndingSteps(p)
	for step := range t.steps {
		if ending(step) {
			delete(t.steps, step)
		}
	}
}

// round returns the round that a step's call belongs to, and whether the call must first look for
// the effect of an earlier round. A step that took effect, or may have, keeps its round.
func (t *traces) round(step string, effect task.Effect) (round int, look bool) {
	s, known := t.steps[step]
	if known && (s.open || s.happened && effect != task.Once) {
		return s.round, true
	}
	return t.rounds, false
}
