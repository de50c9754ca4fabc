package program

import (
	"errors"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

// A Subworkflow runs another program as a step.
type Subworkflow struct {
	Program *Program
	Input   Template // an object
}

// Form returns the word of the form and the name of the called workflow.
func (a *Subworkflow) Form() string { return definition.SubworkflowForm + " " + a.Program.Name }

// Lists returns nil: the steps of the called workflow are those of another program.
func (*Subworkflow) Lists() [][]*Step { return nil }

func (a *Subworkflow) input() Template { return a.Input }

// subworkflow compiles the form `workflow:`. The called workflow is checked separately. Here its
// inputs are checked against `with`, and its outputs become those of the step.
func (c *compiler) subworkflow(form *definition.Subworkflow, d *definition.Step, s *Step, v view) {
	name := form.Workflow.Value
	if name == "" {
		return // the parser has reported a problem
	}
	if d.If != nil && s.If == nil {
		defer c.dropMaybeNull(len(c.problems))
	}
	p, err := c.library(name)
	if err != nil {
		c.report(diag.Problem{
			Rule: "unusable-workflow", Range: form.Workflow.Range,
			Message: `the workflow "` + name + `" cannot be called: ` + err.Error(), Help: callHelp(err),
		})
		c.checkNames(form.With, c.scope(v, s.If))
		return
	}
	c.checkCalledKey(p, form.Workflow.Range)
	to := callee{name: "the workflow " + name, noun: "input", input: p.Inputs, at: form.Workflow.Range, crossing: intoInput}
	s.Action = &Subworkflow{Program: p, Input: c.parameters(form.With, to, form.Range, form.Partial, c.scope(v, s.If))}
	outputs := slices.Clone(task.Result)
	for _, o := range p.Outputs {
		if slices.ContainsFunc(task.Result, func(f schema.Field) bool { return f.Name == o.Name }) {
			c.report(diag.Problem{
				Rule: "unusable-workflow", Range: form.Workflow.Range,
				Message: `the workflow "` + name + `" cannot be called: its output "` + o.Name + `" has the same name as an output of every step`,
				Help:    "rename that output",
			})
			continue
		}
		outputs = append(outputs, schema.Field{Name: o.Name, Type: o.Type, Required: true})
	}
	s.Outputs = schema.ObjectOf(outputs...)
	c.program.NeedsRequest = c.program.NeedsRequest || p.NeedsRequest
	for _, used := range p.Credentials {
		if !slices.Contains(c.program.Credentials, used) {
			c.program.Credentials = append(c.program.Credentials, used)
		}
	}
}

func callHelp(err error) string {
	if errors.Is(err, errNoLibrary) {
		return "put both workflows into one folder, and use it as the folder of definitions"
	}
	return ""
}
