package program

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
)

// The rule knows these task types by name.
const (
	closingTask = "ism.close_service_request"
	openingTask = "ism.create_service_request"
)

// openRequest warns if a run can succeed on one path that closes its service request and on another
// that leaves it open: the closing step has an `if`, is in one case of a switch, or may fail
// without failing the run. If a definition never closes its request, the rule assumes that others
// close it. Steps that run only after a failure of the run do not count.
func (c *compiler) openRequest() {
	w := &requestWalk{program: c.program, written: c.written}
	first := w.firstClosing(c.program.Steps)
	if first == nil {
		first = w.firstClosing(slices.DeleteFunc(slices.Clone(c.program.Finally), func(s *Step) bool {
			_, _, mayHold, _ := afterSuccess.decide(s.If, c.inputType)
			return !mayHold
		}))
	}
	if first == nil {
		return
	}
	open := w.openPaths()
	if len(open) == 0 {
		return
	}
	at := open[0].at
	if at == nil {
		at = first
	}
	p := diag.Problem{
		Rule: "open-request", Severity: diag.Warning, Range: placeOf(c.written[at]), Label: "not on every path",
		Message: "the run can succeed and leave its service request open",
		Help:    "close the request on that path too, or once for all paths: add a step with " + closingTask + " at the end of `steps`",
	}
	if why := open[0].why; len(why) > 0 {
		p.Notes = []string{"it stays open if " + strings.Join(why, ", and ")}
	}
	c.report(p)
}

// placeOf returns the position of the name that a step calls.
func placeOf(d *definition.Step) diag.Range {
	if form, ok := d.Form.(definition.Caller); ok {
		return form.Callee().Range
	}
	return d.Range
}

// An openPath is a path through a program that has not closed the request so far.
type openPath struct {
	facts facts
	why   []string // the decisions that lead to this path, for messages
	at    *Step    // the first closing step that the path skips
}

func (p openPath) because(why string, args ...any) openPath {
	p.why = append(slices.Clone(p.why), fmt.Sprintf(why, args...))
	return p
}

// A requestWalk follows the paths through one program.
type requestWalk struct {
	program *Program
	written map[*Step]*definition.Step // nil for a called program
	given   map[string]belonging       // the belonging of each input, for a called program
}

// A belonging says which request a step works on: the request of the run, or another one.
type belonging int

const (
	unknown belonging = iota // may be the request of the run
	own                      // is the request of the run
	foreign                  // is another request
)

// afterSuccess are the facts in finally after the run has succeeded.
var afterSuccess = facts{"failure == nil"}

// mostPaths limits the work. Every followed path is possible, so the warning is right even if
// further paths are ignored.
const mostPaths = 64

// openPaths follows the paths on which a run succeeds. It returns those that leave the request
// open.
func (w *requestWalk) openPaths() []openPath {
	open := w.list(w.program.Steps, []openPath{{}})
	for i := range open {
		open[i].facts = slices.Concat(open[i].facts, afterSuccess)
	}
	return w.list(w.program.Finally, open)
}

func (w *requestWalk) list(steps []*Step, open []openPath) []openPath {
	for _, s := range steps {
		if len(open) == 0 {
			continue
		}
		if !w.mayClose(s) {
			open = w.passing(s, open)
			continue
		}
		var after []openPath
		for _, p := range open {
			after = append(after, w.step(s, p)...)
		}
		open = after[:min(len(after), mostPaths)]
	}
	return open
}

// passing returns the paths that go on after a step that closes no request: a `fail` ends the others.
func (w *requestWalk) passing(s *Step, open []openPath) []openPath {
	if s.If == nil && s.ends() {
		return nil
	}
	conditions := s.after()
	if len(conditions) == 0 {
		return open
	}
	var after []openPath
	for _, p := range open {
		if facts, possible := p.facts.with(w.program.Inputs, conditions); possible {
			p.facts = facts
			after = append(after, p)
		}
	}
	return after
}

// step follows a path through a step that may close the request.
func (w *requestWalk) step(s *Step, p openPath) []openPath {
	var after []openPath
	yes, no, mayHold, mayFail := p.facts.decide(s.If, w.program.Inputs)
	if p.at == nil {
		p.at = w.firstClosing([]*Step{s})
	}
	if mayFail {
		skipped := p
		skipped.facts = no
		after = append(after, skipped.because("the `if` of %s is not true", w.describe(s)))
	}
	if !mayHold {
		return after
	}
	p.facts = yes
	after = append(after, w.action(s, p)...)
	failed := p
	failed.facts = append(slices.Clone(p.facts), "!steps."+s.ID+".success")
	switch {
	case s.Continue:
		after = append(after, failed.because("%s fails, and the run goes on", w.describe(s)))
	case len(s.OnFailure) > 0:
		after = append(after, w.list(s.OnFailure, []openPath{failed.because("%s fails, and its on_failure steps run", w.describe(s))})...)
	}
	return after
}

