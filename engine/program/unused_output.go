package program

import (
	"slices"
	"strings"

	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

// unusedOutputs warns of a step that only computes or reads, has an id, and whose outputs nobody refers to: most often the step that was
// to use them names another. What has an effect is of use by itself, and so is what waits, polls, or decides by its failure that other
// steps stand in. The last step is what a run shows, and a workflow that only reads shows all it does.
func (c *compiler) unusedOutputs() {
	if c.read["steps"] || !acts(c.program) && len(c.program.Outputs) == 0 {
		return
	}
	last := map[*Step]bool{}
	markLast(c.program.Steps, last)
	for _, s := range c.standings() {
		if s.ID == "" || last[s.Step] || len(s.OnFailure) > 0 || len(s.Undo) > 0 || c.refersTo(s) {
			continue
		}
		var output, what string
		switch a := s.Action.(type) {
		case *Task:
			if a.Until != nil || !looks(a.Type) {
				continue
			}
			what, output = a.Type.Name, ownOutput(a.Type.Output)
		case *Subworkflow:
			if acts(a.Program) {
				continue
			}
			what, output = "the workflow "+a.Program.Name, ownOutput(s.Outputs)
		default:
			continue
		}
		help := "refer to them, such as ${{ steps." + s.ID + "." + output + " }}, or remove the step"
		if !isPure(s.Action) {
			help += "; where it is there only to fail if nothing is found, remove its id"
		}
		c.report(diag.Problem{
			Rule: "unused-output", Severity: diag.Warning, Range: s.d.ID.Range, Label: "is referred to nowhere",
			Message: `nobody uses the outputs of step "` + s.ID + `", and ` + what + " does nothing else", Help: help,
		})
	}
}

// refersTo tells whether an expression reads an output of a step, or of a loop around it, whose items hold the outputs.
func (c *compiler) refersTo(s standing) bool {
	if c.reads(s.ID) {
		return true
	}
	for _, e := range s.around {
		if _, loop := e.Action.(*ForEach); loop && e.ID != "" && c.reads(e.ID) {
			return true
		}
	}
	return false
}

func (c *compiler) reads(id string) bool {
	for path := range c.read {
		if rest, ok := strings.CutPrefix(path, "steps."+id); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// looks tells whether all that a task does is in its outputs. One that computes and is given a duration waits, such as timer.delay.
func looks(t task.Type) bool {
	switch t.Effect {
	case task.Reads:
		return true
	case task.Pure:
		for _, f := range t.Input.Fields {
			if f.Type.Kind == schema.Duration {
				return false
			}
		}
		return true
	}
	return false
}

func isPure(a Action) bool {
	t, ok := a.(*Task)
	return ok && t.Type.Effect == task.Pure
}

// acts tells whether a run of a program leaves anything behind but its outputs, or takes time.
func acts(p *Program) bool {
	return slices.ContainsFunc([][]*Step{p.Steps, p.OnFailure, p.Finally}, listActs)
}

func listActs(steps []*Step) bool {
	for _, s := range steps {
		switch a := s.Action.(type) {
		case *Task:
			if !looks(a.Type) || a.Until != nil {
				return true
			}
		case *Approval:
			return true
		case *Subworkflow:
			if acts(a.Program) {
				return true
			}
		}
		if slices.ContainsFunc(append(s.Lists(), s.OnFailure, s.Undo), listActs) {
			return true
		}
	}
	return false
}

// markLast marks the steps after which nothing comes.
func markLast(steps []*Step, last map[*Step]bool) {
	if len(steps) == 0 {
		return
	}
	s := steps[len(steps)-1]
	last[s] = true
	for _, list := range s.Lists() {
		markLast(list, last)
	}
}

// ownOutput is the first output that not every step has.
func ownOutput(t schema.Type) string {
	if len(t.Fields) > len(task.Result) {
		return t.Fields[len(task.Result)].Name
	}
	return "success"
}
