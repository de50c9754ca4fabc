package engine

import (
	"maps"

	"errand/engine/program"
	"errand/engine/task"
)

// accept records that the step's change took effect, with the outputs that are known so far. A
// replay of an older program's record finds no outputs here: that program did not undo such steps.
func (c *calling) accept(a *task.Again) {
	if len(a.Output) == 0 {
		return
	}
	step := &c.x.result.Steps[c.at]
	step.Accepted, step.Outputs = true, c.t.Type.Known(a.Output)
	if message := step.Outputs["result_message"]; message != nil {
		if c.x.accepted == nil {
			c.x.accepted = map[int]any{}
		}
		c.x.accepted[c.at] = message
	}
	for _, common := range task.Result { // the step has not ended
		delete(step.Outputs, common.Name)
	}
}

// knownOutputs returns the outputs of a step that did not succeed: null, except those that were
// known when its change was accepted.
func (x *run) knownOutputs(s *program.Step, at int) map[string]any {
	outputs := map[string]any{}
	for _, field := range s.Outputs.Fields {
		outputs[field.Name] = nil
	}
	maps.Copy(outputs, x.result.Steps[at].Outputs)
	return outputs
}

// endAccepted ends a step that did not succeed although its change was accepted. It reports whether
// the step is undone if the run fails: the outputs must be known that the check promises to its
// undo.
func (x *run) endAccepted(s *program.Step, at int) bool {
	step := &x.result.Steps[at]
	t, ok := s.Action.(*program.Task)
	if !ok || !step.Accepted || step.Status != StepFailed && step.Status != StepCancelled {
		return false
	}
	if step.Status == StepCancelled { // it has no outputs yet
		outputs := x.knownOutputs(s, at)
		outputs["success"], outputs["result_code"], outputs["result_message"] = false, 1, "cancelled after its change was accepted"
		x.conclude(s, at, StepCancelled, outputs)
	}
	return t.Type.Settles || t.Type.Complete(step.Outputs)
}
