package engine

import (
	"cmp"
	"slices"
	"time"

	"errand/engine/program"
	"errand/engine/task"
)

// A change is what a step did that changed something in another system.
type change struct {
	at      time.Time
	message any // the step's result message, or what it was when the change was accepted
}

// keepChange remembers what a step did if it changed something: it succeeded, or it failed after its
// change was accepted.
func (x *run) keepChange(s *program.Step, at int) {
	step := &x.result.Steps[at]
	t, ok := s.Action.(*program.Task)
	if !ok || t.Type.Effect == task.Pure || t.Type.Effect == task.Reads || step.Status != StepSucceeded && !step.Accepted {
		return
	}
	message := step.Outputs["result_message"]
	if accepted := x.accepted[at]; step.Accepted && accepted != nil {
		message = accepted
	}
	if message != nil {
		x.changes = append(x.changes, change{step.Ended, message})
	}
}

// failureValue returns the value of `failure` in expressions.
func (x *run) failureValue(f Failure) map[string]any {
	name := f.Step
	if i := slices.IndexFunc(x.result.Steps, func(s StepResult) bool { return s.ID == f.Step }); i >= 0 {
		name = cmp.Or(x.result.Steps[i].Name, x.result.Steps[i].Task, f.Step)
	}
	done := []any{}
	for _, c := range x.allChanges() {
		done = append(done, c.message)
	}
	return map[string]any{"step": f.Step, "code": f.Code, "message": f.Message, "name": name, "done": done}
}

// allChanges returns the changes of the runs that this one is a branch of, and then its own.
func (x *run) allChanges() []change {
	if x.around == nil {
		return x.changes
	}
	return slices.Concat(x.around.allChanges(), x.changes)
}
