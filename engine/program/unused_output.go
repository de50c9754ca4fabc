package program

import (
	"strings"

	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

// unusedOutputs warns of a step with an id that only computes or reads, and whose outputs no
// expression reads. The usual cause is that another step should use them but has a wrong name. A
// step counts as used if it has an effect, waits, polls or has on_failure steps. The last step also
// counts, because a run shows its outputs. A workflow that only reads and returns nothing is not
// checked, because its run shows everything that it does. A step also counts if its purpose is to fail.
func (c *compiler) unusedOutputs() {
	if c.read["steps"] || !programHasEffect(c.program) && len(c.program.Outputs) == 0 {
		return
	}
	last := map[*Step]bool{}
	markLast(c.program.Steps, last)
	for _, s := range c.places() {
		if s.ID == "" || last[s.Step] || len(s.OnFailure) > 0 || len(s.Undo) > 0 || c.refersTo(s) {
			continue
		}
		if _, calls := s.Action.(caller); !calls || hasEffect(s.Action) || isCheck(s.Action) {
			continue
		}
		what := calleeOf(c.written[s.Step])
		help := "use an output, such as ${{ steps." + s.ID + "." + ownOutput(s.Outputs) + " }}, or remove the step"
		if !isPure(s.Action) {
			help += "; if the step should only fail when nothing is found, remove its id"
		}
		c.report(diag.Problem{
			Rule: "unused-output", Severity: diag.Warning, Range: c.written[s.Step].ID.Range, Label: "is not used",
			Message: `the outputs of step "` + s.ID + `" are not used, and ` + what + " has no other effect", Help: help,
		})
	}
}

// refersTo reports whether an expression reads an output of a step or of an enclosing loop. The
// items of a loop contain the outputs of its steps.
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

// onlyReads reports whether the outputs of a task are its only result. A task that waits, such as
// timer.delay, has the wait as another one.
func onlyReads(t task.Type) bool {
	switch t.Effect {
	case task.Reads:
		return true
	case task.Pure:
		return !t.Waits
	}
	return false
}

func isPure(a Action) bool {
	t, ok := a.(*Task)
	return ok && t.Type.Effect == task.Pure
}

// programHasEffect reports whether a run of a program has an effect or takes time.
func programHasEffect(p *Program) bool {
	for s := range p.Places() {
		if hasEffect(s.Action) {
			return true
		}
	}
	return false
}

// hasEffect reports whether an action itself has an effect or takes time. An action that only
// contains steps does not.
func hasEffect(a Action) bool {
	if t, ok := a.(*Task); ok {
		return !onlyReads(t.Type) || t.Until != nil
	}
	if w, ok := a.(*Subworkflow); ok {
		return programHasEffect(w.Program)
	}
	_, asks := a.(*Approval)
	return asks
}

// isCheck reports whether the purpose of an action may be to fail: it calls a type that checks, or a
// workflow that does so or has a step `fail`.
func isCheck(a Action) bool {
	if t, ok := a.(*Task); ok {
		return t.Type.Checks
	}
	if w, ok := a.(*Subworkflow); ok {
		for s := range w.Program.Places() {
			if isCheck(s.Action) {
				return true
			}
		}
	}
	_, fails := a.(*Fail)
	return fails
}

// markLast marks the steps after which no other step runs.
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

// ownOutput returns the first output that is not common to all steps.
func ownOutput(t schema.Type) string {
	if len(t.Fields) > len(task.Result) {
		return t.Fields[len(task.Result)].Name
	}
	return "success"
}