// action follows a path through the action of a step.
func (w *requestWalk) action(s *Step, p openPath) []openPath {
	switch a := s.Action.(type) {
	case *Task:
		if w.closes(a) {
			return nil
		}
	case *Parallel: // it ends when all branches have ended, so their order does not matter
		open := []openPath{p}
		for _, b := range a.Branches {
			open = w.list(b.Steps, open)
		}
		return open
	case *ForEach:
		if !hasItems(a) {
			return []openPath{p.because("the loop%s has no items", w.line(s))}
		}
		open := w.list(a.Steps, []openPath{p})
		for i := range open { // facts of one item may be false for the next
			open[i].facts = p.facts
		}
		return open
	case *Switch:
		return w.cases(s, a, p)
	case *Group:
		return w.list(a.Steps, []openPath{p})
	case *Fail:
		return nil
	case *Subworkflow:
		callee := &requestWalk{program: a.Program, given: w.inputBelongings(a)}
		open := callee.openPaths()
		if len(open) == 0 {
			return nil
		}
		why := fmt.Sprintf("the workflow %q leaves it open", a.Program.Name)
		if len(open[0].why) > 0 {
			why += " because in it " + strings.Join(open[0].why, ", and ")
		}
		return []openPath{p.because("%s", why)}
	}
	return []openPath{p}
}

func (w *requestWalk) cases(s *Step, a *Switch, p openPath) []openPath {
	var after []openPath
	d := w.written[s]
	for i, k := range a.Cases {
		yes, no, mayHold, mayFail := p.facts.decide(k.If, w.program.Inputs)
		if mayHold {
			inside := p
			inside.facts = yes
			where := ""
			if d != nil {
				where = fmt.Sprintf(" on line %d", d.Form.(*definition.Switch).Cases[i].Range.Start.Line)
			}
			after = append(after, w.list(k.Steps, []openPath{inside.because("the case%s is true", where)})...)
		}
		if !mayFail {
			return after
		}
		p.facts = no
	}
	none := p.because("no case of the switch%s is true", w.line(s))
	return append(after, w.list(a.Else, []openPath{none})...)
}

// mayClose reports whether a step may close the request on a path on which the run succeeds.
func (w *requestWalk) mayClose(s *Step) bool {
	return w.closing([]*Step{s}, func(whose belonging) bool { return whose != foreign }) != nil
}

func (w *requestWalk) closes(t *Task) bool {
	return t.Type.Name == closingTask && w.ticketOf(t) != foreign
}

// firstClosing returns the first step in a list, at any depth, that certainly closes the request of
// the run or calls a workflow that does. It returns nil if there is none.
func (w *requestWalk) firstClosing(steps []*Step) *Step {
	return w.closing(steps, func(whose belonging) bool { return whose == own })
}

// closing returns the first step in a list, at any depth, that closes a request of a given
// belonging or calls a workflow that does. It returns nil if there is none. It ignores steps of an
// undo.
func (w *requestWalk) closing(steps []*Step, is func(belonging) bool) *Step {
	for _, s := range steps {
		for p := range s.Places() {
			if p.InUndo() {
				continue
			}
			if t, ok := p.Action.(*Task); ok && t.Type.Name == closingTask && is(w.ticketOf(t)) {
				return p.Step
			}
			if a, ok := p.Action.(*Subworkflow); ok {
				callee := &requestWalk{program: a.Program, given: w.inputBelongings(a)}
				if callee.closing(a.Program.Steps, is) != nil || callee.closing(a.Program.Finally, is) != nil {
					return p.Step
				}
			}
		}
	}
	return nil
}

// ticketOf returns the belonging of the request that a closing step closes.
func (w *requestWalk) ticketOf(t *Task) belonging { return w.belongingOf(t.Input.member("ticket")) }

// inputBelongings returns the belonging of each input of a called program.
func (w *requestWalk) inputBelongings(a *Subworkflow) map[string]belonging {
	given := map[string]belonging{}
	for _, field := range a.Program.Inputs.Fields {
		given[field.Name] = w.belongingOf(a.Input.member(field.Name))
	}
	return given
}

// belongingOf returns the belonging of a value, by the paths that the value reads.
func (w *requestWalk) belongingOf(value node) belonging {
	whose := unknown
	for i, path := range pathsOf(value) {
		var one belonging
		root, rest, _ := strings.Cut(path, ".")
		name, _, _ := strings.Cut(rest, ".")
		switch root {
		case "request":
			one = own
		case "inputs":
			one = w.given[name]
		case "steps":
			if w.opens(name) {
				one = foreign
			}
		}
		if one == own || i == 0 {
			whose = one
		}
	}
	return whose
}

// opens reports whether the main step with an id opens another request.
func (w *requestWalk) opens(id string) bool {
	for p := range w.program.Places() {
		if p.ID == id && p.Section == definition.MainSteps {
			t, ok := p.Action.(*Task)
			return ok && t.Type.Name == openingTask
		}
	}
	return false
}

// hasItems reports whether a loop certainly has at least one item, for all inputs.
func hasItems(a *ForEach) bool {
	switch list := a.Items.root.(type) {
	case *listNode:
		return len(list.items) > 0
	case literalNode:
		items, ok := list.value.([]any)
		return ok && len(items) > 0
	}
	return false
}

// describe returns a description of a step, for messages.
func (w *requestWalk) describe(s *Step) string {
	d := w.written[s]
	switch {
	case s.ID != "" && d != nil:
		return fmt.Sprintf("step %q (line %d)", s.ID, d.Range.Start.Line)
	case d != nil:
		return fmt.Sprintf("the step on line %d", d.Range.Start.Line)
	}
	return fmt.Sprintf("step %q", s.Label())
}

// line returns " on line N" for a step, or "" if the step is in another file.
func (w *requestWalk) line(s *Step) string {
	if d := w.written[s]; d != nil {
		return fmt.Sprintf(" on line %d", d.Range.Start.Line)
	}
	return ""
}
