package program

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/definition"
)

// A path is a way through a program, up to one of its steps, on which no step fails the run.
type path struct {
	facts facts
	last  *turn // the last of the turns that lead to this path
	known
}

// A turn is a step that matters to the rule, whether or not the path goes through it, or a decision.
type turn struct {
	before *turn
	step   *Step
	why    func() string // the decision, for messages; nil if there is none
}

// why returns the decisions that lead to the path, for messages.
func (p path) why() string {
	var all []string
	for t := p.last; t != nil; t = t.before {
		if t.why != nil {
			all = append(all, t.why())
		}
	}
	slices.Reverse(all)
	return strings.Join(all, ", and ")
}

// reached returns the steps that matter to the rule, in order.
func (p path) reached() []*Step {
	var all []*Step
	for t := p.last; t != nil; t = t.before {
		if t.why == nil {
			all = append(all, t.step)
		}
	}
	slices.Reverse(all)
	return all
}

// known is what the rules know at a place of a path.
type known struct {
	checked  bool     // a step has checked that the request may be worked on
	outdated *Step    // the wait since which the last check is old
	unseen   []change // the changes that were accepted, and whose result no step has seen
}

func (k known) equal(other known) bool {
	return k.checked == other.checked && k.outdated == other.outdated &&
		slices.EqualFunc(k.unseen, other.unseen, func(a, b change) bool { return a.step == b.step })
}

// distinct returns the list without repetitions.
func distinct(list []known) []known {
	var once []known
	for _, k := range list {
		if !slices.ContainsFunc(once, k.equal) {
			once = append(once, k)
		}
	}
	return once
}

func (p path) because(why func() string) path {
	p.last = &turn{p.last, nil, why}
	return p
}

// A pathRule is a rule about the order of steps.
type pathRule interface {
	// matters reports whether the rule asks for the step itself. A step that holds steps does not
	// matter by itself.
	matters(w *pathWalk, s *Step) bool

	// pass returns the path after a task or an approval that succeeded. goesOn is false if the rule
	// does not need the rest of the path.
	pass(w *pathWalk, s *Step, p path) (after path, goesOn bool)

	// calls is what a called workflow does on a path that goes on after it, for messages.
	calls() string
}

// A pathWalk follows the paths through one program.
type pathWalk struct {
	rule    pathRule
	program *Program
	written map[*Step]*definition.Step // nil for a called program
	given   map[string]belonging       // the belonging of each input, for a called program
	caller  *Step                      // the step of the checked definition that calls the program, or nil

	steps  *int    // how many steps were followed, in called programs, too
	inside []known // what the rule knew between the steps so far, for steps that fail halfway
}

// walkPaths returns a walk through the checked program.
func (c *compiler) walkPaths(rule pathRule) *pathWalk {
	return &pathWalk{rule: rule, program: c.program, written: c.written, steps: new(int)}
}

// callee returns a walk through the program that a step calls.
func (w *pathWalk) callee(s *Step, a *Subworkflow) *pathWalk {
	c := &pathWalk{rule: w.rule, program: a.Program, given: w.inputBelongings(a), caller: w.caller, steps: w.steps}
	if c.caller == nil {
		c.caller = s
	}
	return c
}

// site returns the step itself, or, if it belongs to a called program, the step of the checked
// definition that calls that program.
func (w *pathWalk) site(s *Step) *Step {
	if w.caller != nil {
		return w.caller
	}
	return s
}

// afterSuccess are the facts in finally after the run has succeeded.
var afterSuccess = facts{"failure == nil"}

// These limit the work: how many paths are followed side by side, and how many steps on all paths
// until only one path is followed. Every followed path is possible, so a warning is right even if
// further paths are ignored.
const (
	mostPaths        = 32
	mostStepsOnPaths = 10_000
)

// toTheEnd follows the paths on which the program succeeds, and returns those that the rule needs.
func (w *pathWalk) toTheEnd(from known) []path {
	open := w.list(w.program.Steps, []path{{known: from}})
	for i := range open {
		open[i].facts = slices.Concat(open[i].facts, afterSuccess)
	}
	return w.list(w.program.Finally, open)
}

func (w *pathWalk) list(steps []*Step, open []path) []path {
	for i, s := range steps {
		if len(open) == 0 {
			return nil
		}
		if i > 0 {
			w.addInside(open)
		}
		if !w.matters(s) {
			open = w.passing(s, open)
			continue
		}
		var after []path
		for _, p := range open {
			after = append(after, w.step(s, p)...)
		}
		most := mostPaths
		if *w.steps > mostStepsOnPaths {
			most = 1
		}
		open = after[:min(len(after), most)]
	}
	return open
}

// matters reports whether a step, or one inside it, matters to the rule. It ignores steps of an
// undo.
func (w *pathWalk) matters(s *Step) bool {
	for p := range s.Places() {
		if p.InUndo() {
			continue
		}
		if w.rule.matters(w, p.Step) {
			return true
		}
		if a, ok := p.Action.(*Subworkflow); ok {
			callee := w.callee(p.Step, a)
			if slices.ContainsFunc(a.Program.Steps, callee.matters) || slices.ContainsFunc(a.Program.Finally, callee.matters) {
				return true
			}
		}
	}
	return false
}

// passing returns the paths that go on after a step that does not matter: a `fail` ends the others.
func (w *pathWalk) passing(s *Step, open []path) []path {
	if s.If == nil && s.ends() {
		return nil
	}
	conditions := s.after()
	if len(conditions) == 0 {
		return open
	}
	var after []path
	for _, p := range open {
		if facts, possible := p.facts.with(w.program.Inputs, conditions); possible {
			p.facts = facts
			after = append(after, p)
		}
	}
	return after
}

