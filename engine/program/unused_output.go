package program

import (
	"strings"

	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

// unusedOutputs warns of a step that only computes or reads, has an id, and whose outputs nobody refers to: most often the step that was
// to use them names another. What has an effect is of use by itself, and so is what waits, polls, or decides by its failure that other
// steps stand in. The last step is what a run shows, and a workflow that only reads shows all it does.
func (c *compiler) unusedOutputs() {
	if c.read["steps"] || !programActs(c.program) && len(c.program.Outputs) == 0 {
		return
	}
	last := map[*Step]bool{}
	markLast(c.program.Steps, last)
	for _, s := range c.places() {
		if s.ID == "" || last[s.Step] || len(s.OnFailure) > 0 || len(s.Undo) > 0 || c.refersTo(s) {
			continue
		}
		if _, calls := s.Action.(caller); !calls || acts(s.Action) {
			continue
		}
		what := calleeOf(c.written[s.Step])
		help := "refer to them, such as ${{ steps." + s.ID + "." + ownOutput(s.Outputs) + " }}, or remove the step"
		if !isPure(s.Action) {
			help += "; where it is there only to fail if nothing is found, remove its id"
		}
		c.report(diag.Problem{
			Rule: "unused-output", Severity: diag.Warning, Range: c.written[s.Step].ID.Range, Label: "is referred to nowhere",
			Message: `nobody uses the outputs of step "` + s.ID + `", and ` + what + " does nothing else", Help: help,
		})
	}
}

// refersTo reports whether an expression reads an output of a step, or of a loop around it, whose
// items hold the outputs.
func (c *compiler) refersTo(s Place) bool {
	if c.reads(s.ID) {
		return true
	}
	for _, e := range s.Around {
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

// looks reports whether all that a task does is in its outputs. One that computes and is given a
// duration waits, such as timer.delay.
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

// programActs reports whether a run of a program leaves anything behind but its outputs, or takes
// time.
func programActs(p *Program) bool {
	for s := range p.Places() {
		if acts(s.Action) {
			return true
		}
	}
	return false
}

// acts reports whether an action itself leaves anything behind but its outputs, or takes time. An
// action that holds steps does not.
func acts(a Action) bool {
	if t, ok := a.(*Task); ok {
		return !looks(t.Type) || t.Until != nil
	}
	if w, ok := a.(*Subworkflow); ok {
		return programActs(w.Program)
	}
	_, asks := a.(*Approval)
	return asks
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
