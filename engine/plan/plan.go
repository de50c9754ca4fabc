// Package plan tells what a run would call, in order, with nothing called: for whoever wrote a workflow, and for whoever must grant what
// it needs, before a first run.
//
// A program is walked as the interpreter would, on the way on which every step succeeds, with what is known: the inputs that are given,
// the request, and what tasks return that only compute. Where a value is not known yet, a text in ‹› says where it will come from, and
// nothing is evaluated that reads it. What hangs on a condition that is not known is shown under it. What only happens when something
// fails is told apart, and what a run will change in its systems once more, as a list.
//
// The permissions are those of every way through the definition, also those that the given inputs do not take.
//
// In reading order: plan.go (a plan is made), step.go (what it says of a step), walk.go (from step
// to step), task.go, read.go (what is really asked, where that is wanted) and one file a form:
// parallel.go, for_each.go with concurrent.go, switch.go, subworkflow.go, approval.go; handlers.go
// (on_failure and undo); effects.go (the list of changes), needs.go and policy.go (the permissions,
// and the least policy of AWS IAM); text.go, steps_text.go and value_text.go (a plan for people).
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

// Options are what a plan is made with.
type Options struct {
	Request string         // the service request's id; "" where it is not known
	Inputs  map[string]any // as Inputs makes them

	// Registry has the program's connectors, and masks what they return.
	Registry *task.Registry

	// Read has tasks that only read called where their input is known and nothing before them in the plan changes what they see, and has
	// systems asked whether they would permit the calls. Nothing is changed by it. Otherwise nothing is called at all.
	Read bool
	Now  time.Time // of the calls; a plan has no other clock

	Region string // of AWS, for the policy; "" stands for any
}

// MostSteps bounds a plan, which shows the steps of a loop once for each item.
const MostSteps = 20_000

// ErrTooLong is the error of a plan that would have more steps than MostSteps.
var ErrTooLong = fmt.Errorf("the plan has more than %d steps", MostSteps)

// New plans a run of a program. Its only error is ErrTooLong: whatever else is wrong is in the plan.
func New(ctx context.Context, p *program.Program, o Options) (*Plan, error) {
	pl := &planner{Options: o, ctx: ctx, without: map[program.Credential]string{}}
	made := &Plan{
		Version: 1, Workflow: p.Name, Title: p.Title, Digest: p.Digest, Request: o.Request, Read: o.Read, Timeout: duration(p.Timeout),
		Outputs: []Output{},
	}
	w := pl.begin(p, o.Inputs)
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
	made.Effects = append(pl.effects, pl.later...)
	made.Needs = pl.sortedNeeds()
	if pl.full() {
		return nil, ErrTooLong
	}
	return made, nil
}

// Inputs are a program's inputs as far as they are given: what has no value and no default is unknown. The error is that of a value that
// does not fit.
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

// A planner is the making of one plan.
type planner struct {
	Options
	ctx     context.Context
	effects []Effect // on the way on which all succeeds
	later   []Effect // when something fails, and in finally
	blocks  []Effect // what changes what is read after it

	needs   []need
	planned int // so many steps were
	aside   int // so many were for their effects alone

	without map[program.Credential]string // those that cannot be used, and why
}

func (pl *planner) full() bool { return pl.planned > MostSteps || pl.aside > MostSteps }

// begin is a walk at the start of a program.
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
		},
		"steps": w.steps,
	}
	return w
}

// duration is a time for people, "" where it is none.
func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return schema.FormatDuration(d)
}
