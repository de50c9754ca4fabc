package temporal

import (
	"strings"

	"errand/engine"
	"errand/engine/task"
)

// judge holds what a run that has ended says against what happened in the world. resolved has the
// steps about which a person decided. What a run did before it was reset is in its result only if it has
// reached the step again.
func (w *world) judge(v engine.View, resolved map[stepOfRun]engine.Verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := map[string]bool{}
	for _, step := range v.Steps {
		known[step.ID] = true
		d := w.steps[stepOfRun{v.Run, step.ID}]
		if d == nil {
			d = &deeds{task: step.Task}
		}
		verdict := resolved[stepOfRun{v.Run, step.ID}]
		switch n := len(d.effects); {
		case step.Task == "" || !strings.HasPrefix(step.Task, "world.") && !strings.HasPrefix(step.Task, "busy.") || step.Task == "world.pause":
		case step.Task == "world.reads":
			if n > 0 {
				w.note("%s of run %s reads and has %d effects", step.ID, v.Run, n)
			}
		case n > 1 && step.Task != "world.converges":
			w.note("%s of run %s has %d effects: %s", step.ID, v.Run, n, describeAll(d.effects))
		case step.Status == engine.StepSucceeded && n == 0:
			w.note("%s of run %s succeeded and has no effect; a person decided %q", step.ID, v.Run, verdict)
		case step.Status == engine.StepFailed && n > 0 && (step.Task == "world.evident" || step.Task == "world.once"):
			w.note("%s of run %s failed and has an effect: %v", step.ID, v.Run, step.Outputs)
		case step.Status == engine.StepSkipped && n > 0:
			w.note("%s of run %s was skipped and has an effect", step.ID, v.Run)
		}
	}
	for at, d := range w.steps {
		if at.run != v.Run || known[at.step] || len(d.effects) == 0 {
			continue
		}
		if d.effects[len(d.effects)-1].Now.Before(w.resets[v.Run]) { // the run came to another end without the step
			w.counts.forgotten++
		} else {
			w.note("%s of run %s has effects, and the result does not name it", at.step, v.Run)
		}
	}
}

func describeAll(calls []task.Call) string {
	var all []string
	for _, c := range calls {
		all = append(all, c.Key()[:6]+" at "+c.Now.Format("05.000"))
	}
	return strings.Join(all, ", ")
}

// mayBeUncertain reports whether the design lets a step be uncertain: its call can neither be repeated
// nor looked up, or a look was refused.
func (w *world) mayBeUncertain(v engine.View, q engine.Open) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if q.Failure == nil || q.Failure.Code != task.CodeInterrupted && q.Failure.Code != task.CodeNoReply {
		return false
	}
	for _, step := range v.Steps {
		if step.ID == q.Step && step.Task == "world.once" {
			return true
		}
	}
	d := w.steps[stepOfRun{v.Run, q.Step}]
	return d != nil && d.refused
}
