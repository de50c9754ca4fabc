package local_test

import (
	"strings"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

// checkTimeouts is I5 for steps that a time-out ended: the time was up, and what does not count was
// not counted. What does not count is the time in which a process was dead during a call, in which
// a person had to decide about an uncertain step or to mend this machine, and between the end of a
// run and its retry.
func (s *simulation) checkTimeouts(sub *subject, v local.Look) {
	began := map[string]time.Time{}
	for _, e := range v.Events {
		if e.Kind == engine.EventStepStarted {
			began[e.Step] = e.At
		}
		if e.Kind != engine.EventStepFailed || e.Failure.Code != task.CodeTimeout {
			continue
		}
		step, _ := find(v.Program, e.Step)
		action, calls := step.Action.(*program.Task)
		if !calls {
			continue // a step inside it failed
		}
		var due time.Time
		switch message := e.Failure.Message; {
		case strings.HasPrefix(message, "the step was not done within"):
			due = began[e.Step].Add(step.Timeout + idle(v, e.Step, e.At))
		case strings.HasPrefix(message, "the state to wait for was not reached"):
			due = began[e.Step].Add(action.For + idle(v, e.Step, e.At))
		case strings.HasPrefix(message, "the workflow was not done within"):
			due = v.Run.Started.Add(v.Program.Timeout + idle(v, "", e.At))
			if s.wide { // time that does not count in one branch counts in the others
				due = v.Run.Started.Add(v.Program.Timeout)
			}
		}
		if e.At.Before(due) {
			s.note("I5", sub, "%s timed out at %s, and its time is up at %s", e.Step, e.At, due)
		}
	}
}

// idle returns the time that does not count, of one step or of the whole run, until a time.
func idle(v local.Look, step string, until time.Time) (sum time.Duration) {
	called := map[string]time.Time{} // by step: when the unanswered call began
	parked := map[string]time.Time{} // by branch: since when trouble here kept it from calling
	last := v.Run.Started
	for _, e := range v.Entries {
		switch {
		case e.At.After(until):
			continue
		case e.Kind == journal.Retried && step == "":
			sum += max(0, e.At.Sub(last))
		case e.Kind == journal.Intent:
			called[e.Step] = e.Call.Now
		case e.Kind == journal.Woke && !parked[e.Branch].IsZero():
			sum += e.At.Sub(parked[e.Branch])
			delete(parked, e.Branch)
		case e.Kind == journal.Replied:
			f := e.Reply.Failure
			if f != nil && f.Local && (step == "" || step == e.Step) {
				parked[e.Branch] = e.At
			}
			if at := called[e.Step]; f != nil && f.Code == task.CodeInterrupted && !at.IsZero() && (step == "" || step == e.Step) {
				sum += e.At.Sub(at)
			}
			delete(called, e.Step)
		}
		last = e.At
	}
	asked := map[string]time.Time{}
	for _, e := range v.Events {
		switch {
		case e.At.After(until):
		case e.Kind == engine.EventStepUncertain:
			asked[e.Step] = e.At
		case e.Kind == engine.EventStepDecided && (step == "" || step == e.Step):
			sum += e.At.Sub(asked[e.Step])
		}
	}
	return sum
}
