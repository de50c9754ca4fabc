// Package plan describes what a run would call, in order, without calling it. It is for the authors
// of a workflow, and for the people who grant its permissions before the first run.
//
// New walks over a program as the interpreter does if every step succeeds. It uses the known
// values: the given inputs, the request, and the results of tasks that only compute. A value that
// is not known yet is a text in ‹› that says where it will come from. An expression that reads such
// a value is not evaluated; if it is a condition, the steps under it are shown with it. Steps that
// run only after a failure are listed separately, and so are all changes that a run makes.
//
// The permissions cover every possible course of the definition, not only that of the given inputs.
//
// In reading order: plan.go (a plan is made), step.go (the description of a step), walk.go (from step to
// step), task.go, read.go (the calls and questions of a plan with Read) and one file for each form:
// parallel.go, for_each.go with concurrent.go, switch.go, group.go, subworkflow.go, approval.go, fail.go;
// clock.go (time limits); handlers.go (on_failure and undo); concurrency.go; effects.go (the list of
// changes), needs.go and policy.go (the permissions, and the least IAM policy); text.go, steps_text.go and
// value_text.go (a plan for people).
package plan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// Options are the options of a plan.
type Options struct {
	Request string         // the service request's id; "" if it is not known
	Inputs  map[string]any // the result of Inputs

	// Registry has the connectors of the program. It masks the results of their tasks.
	Registry *task.Registry

	// Read allows the plan to call tasks that only read, if their input is known and no earlier
	// step changes what they read. It also allows the plan to ask systems whether they would permit
	// the calls. These requests change nothing. Without Read, the plan makes no requests.
	Read bool
	Now  time.Time // the time of the calls; a plan reads no clock

	Region string // the AWS region for the policy; "" means any
}

// MostSteps is the maximum number of steps in a plan. A plan repeats the steps of a loop for each
// item.
const MostSteps = 20_000

// ErrTooLong is the error for a plan with more than MostSteps steps.
var ErrTooLong = fmt.Errorf("the plan has more than %d steps", MostSteps)

// New plans a run of a program. Its only error is ErrTooLong: all other faults are part of the
// plan.
func New(ctx context.Context, p *program.Program, o Options) (*Plan, error) {
	pl := &planner{Options: o, ctx: ctx, without: map[program.Credential]string{}}
	made := &Plan{
		Version: 1, Workflow: p.Name, Title: p.Title, Digest: p.Digest, Request: o.Request, Read: o.Read, Timeout: duration(p.Timeout),
		Outputs: []Output{},
	}
	w := pl.begin(p, o.Inputs)
	made.Concurrency = w.concurrency(p)
	w.within(p.Timeout, "the workflow")
	made.Steps = w.list(p.Steps)
	for _, out := range p.Outputs {
		f, err := out.Value.Fill(w.env)
		shown := Output{Name: out.Name, Value: f.JSON, Unknown: f.Gaps}
		if err != nil {
			shown = Output{Name: out.Name, Fault: err.Error()}
		}
		made.Outputs = append(made.Outputs, shown)
	}
	made.OnFailure = w.onFailure(p)
	made.Finally = w.finally(p)
	made.Effects = append(append([]Effect{}, pl.effects...), pl.later...) // a list also if it is empty
	made.Needs = pl.sortedNeeds()
	if pl.isFull() {
		return nil, ErrTooLong
	}
	return made, nil
}

// Inputs returns the inputs of a program. An input without a value or a default is unknown. The
// error describes a value that does not fit.
func Inputs(p *program.Program, given map[string]any) (map[string]any, error) {
	optional := p.Inputs
	optional.Fields = slices.Clone(optional.Fields)
	for i := range optional.Fields {
		optional.Fields[i].Required = false
	}
	value, err := optional.Canonical(given)
	if err != nil {
		return nil, err
	}
	inputs := value.(map[string]any)
	for _, f := range p.Inputs.Fields {
		if inputs[f.Name] == nil && f.Required {
			inputs[f.Name] = program.ComesFrom("inputs." + f.Name)
		}
	}
	return inputs, nil
}

// A planner makes one plan.
type planner struct {
	Options
	ctx     context.Context
	effects []Effect // if every step succeeds
	later   []Effect // after a failure, and in finally
	blocks  []Effect // changes that later reads may see

	needs   []need
	planned int // the number of planned steps
	aside   int // the number of steps that were planned for their effects only

	without map[program.Credential]string // credentials that cannot be used, and why
}

func (pl *planner) isFull() bool { return pl.planned > MostSteps || pl.aside > MostSteps }

// begin returns a walk at the start of a program.
func (pl *planner) begin(p *program.Program, inputs map[string]any) *walk {
	request := any(pl.Request)
	if pl.Request == "" {
		request = program.ComesFrom("request.id")
	}
	w := &walk{planner: pl, p: p, steps: map[string]any{}}
	w.env = map[string]any{
		"inputs":  inputs,
		"request": map[string]any{"id": request},
		"run": map[string]any{
			"id": program.ComesFrom("run.id"), "workflow": p.Name, "started_at": program.ComesFrom("run.started_at"),
			"url": program.ComesFrom("run.url"),
		},
		"steps": w.steps,
	}
	return w
}

// duration returns a duration as a text, or "" if it is 0.
func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return schema.FormatDuration(d)
}
