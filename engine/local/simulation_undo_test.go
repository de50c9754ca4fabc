package local_test

import (
	"maps"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
)

// checkUndo is I10. It does not check the undo of a workflow that is called in a branch: its order
// is only among its own steps.
func (s *simulation) checkUndo(sub *subject, v local.Look) {
	done := map[string]time.Time{} // by step: when it succeeded, if it can be undone and was not
	var last time.Time             // when the step that was undone last succeeded
	accepted := map[string]bool{}  // the steps that did not succeed after their change was accepted
	for _, step := range v.Result.Steps {
		if p, _ := find(v.Program, step.ID); step.Accepted && len(p.Undo) > 0 {
			if accepted[step.ID] = true; step.Status == engine.StepCancelled {
				done[step.ID] = step.Ended
			}
		}
	}
	for _, e := range v.Events {
		switch {
		case e.Kind == engine.EventStepSucceeded, e.Kind == engine.EventStepFailed && accepted[e.Step]:
			if step, _ := find(v.Program, e.Step); len(step.Undo) > 0 {
				done[e.Step], last = e.At, time.Time{}
			}
		case e.Kind == engine.EventHandlerBegins && e.Handler == engine.HandlerUndo:
			s.counts.Undone++
			at, can := done[e.Step]
			if !can {
				s.note("I10", sub, "%s is undone, and has nothing to undo", e.Step)
			}
			if e.Branch == "" && !last.IsZero() && at.After(last) {
				s.note("I10", sub, "%s is undone after a step that succeeded before it, at %s", e.Step, last)
			}
			delete(done, e.Step)
			if e.Branch == "" {
				last = at
			}
		}
	}
	f := v.Result.Failure
	if v.Result.Status != engine.Failed || f == nil {
		return
	}
	maps.DeleteFunc(done, func(key string, _ time.Time) bool {
		_, ending := find(v.Program, key)
		return ending // the undo of a run leaves out workflows that a handler calls
	})
	for _, step := range v.Program.Steps {
		if step.Key == f.Step && len(done) > 0 { // a main step failed, not one of finally
			s.note("I10", sub, "the run failed at %s, and these steps were not undone: %v", f.Step, done)
		}
	}
}

// checkDecidedOnce is I11. The caller holds simulation.mu.
func (s *simulation) checkDecidedOnce(sub *subject, e journal.Entry) {
	switch e.Verdict {
	case engine.VerdictApprove, engine.VerdictReject, engine.VerdictExpired:
	default:
		return // a step may be uncertain several times
	}
	if word, before := sub.decided[e.Step]; before {
		s.note("I11", sub, "%s is decided (%s), and was decided before (%s)", e.Step, e.Verdict, word)
	}
	sub.decided[e.Step] = e.Verdict
}