// step follows a path through a step that matters.
func (w *pathWalk) step(s *Step, p path) []path {
	*w.steps++
	var after []path
	yes, no, mayHold, mayFail := p.facts.decide(s.If, w.program.Inputs)
	p.last = &turn{p.last, s, nil}
	if mayFail {
		skipped := p
		skipped.facts = no
		after = append(after, skipped.because(func() string { return "the `if` of " + w.describe(s) + " is not true" }))
	}
	if !mayHold {
		return after
	}
	p.facts = yes
	before := len(w.inside)
	after = append(after, w.action(s, p)...)
	inside := distinct(w.inside[before:])
	w.inside = append(w.inside[:before], inside...)
	return append(after, w.failed(s, p, inside)...)
}

// failed follows the paths on which a step fails and the run goes on. Steps inside it may have
// succeeded before.
func (w *pathWalk) failed(s *Step, p path, inside []known) []path {
	if !s.Continue && len(s.OnFailure) == 0 {
		return nil
	}
	p.facts = append(slices.Clone(p.facts), "!steps."+s.ID+".success")
	p = p.because(func() string {
		if s.Continue {
			return w.describe(s) + " fails, and the run goes on"
		}
		return w.describe(s) + " fails, and its on_failure steps run"
	})
	var open []path
	for _, k := range distinct(append([]known{p.known}, inside...)) {
		p.known = k
		open = append(open, p)
	}
	return w.list(s.OnFailure, open)
}

// addInside adds what the rule knows on paths through the inside of a step that may still fail.
func (w *pathWalk) addInside(open []path) {
	for _, p := range open {
		w.inside = append(w.inside, p.known)
	}

}

// action follows a path through the action of a step.
func (w *pathWalk) action(s *Step, p path) []path {
	switch a := s.Action.(type) {
	case *Parallel:
		return w.parallel(a, p)
	case *ForEach:
		return w.forEach(s, a, p)
	case *Switch:
		return w.cases(s, a, p)
	case *Group:
		return w.list(a.Steps, []path{p})
	case *Fail:
		return nil
	case *Subworkflow:
		return w.call(s, a, p)
	}
	if after, goesOn := w.rule.pass(w, s, p); goesOn {
		return []path{after}
	}
	return nil
}

// parallel follows a path through branches. The step ends when all branches have ended, so their
// order does not matter for what they do. But no branch may rely on a check in another one.
func (w *pathWalk) parallel(a *Parallel, p path) []path {
	open, checked := []path{p}, p.checked
	for _, b := range a.Branches {
		for i := range open {
			open[i].checked, open[i].outdated = p.checked, p.outdated
		}
		open = w.list(b.Steps, open)
		w.addInside(open)
		if all := !slices.ContainsFunc(open, func(p path) bool { return !p.checked }); all != p.checked {
			checked = all
		}
	}
	for i := range open {
		open[i].checked = checked
	}
	return open
}

// forEach follows a path through a loop for one item, and on to the next item, for which a step may
// come after a later step of the list.
func (w *pathWalk) forEach(s *Step, a *ForEach, p path) []path {
	var after []path
	some := p
	if !hasItems(a) {
		none, mayBeEmpty := p, true
		if condition, ok := a.hasItemsIf(); ok {
			none.facts, mayBeEmpty = p.facts.with(w.program.Inputs, []string{"!(" + condition + ")"})
			facts, mayHaveItems := p.facts.with(w.program.Inputs, []string{condition})
			if !mayHaveItems {
				return []path{p}
			}
			some.facts = facts
		}
		if mayBeEmpty {
			after = append(after, none.because(func() string { return "the loop" + w.line(s) + " has no items" }))
		}
	}
	open := w.list(a.Steps, []path{some})
	for i := range open {
		open[i].facts = a.facts(open[i].facts, some.facts)
	}
	w.addInside(open)
	w.list(a.Steps, open)
	return append(after, open...)
}

// call follows a path through a called workflow.
func (w *pathWalk) call(s *Step, a *Subworkflow, p path) []path {
	var after []path
	callee := w.callee(s, a)
	ends := callee.toTheEnd(p.known)
	w.inside = append(w.inside, callee.inside...)
	for _, q := range ends {
		next := p.because(func() string {
			text := fmt.Sprintf("the workflow %q %s", a.Program.Name, w.rule.calls())
			if why := q.why(); why != "" {
				text += " because in it " + why
			}
			return text
		})
		next.known = q.known
		after = append(after, next)
	}
	return slices.CompactFunc(after, func(a, b path) bool { return a.known.equal(b.known) })
}

func (w *pathWalk) cases(s *Step, a *Switch, p path) []path {
	var after []path
	d := w.written[s]
	for i, k := range a.Cases {
		yes, no, mayHold, mayFail := p.facts.decide(k.If, w.program.Inputs)
		if mayHold {
			inside := p
			inside.facts = yes
			inside = inside.because(func() string {
				if d == nil {
					return "the case is true"
				}
				return fmt.Sprintf("the case on line %d is true", d.Form.(*definition.Switch).Cases[i].Range.Start.Line)
			})
			after = append(after, w.list(k.Steps, []path{inside})...)
		}
		if !mayFail {
			return after
		}
		p.facts = no
	}
	none := p.because(func() string { return "no case of the switch" + w.line(s) + " is true" })
	return append(after, w.list(a.Else, []path{none})...)
}

// describe returns a description of a step, for messages.
func (w *pathWalk) describe(s *Step) string {
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
func (w *pathWalk) line(s *Step) string {
	if d := w.written[s]; d != nil {
		return fmt.Sprintf(" on line %d", d.Range.Start.Line)
	}
	return ""
}
