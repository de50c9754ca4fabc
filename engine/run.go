package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// A Request asks for a run.
type Request struct {
	Run     string         // the run's id
	Request string         // the service request's id; may be empty
	Inputs  map[string]any // canonical, as the program's Inputs type makes them
	Grace   time.Duration  // does not count for the workflow's time-out: nobody was to work on the run
}

// Run carries out a program from its start to its end. Its error is the host's: the run cannot go on now, and the result tells how
// far it came.
func Run(h Host, r Request, p *program.Program) (Result, error) {
	now := h.Now()
	x := newRun(h, p, r.Run, r.Request, r.Inputs, now)
	if p.Timeout > 0 {
		x.deadline, x.limit = now.Add(p.Timeout+r.Grace), notWithin("the workflow", p.Timeout)
	}
	h.Emit(Event{At: now, Kind: EventRunStarted, Run: r.Run, Name: p.Name, Message: r.Request})
	if err := x.whole(); err != nil {
		x.result.Status, x.result.Failure = Waiting, nil
		if x.doubt != nil {
			x.result.Status, x.result.Failure = Uncertain, x.doubt
		}
		return x.result, err
	}
	x.result.Ended = h.Now()
	h.Emit(Event{At: x.result.Ended, Kind: EventRunEnded, Run: r.Run, Name: p.Name, Status: x.result.Status, Message: x.ending()})
	return x.result, nil
}

func newRun(h Host, p *program.Program, id, request string, inputs map[string]any, now time.Time) *run {
	x := &run{h: h, p: p, id: id, steps: map[string]any{}}
	x.result = Result{
		Version: 1, Run: id, Workflow: p.Name, Request: request, Outputs: map[string]any{}, Started: now, Steps: []StepResult{},
	}
	x.env = map[string]any{
		"inputs":  inputs,
		"request": map[string]any{"id": request},
		"run":     map[string]any{"id": id, "workflow": p.Name, "started_at": now.UTC().Format(time.RFC3339)},
		"steps":   x.steps,
	}
	return x
}

// A run is the state of one execution: of a whole program, or of one of several lists of steps that run side by side.
type run struct {
	h        Host
	p        *program.Program
	id       string
	prefix   string         // of the keys of steps: where the run stands in a loop or in another run
	deadline time.Time      // of the main steps; zero means none
	limit    string         // what is said when it has passed
	paused   time.Duration  // in which nobody was at work, or a person was thinking
	env      map[string]any // what expressions see
	steps    map[string]any // its member "steps": id → outputs, nil until the step has run
	result   Result
	doubt    *Failure // what a person must decide about
	undos    []undo   // in the order of completion
}

// whole runs the main steps, then what their end calls for.
func (x *run) whole() error {
	status, err := x.outcome(x.main())
	if err != nil {
		return err
	}
	x.result.Status = status
	x.deadline = time.Time{} // a run whose time is up still says so on its request
	if status == Failed {
		x.env["failure"] = x.failureValue(*x.result.Failure)
	}
	if status != Succeeded {
		if err := x.undo(); err != nil {
			return err
		}
	}
	if status == Failed {
		if err := x.handler("on_failure", x.p.OnFailure); err != nil {
			return err
		}
	}
	if err := x.handler("finally", x.p.Finally); err != nil {
		return err
	}
	if x.result.Status != Succeeded {
		x.result.Outputs = map[string]any{}
	}
	return nil
}

// handler runs on_failure or finally. What goes wrong there never hides the run's first failure.
func (x *run) handler(name string, steps []*program.Step) error {
	if len(steps) == 0 {
		return nil
	}
	x.emit(Event{Kind: EventHandlerBegins, Message: name})
	undos := slices.Clone(x.undos)
	status, err := x.outcome(x.list(steps))
	x.undos = undos // what a handler does, by a called workflow too, is not undone
	if err != nil {
		return err
	}
	switch {
	case status == Cancelled:
		x.result.Status = status
	case status == Failed && x.result.Status == Succeeded:
		x.result.Status = Failed
	}
	return nil
}

// outcome turns what ended a list of steps into a status. The first failure of the run is kept.
func (x *run) outcome(err error) (Status, error) {
	if err == nil {
		return Succeeded, nil
	}
	if f, ok := errors.AsType[*stepFailure](err); ok {
		if x.result.Failure == nil {
			x.result.Failure = &f.Failure
		}
		return Failed, nil
	}
	if errors.Is(err, ErrCancelled) {
		return Cancelled, nil
	}
	return "", err
}

// main runs the main steps, and makes the outputs of what they returned.
func (x *run) main() error {
	if err := x.list(x.p.Steps); err != nil {
		return err
	}
	for _, o := range x.p.Outputs {
		data, err := o.Value.Render(x.env)
		if err != nil {
			return &stepFailure{Failure{Step: "outputs." + o.Name, Code: task.CodeLimit, Message: err.Error()}}
		}
		if x.result.Outputs[o.Name], err = anything.Decode(data); err != nil {
			return fmt.Errorf("output %s: %w", o.Name, err)
		}
	}
	return nil
}

var anything = schema.Type{Kind: schema.Any, Nullable: true}

func (x *run) failureValue(f Failure) map[string]any {
	return map[string]any{"step": f.Step, "code": f.Code, "message": f.Message}
}

func (x *run) emit(e Event) {
	e.At, e.Run = x.h.Now(), x.id
	x.h.Emit(e)
}

// ending is what the last event says.
func (x *run) ending() string {
	if f := x.result.Failure; f != nil {
		return "at " + f.Step + ": " + f.Code + ": " + f.Message
	}
	if len(x.result.Outputs) > 0 {
		data, _ := json.Marshal(x.result.Outputs) // canonical values always encode
		return string(data)
	}
	return ""
}
