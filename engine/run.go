package engine

import (
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
	URL     string         // run.url; "" means null
	Inputs  map[string]any // canonical, as the program's Inputs type makes them
	Started time.Time      // when the run was asked for; zero means now. It may have waited for its turn since.

	// WithoutDoubt leaves out of messages that an earlier attempt may have taken effect. Whoever
	// compares a run with one that a crash has cut off wants the same texts.
	WithoutDoubt bool
}

// doubt is a sentence about an attempt without an answer, unless the run is to leave such out.
func (x *run) doubt(sentence string) string {
	if x.withoutDoubt {
		return ""
	}
	return sentence
}

// Run carries out a program from its start to its end. It returns an error only if the host does: the
// run cannot go on now, and the result shows how far it came.
func Run(h Host, r Request, p *program.Program) (Result, error) {
	now := h.Now()
	if r.Started.IsZero() {
		r.Started = now
	}
	x := newRun(h, p, r)
	if p.Timeout > 0 {
		x.deadline, x.limit = now.Add(p.Timeout), notWithin("the workflow", p.Timeout)
	}
	h.Emit(Event{At: now, Kind: EventRunStarted, Run: r.Run, Name: p.Name, Request: r.Request})
	if err := x.carryOut(); err != nil {
		x.result.Status, x.result.Failure = Waiting, nil
		if x.uncertain != nil {
			x.result.Status, x.result.Failure = Uncertain, x.uncertain
		}
		return x.result, err
	}
	x.result.Ended = h.Now()
	h.Emit(x.ending())
	return x.result, nil
}

// newRun returns a run at its start. The request's Started is not zero.
func newRun(h Host, p *program.Program, r Request) *run {
	x := &run{h: h, p: p, id: r.Run, url: r.URL, steps: make(map[string]any, len(p.Steps)), withoutDoubt: r.WithoutDoubt}
	x.result = Result{
		Version: 1, Run: r.Run, Workflow: p.Name, Request: r.Request, Outputs: map[string]any{}, Started: r.Started, Steps: make([]StepResult, 0, len(p.Steps)),
	}
	var url any
	if r.URL != "" {
		url = r.URL
	}
	x.env = map[string]any{
		"inputs":  r.Inputs,
		"request": map[string]any{"id": r.Request},
		"run":     map[string]any{"id": r.Run, "url": url, "workflow": p.Name, "started_at": r.Started.UTC().Format(time.RFC3339)},
		"steps":   x.steps,
	}
	return x
}

// A run is the state of one execution: of a whole program, or of one list of steps beside others.
type run struct {
	h            Host
	p            *program.Program
	id           string
	url          string         // of Request
	in           program.Key    // the item of a loop or the step of another run that the steps are in
	deadline     time.Time      // of the main steps; zero means none
	limit        string         // what is said when it has passed
	paused       time.Duration  // in which no process worked on the run, or it waited for a person
	ended        time.Duration  // the part of paused between the end of the run and its retry
	env          map[string]any // what expressions see
	steps        map[string]any // its member "steps": id → outputs, nil until the step has run
	result       Result
	uncertain    *Failure    // what a person must decide about
	withoutDoubt bool        // of Request
	undos        []undo      // in the order of completion
	changes      []change    // likewise
	accepted     map[int]any // by the place of a step in result.Steps: what its change was told as when it was accepted
	around       *run        // the run that this one is a branch of; nil if there is none
}

// carryOut runs the main steps, and then the handlers that their end calls for.
func (x *run) carryOut() error {
	status, err := x.statusOf(x.main())
	if err != nil {
		return err
	}
	x.result.Status = status
	x.deadline = time.Time{} // a run whose time is up still says so on its request
	if status == Failed {
		x.env["failure"] = x.failureValue(*x.result.Failure)
	}
	if status != Succeeded {
		cancelled, err := x.cleanUp(x.undo)
		if err != nil {
			return err
		}
		if cancelled {
			status, x.result.Status = Cancelled, Cancelled
		}
	}
	if status == Failed {
		x.env["failure"] = x.failureValue(*x.result.Failure) // what the undo did is done, too
		if err := x.handler(HandlerOnFailure, x.p.OnFailure); err != nil {
			return err
		}
	}
	cancelled, err := x.cleanUp(func() error { return x.handler(HandlerFinally, x.p.Finally) })
	if err != nil {
		return err
	}
	if cancelled {
		x.result.Status = Cancelled
	}
	if x.result.Status != Succeeded {
		x.result.Outputs = map[string]any{}
	}
	return nil
}

// handler runs on_failure or finally. A failure there never hides the run's first failure.
func (x *run) handler(kind HandlerKind, steps []*program.Step) error {
	if len(steps) == 0 {
		return nil
	}
	x.emit(Event{Kind: EventHandlerBegins, Handler: kind})
	undos := slices.Clone(x.undos)
	status, err := x.statusOf(x.list(steps))
	x.undos = undos // the steps of a handler are not undone, nor are those of its subworkflows
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

// statusOf turns what ended a list of steps into a status. It keeps the first failure of the run.
func (x *run) statusOf(err error) (Status, error) {
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

// main runs the main steps, and makes the run's outputs from theirs.
func (x *run) main() error {
	if err := x.list(x.p.Steps); err != nil {
		return err
	}
	for _, o := range x.p.Outputs {
		data, err := o.Value.Render(x.env)
		if err != nil {
			return &stepFailure{Failure{Step: OutputStep + o.Name, Code: task.CodeLimit, Message: err.Error()}}
		}
		if x.result.Outputs[o.Name], err = anything.Decode(data); err != nil {
			return fmt.Errorf("output %s: %w", o.Name, err)
		}
	}
	return nil
}

var anything = schema.Type{Kind: schema.Any, Nullable: true}

// emit emits an event. If the run is retried from here, the host moves its clock to the retry, and
// the time until then does not count.
func (x *run) emit(e Event) {
	now := x.h.Now()
	e.At, e.Run = now, x.id
	x.h.Emit(e)
	x.skip(x.h.Now().Sub(now))
}

// skip moves the run's deadline by a time in which the run had ended.
func (x *run) skip(d time.Duration) {
	x.ended += d
	x.pause(d)
}

// ending is the last event.
func (x *run) ending() Event {
	e := Event{At: x.result.Ended, Kind: EventRunEnded, Run: x.id, Name: x.p.Name, Status: x.result.Status, Outputs: x.result.Outputs}
	if f := x.result.Failure; f != nil {
		e.Failure, e.Cause = &task.Failure{Code: f.Code, Message: f.Message}, f.Step
	}
	return e
}
