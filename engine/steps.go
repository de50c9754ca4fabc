package engine

import (
	"errors"

	"errand/engine/program"
	"errand/engine/task"
)

// A stepFailure ends a list of steps: a step failed, and nothing of its own took care of it.
type stepFailure struct{ Failure }

func (f *stepFailure) Error() string { return f.Step + ": " + f.Code + ": " + f.Message }

// list runs steps one after the other. Its error is a *stepFailure, ErrCancelled, or the host's.
func (x *run) list(steps []*program.Step) error {
	for _, s := range steps {
		if err := x.step(s); err != nil {
			return err
		}
	}
	return nil
}

func (x *run) step(s *program.Step) error {
	at := len(x.result.Steps)
	x.result.Steps = append(x.result.Steps, StepResult{ID: s.Key, Name: s.Name, Status: StepRunning, Outputs: map[string]any{}, Started: x.h.Now()})
	if t, ok := s.Action.(*program.Task); ok {
		x.result.Steps[at].Task = t.Type.Name
	}
	err := x.guarded(s, at)
	f, failed := errors.AsType[*stepFailure](err)
	if failed || err == nil || errors.Is(err, ErrCancelled) {
		x.result.Steps[at].Ended = x.h.Now()
	}
	if failed {
		return x.handled(s, f)
	}
	return err
}

// guarded runs the step's action where its `if` holds.
func (x *run) guarded(s *program.Step, at int) error {
	if s.If != nil {
		holds, err := s.If.Eval(x.env)
		if err != nil {
			return x.fail(s, at, &task.Failure{Code: task.CodeLimit, Message: "if: " + err.Error()})
		}
		if holds != true {
			x.result.Steps[at].Status = StepLeftOut
			x.emit(Event{Kind: StepSkipped, Step: s.Key, Name: s.Name})
			return nil
		}
	}
	switch a := s.Action.(type) {
	case *program.Task:
		return x.task(s, a, at)
	}
	panic("engine: a step without an action; was the program checked?")
}

// handled carries out a step's own on_failure: go on, or let other steps stand in. Where those fail too, the first failure counts.
func (x *run) handled(s *program.Step, f *stepFailure) error {
	if s.Continue {
		return nil
	}
	if len(s.OnFailure) == 0 {
		return f
	}
	outer, had := x.env["failure"]
	x.env["failure"] = x.failureValue(f.Failure)
	x.emit(Event{Kind: HandlerBegins, Step: s.Key, Message: "on_failure"})
	err := x.list(s.OnFailure)
	if had {
		x.env["failure"] = outer
	} else {
		delete(x.env, "failure")
	}
	if _, failed := errors.AsType[*stepFailure](err); failed {
		return f
	}
	return err
}

// fail notes a step's failure, for later expressions too.
func (x *run) fail(s *program.Step, at int, f *task.Failure) error {
	outputs := map[string]any{}
	for _, field := range s.Outputs.Fields {
		outputs[field.Name] = nil
	}
	outputs["success"], outputs["result_code"], outputs["result_message"] = false, f.ResultCode(), f.Message
	x.conclude(s, at, StepBroken, outputs)
	x.emit(Event{Kind: StepFailed, Step: s.Key, Name: s.Name, Failure: f})
	return &stepFailure{Failure{Step: s.Key, Code: f.Code, Message: f.Message}}
}

func (x *run) conclude(s *program.Step, at int, status StepStatus, outputs map[string]any) {
	x.result.Steps[at].Status = status
	x.result.Steps[at].Outputs = outputs
	if s.ID != "" {
		x.steps[s.ID] = outputs
	}
}
