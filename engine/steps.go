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
	x.result.Steps = append(x.result.Steps, StepResult{ID: x.key(s), Name: s.Name, Status: StepRunning, Outputs: map[string]any{}, Started: x.h.Now()})
	if t, ok := s.Action.(*program.Task); ok {
		x.result.Steps[at].Task = t.Type.Name
	}
	err := x.guarded(s, at)
	f, failed := errors.AsType[*stepFailure](err)
	if failed || err == nil || errors.Is(err, ErrCancelled) {
		x.result.Steps[at].Ended = x.h.Now()
	}
	if err == nil && len(s.Undo) > 0 && x.result.Steps[at].Status == StepSucceeded {
		x.remember(s, x.result.Steps[at].Ended)
	}
	if failed {
		return x.handled(s, f)
	}
	return err
}

// key names a step in events, in the journal and to the systems: it is another for each item of a loop.
func (x *run) key(s *program.Step) string { return x.prefix + s.Key }

// guarded runs the step's action where its `if` holds.
func (x *run) guarded(s *program.Step, at int) error {
	if s.If != nil {
		holds, err := s.If.Eval(x.env)
		if err != nil {
			return x.fail(s, at, &task.Failure{Code: task.CodeLimit, Message: "if: " + err.Error()})
		}
		if holds != true {
			x.result.Steps[at].Status = StepSkipped
			x.emit(Event{Kind: EventStepSkipped, Step: x.key(s), Name: s.Name})
			return nil
		}
	}
	switch a := s.Action.(type) {
	case *program.Task:
		return x.task(s, a, at)
	case *program.Parallel:
		return x.parallel(s, a, at)
	case *program.ForEach:
		return x.forEach(s, a, at)
	case *program.Switch:
		return x.choose(s, a, at)
	case *program.Call:
		return x.call(s, a, at)
	case *program.Approval:
		return x.approval(s, a, at)
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
	x.emit(Event{Kind: EventHandlerBegins, Step: x.key(s), Message: "on_failure"})
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

// asFailure tells whether what ended a list is the failure of a step.
func asFailure(err error) (*stepFailure, bool) { return errors.AsType[*stepFailure](err) }

// broken notes the failure of a step that holds others: it is the failure of one of these.
func (x *run) broken(s *program.Step, at int, f *Failure) {
	told := &task.Failure{Code: f.Code, Message: f.Message}
	x.failed(s, at, told)
	x.emit(Event{Kind: EventStepFailed, Step: x.key(s), Name: s.Name, Failure: told, Message: "at " + f.Step})
}

// failed keeps a step's failure, for later expressions.
func (x *run) failed(s *program.Step, at int, f *task.Failure) {
	outputs := map[string]any{}
	for _, field := range s.Outputs.Fields {
		outputs[field.Name] = nil
	}
	outputs["success"], outputs["result_code"], outputs["result_message"] = false, f.ResultCode(), f.Message
	x.conclude(s, at, StepFailed, outputs)
}

// fail notes a step's failure.
func (x *run) fail(s *program.Step, at int, f *task.Failure) error {
	x.failed(s, at, f)
	x.emit(Event{Kind: EventStepFailed, Step: x.key(s), Name: s.Name, Failure: f})
	return &stepFailure{Failure{Step: x.key(s), Code: f.Code, Message: f.Message}}
}

func (x *run) conclude(s *program.Step, at int, status StepStatus, outputs map[string]any) {
	x.result.Steps[at].Status = status
	x.result.Steps[at].Outputs = outputs
	if s.ID != "" {
		x.steps[s.ID] = outputs
	}
}
