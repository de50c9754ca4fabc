package engine

import (
	"cmp"
	"errors"

	"errand/engine/task"
)

// What the message of a failure ends with if an earlier attempt may have taken effect: the message of
// a step's last failure, and that of a step whose time is up.
const (
	earlierDoubt = "; an earlier attempt was not answered and may have taken effect"
	lateDoubt    = "; an attempt that was not answered may have taken effect"
)

// What the message of a failure ends with after the looks for its effect: they found nothing, or
// one of them failed, and its own message follows.
const (
	foundNothing = "; it was looked for twice and had no effect"
	lookFailed   = "; it cannot be found out whether it took effect: "
)

// askOutcome asks a person whether the step took effect. No handler acts before the person decides:
// it would act on a guess.
func (c *calling) askOutcome(f *task.Failure) error {
	step := &c.x.result.Steps[c.at]
	step.Status = StepUncertain
	c.x.emit(Event{Kind: EventStepUncertain, Step: c.call.Step, Name: c.s.Name, Failure: f})
	asked := c.x.h.Now()
	d, err := c.x.h.Decide(Question{Step: c.call.Step, Failure: f})
	if errors.Is(err, ErrUndecided) {
		c.x.uncertain = &Failure{Step: c.call.Step, Code: f.Code, Message: f.Message}
	}
	if err != nil {
		return err
	}
	step.Status = StepRunning
	c.x.keepDecision(c.at, d)
	c.pause(c.x.h.Now().Sub(asked))
	c.failures = 0
	c.endDoubt()
	c.x.emit(Event{Kind: EventStepDecided, Step: c.call.Step, Name: c.s.Name, Verdict: d.Verdict, By: d.By})
	switch d.Verdict {
	case VerdictDone:
		return c.takeAsDone(d)
	case VerdictRetry:
		c.call.Attempt++
		c.call.Note = ""
		return c.cancelled
	}
	c.givenUp = true
	told := *f
	told.Unknown, told.Transient = false, false
	told.Message += "; it is taken as failed, as " + d.By.String() + " decided"
	failed := c.x.fail(c.s, c.at, &told)
	return cmp.Or(c.cancelled, failed) // a look was cancelled before
}

// takeAsDone goes on after a step that took effect, as a person decided. If the type can read the
// step's outputs, it does; otherwise they are empty.
func (c *calling) takeAsDone(d Decision) error {
	if c.t.Type.Settles {
		c.call.Settled = true
		return nil
	}
	outputs := outputsOfDone(c.t.Type, d.By)
	c.succeed(outputs, outputs["result_message"].(string))
	return nil
}

// outputsOfDone are the outputs of a step that was done, as a person decided: the step's own are not
// known.
func outputsOfDone(t task.Type, by Person) map[string]any {
	outputs := t.Output.Zero().(map[string]any) // an output is an object
	outputs["success"], outputs["result_message"] = true, "done, as "+by.String()+" decided; its outputs are not known"
	return outputs
}
