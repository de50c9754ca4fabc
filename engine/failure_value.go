package engine

import (
	"cmp"
	"slices"
	"time"
)

// A change is what a step did, or may have done, in another system.
type change struct {
	at      time.Time
	message any // the step's result message, or what it was when the change was accepted, or that nobody knows
}

// notKnown begins what is said of a step if nobody knows whether it took effect. The step's name for
// people follows.
const notKnown = "it is not known whether this was done: "

// keepChange remembers what the step did: it succeeded, it failed after its change was accepted, or it
// ended while nobody knew whether it had taken effect.
func (c *calling) keepChange() {
	if !c.t.Type.Changes(c.call) {
		return
	}
	step := &c.x.result.Steps[c.at]
	message := step.Outputs["result_message"]
	switch accepted := c.x.accepted[c.at]; {
	case step.Status == StepSucceeded:
	case step.Accepted && accepted != nil:
		message = accepted
	case step.Accepted:
	case (c.unsure != nil || c.givenUp) && !c.x.withoutDoubt:
		message = notKnown + cmp.Or(step.Name, step.Task)
	default:
		return
	}
	if message != nil {
		c.x.changes = append(c.x.changes, change{c.x.h.Now(), message})
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
