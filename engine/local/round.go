package local

import (
	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
	"errand/engine/task"
)

// earlier is what the rounds before the present one left. When an ended run is retried, the entries
// from before the step stay in force and the others no longer count. But their effects on other
// systems remain.
type earlier struct {
	rounds int              // how many times the run was retried
	steps  map[string]trace // of the steps whose entries no longer count
}

// A trace is what a step did in an earlier round.
type trace struct {
	round    int  // of its last call
	open     bool // its outcome is unknown
	happened bool // it took effect
}

// An entry is one of a run's journal, with its number there, counted from 1.
type entry struct {
	journal.Entry
	seq int
}

// inForce returns the entries that count, and what the others left.
func inForce(entries []journal.Entry, p *program.Program) ([]entry, earlier) {
	force := make([]entry, 0, len(entries))
	past := earlier{steps: map[string]trace{}}
	for i, e := range entries {
		if e.Kind == journal.Retried {
			var kept, gone []entry
			for _, f := range force {
				if journal.Has(e.Keep, f.seq) {
					kept = append(kept, f)
				} else {
					gone = append(gone, f)
				}
			}
			past.rounds++
			past.add(gone)
			force = kept
		}
		force = append(force, entry{Entry: e, seq: i + 1})
	}
	ending := engine.EndingSteps(p)
	for step := range past.steps {
		if ending(step) {
			delete(past.steps, step)
		}
	}
	return force, past
}

// add follows the calls of a round.
func (p *earlier) add(entries []entry) {
	before := map[string]trace{} // the traces before each step's last call
	for _, e := range entries {
		t := p.steps[e.Step]
		switch e.Kind {
		case journal.Intent:
			before[e.Step] = t
			t = trace{round: e.Call.Round, open: true, happened: t.happened}
		case journal.Replied:
			switch {
			case e.Reply.Failure != nil && e.Reply.Failure.Unknown:
			case e.Reply.Output != nil, e.Reply.Again != nil && e.Reply.Again.Settled:
				t.open, t.happened = false, true
			default: // it had no effect; that says nothing about the calls before
				t.open = before[e.Step].open
			}
		case journal.Decided: // a person decided
			t.open = false
			t.happened = t.happened || e.Verdict == engine.VerdictDone
		default:
			continue
		}
		p.steps[e.Step] = t
	}
}

// round returns the round that a step's call belongs to, and with it the call's key. A step that
// took effect, or may have, keeps its round, and must look for the effect before it acts. Every
// other step gets the present round. A retry of a Once step that took effect is what the person
// asked for.
func (p *earlier) round(step string, effect task.Effect, used map[string]int) (round int, unsettled bool) {
	if round, ok := used[step]; ok {
		return round, false
	}
	t, known := p.steps[step]
	switch {
	case !known:
		return p.rounds, false
	case t.open, t.happened && effect != task.Once:
		return t.round, true
	}
	return p.rounds, false
}
