package engine

import (
	"errors"

	"errand/engine/expression"
	"errand/engine/program"
	"errand/engine/task"
)

// A stepFailure ends a list of steps: a step failed, and its own on_failure did not handle that.
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
	x.result.Steps = append(x.result.Steps, StepResult{ID: x.key(s), Name: s.Name, Status: StepRunning, Started: x.h.Now()})
	if t, ok := s.Action.(*program.Task); ok {
		x.result.Steps[at].Task = t.Type.Name
	}
	err := x.perform(s, at)
	f, failed := errors.AsType[*stepFailure](err)
	if failed || err == nil || errors.Is(err, ErrCancelled) {
		x.result.Steps[at].Ended = x.h.Now()
	}
	ended := err == nil || errors.Is(err, ErrCancelled) // a cancelled step may have succeeded before
	if ended && x.result.Steps[at].Status == StepSucceeded || x.endAccepted(s, at) {
		x.remember(s, x.result.Steps[at].Ended)
	}
	if failed {
		return x.handle(s, f)
	}
	return err
}

// key returns the key of a step, which events, journals and other systems get as a string.
func (x *run) key(s *program.Step) string { return string(x.in.Step(s.Key)) }

// perform runs the step's action if its `if` holds.
func (x *run) perform(s *program.Step, at int) error {
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
	case *program.Subworkflow:
		return x.subworkflow(s, a, at)
	case *program.Approval:
		return x.approval(s, a, at)
	case *program.Group:
		return x.inOrder(s, a, at)
	case *program.Fail:
		return x.failAsWritten(s, a, at)
	}
	panic("engine: a step without an action; was the program checked?")
}

// handle carries out a step's own on_failure: the run goes on, or other steps stand in for the failed
// one. If these fail too, the first failure counts.
func (x *run) handle(s *program.Step, f *stepFailure) error {
	if s.Continue {
		return nil
	}
	if len(s.OnFailure) == 0 {
		return f
	}
	outer, had := x.env["failure"]
	x.env["failure"] = x.failureValue(f.Failure)
	x.emit(Event{Kind: EventHandlerBegins, Step: x.key(s), Handler: HandlerOnFailure})
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

// asFailure reports whether the failure of a step ended a list.
func asFailure(err error) (*stepFailure, bool) { return errors.AsType[*stepFailure](err) }

// failGroup records the failure of a step that holds others: one of those has failed.
func (x *run) failGroup(s *program.Step, at int, f *Failure) {
	told := &task.Failure{Code: f.Code, Message: f.Message}
	x.recordFailure(s, at, told)
	x.emit(Event{Kind: EventStepFailed, Step: x.key(s), Name: s.Name, Failure: told, Cause: f.Step})
}

// recordFailure keeps a step's failure for later expressions.
func (x *run) recordFailure(s *program.Step, at int, f *task.Failure) {
	outputs := x.knownOutputs(s, at)
	outputs["success"], outputs["result_code"], outputs["result_message"] = false, f.ResultCode(), f.Message
	x.conclude(s, at, StepFailed, outputs)
	x.result.Steps[at].Details = f.Details
}

// unrendered returns the failure of a template that cannot be rendered: an expression was stopped, or a
// value is not allowed.
func unrendered(what string, err error) *task.Failure {
	f := &task.Failure{Code: task.CodeInput, Message: what + err.Error()}
	if expression.Stopped(err) {
		f.Code = task.CodeLimit
	}
	return f
}

// fail records a step's failure, emits it and returns it.
func (x *run) fail(s *program.Step, at int, f *task.Failure) error {
	x.recordFailure(s, at, f)
	x.emit(Event{Kind: EventStepFailed, Step: x.key(s), Name: s.Name, Failure: f})
	return &stepFailure{Failure{Step: x.key(s), Code: f.Code, Message: f.Message}}
}

func (x *run) conclude(s *program.Step, at int, status StepStatus, outputs map[string]any) {
	step := &x.result.Steps[at]
	step.Status, step.Outputs, step.Details = status, outputs, nil
	step.Accepted = step.Accepted && status != StepSucceeded
	if s.ID != "" {
		x.steps[s.ID] = outputs
	}
}
