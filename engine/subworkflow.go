package engine

import (
	"fmt"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// subworkflow runs another program as a step, with its own inputs, handlers and outputs. What it
// did is undone with this run's steps if this run fails later.
func (x *run) subworkflow(s *program.Step, a *program.Subworkflow, at int) error {
	data, err := a.Input.Render(x.env)
	if err != nil {
		return x.fail(s, at, unrendered("", err))
	}
	inputs, err := a.Program.Inputs.Decode(data)
	if err != nil {
		return x.fail(s, at, &task.Failure{Code: task.CodeInput, Message: "the inputs of " + a.Program.Name + ": " + err.Error()})
	}
	x.emit(Event{Kind: EventStepStarted, Step: x.key(s), Name: s.Name, Input: data, Workflow: a.Program.Name})
	now := x.h.Now()
	x.result.Steps[at].Started = now
	request := x.env["request"].(map[string]any)["id"].(string)
	y := newRun(x.h, a.Program, Request{
		Run: x.id, Request: request, URL: x.url, Inputs: inputs.(map[string]any), Started: now, WithoutDoubt: x.withoutDoubt,
	})
	y.in = x.in.Step(s.Key)
	restore := x.applyTimeout(s)
	y.deadline, y.limit = x.deadline, x.limit
	restore()
	if due := after(now, a.Program.Timeout); !due.IsZero() && (y.deadline.IsZero() || due.Before(y.deadline)) {
		y.deadline, y.limit = due, notWithin("the workflow "+a.Program.Name, a.Program.Timeout)
	}
	err = y.carryOut()
	outcome := y.result
	y.steps = nil // they are the callee's own
	x.join([]*run{y})
	x.pause(y.paused)
	x.ended += y.ended
	switch {
	case err != nil:
		return err
	case outcome.Status == Cancelled:
		return x.concludeGroup(s, at, ErrCancelled, nil)
	case outcome.Status == Failed && outcome.Failure == nil:
		return x.fail(s, at, &task.Failure{Code: task.CodeInternal, Message: fmt.Sprintf("the workflow %s failed", a.Program.Name)})
	case outcome.Status == Failed:
		return x.concludeGroup(s, at, &stepFailure{*outcome.Failure}, nil)
	}
	own := map[string]any{}
	for name, value := range outcome.Outputs {
		if own[name], err = outputType(a.Program, name).Canonical(value); err != nil {
			return x.fail(s, at, &task.Failure{Code: task.CodeInternal, Message: "output " + name + ": " + err.Error()})
		}
	}
	return x.concludeGroup(s, at, nil, own)
}

// outputType is the type of a program's output. What a run returns is kept as JSON has it, where a duration is a text.
func outputType(p *program.Program, name string) schema.Type {
	for _, o := range p.Outputs {
		if o.Name == name {
			return o.Type
		}
	}
	return anything
}
