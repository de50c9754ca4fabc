package local_test

import (
	"maps"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
)

// undone is I10. What a called workflow undoes within a branch has its order among itself alone, and is not looked at.
func (s *simulation) undone(sub *subject, v local.View) {
	done := map[string]time.Time{} // when what can be undone, and was not, succeeded
	var last time.Time             // when that succeeded which was undone last
	for _, e := range v.Events {
		switch {
		case e.Kind == engine.EventStepSucceeded:
			if step, _ := find(v.Program, e.Step); len(step.Undo) > 0 {
				done[e.Step], last = e.At, time.Time{}
			}
		case e.Kind == engine.EventHandlerBegins && e.Message == "undo":
			s.counts.Undone++
			at, can := done[e.Step]
			if !can {
				s.broken("I10", sub, "%s is undone, and there is nothing to undo", e.Step)
			}
			if e.Branch == "" && !last.IsZero() && at.After(last) {
				s.broken("I10", sub, "%s is undone after what was done before it, at %s", e.Step, last)
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
		return ending // a workflow that a handler calls is not undone with the run
	})
	for _, step := range v.Program.Steps {
		if step.Key == f.Step && len(done) > 0 { // it failed in the main steps, and not in finally
			s.broken("I10", sub, "the run failed at %s, and not undone are %v", f.Step, done)
		}
	}
}

// decidedOnce is I11. simulation.mu is held.
func (s *simulation) decidedOnce(sub *subject, e journal.Entry) {
	switch engine.Verdict(e.Word) {
	case engine.VerdictApprove, engine.VerdictReject, engine.VerdictExpired:
	default:
		return // a step may be uncertain several times
	}
	if word, before := sub.decided[e.Step]; before {
		s.broken("I11", sub, "%s is decided, %s, and was decided before, %s", e.Step, e.Word, word)
	}
	sub.decided[e.Step] = e.Word
}
