package generator

import (
	"maps"
	"slices"
	"strings"

	"errand/engine/schema"
)

// list writes n steps, or fewer if the budget is used up.
func (w *writer) list(n, depth int) {
	for range n {
		w.budget--
		if w.percent(4) {
			w.item(w.fail)
			continue
		}
		w.item(func() { w.step(depth) })
		if w.budget < 0 {
			return
		}
	}
}

// step writes one step. depth is the number of steps around it.
func (w *writer) step(depth int) {
	s := step{}
	w.focus = ""
	if len(w.known) > 0 {
		w.focus = "steps." + w.known[w.IntN(len(w.known))].id
	}
	if s.id = w.newName("s"); !w.percent(85) {
		s.id = ""
	} else {
		w.line("id: %s", s.id)
	}
	if len(w.Titles) > 0 && w.percent(50) {
		w.line("name: %s", quoted(w.pick(w.Titles...)))
	}
	var proofs []string
	if w.percent(30) || w.guards && w.percent(30) {
		s.maybe = true
		var condition string
		condition, proofs = w.ifCondition()
		w.slot("if: "+single(condition), "if: 'true'")
	}
	lenient := w.IntN(10)
	s.lenient = lenient < 4
	first := len(w.known)
	var gained map[string]bool
	ifs := slices.Clone(w.ifs)
	w.withProofs(proofs, func() {
		w.gained = nil
		s.outputs = w.form(depth)
		gained, w.gained = w.gained, nil
		s.settles, w.settles = w.settles, false
		for i := first; i < len(w.known); i++ {
			w.known[i].maybe = w.known[i].maybe || s.maybe || s.lenient
			w.known[i].lenient = w.known[i].lenient || s.lenient
			if s.id != "" && (s.lenient || w.known[i].around == "") {
				w.known[i].around = s.id
			}
		}
		w.undo(s, depth)
	})
	if !s.maybe && !s.lenient {
		w.prove(gained)
	} else if w.Risk == 0 {
		w.ifs = ifs // a condition inside may read what may not have run
	}
	if s.id != "" {
		w.known = append(w.known, s)
		w.all = append(w.all, s.id)
	}
	switch {
	case lenient < 2 || lenient < 4 && (depth > 3 || w.budget <= 0):
		w.line("on_failure: continue")
	case lenient < 4:
		w.line("on_failure:")
		w.failureSteps(depth)
	}
}

// failureSteps writes the on_failure steps of a step.
func (w *writer) failureSteps(depth int) {
	first := len(w.known)
	outer := w.scope
	w.visible, w.handler, w.noFailure, w.proved, w.ifs = first, true, false, nil, nil
	w.list(1+w.IntN(2), depth+1)
	made := w.known[first:]
	w.scope = outer
	for _, s := range made {
		s.maybe = true
		w.known = append(w.known, s)
	}
}

// undo writes the undo steps of a step. They see its outputs and, if there is one, the failure.
func (w *writer) undo(s step, depth int) {
	if w.plain || w.budget <= 0 || !w.percent(30) {
		return
	}
	w.line("undo:")
	w.plain = true
	w.inOwnScope(func() { // no other list sees these steps
		proofs := []string{}
		if s.id != "" {
			own := s
			own.maybe, own.lenient = false, s.settles
			w.known = append(w.known, own)
			if !s.settles {
				proofs = append(proofs, "steps."+s.id+succeeded)
			}
		}
		if !w.handler {
			w.roots = append(w.roots, failure)
		}
		w.noFailure, w.ifs = true, nil
		w.proved = maps.Clone(w.proved)
		maps.DeleteFunc(w.proved, func(path string, _ bool) bool { return strings.HasPrefix(path, "failure") })
		w.withProofs(proofs, func() { w.list(1+w.IntN(2), depth+1) })
	})
	w.plain = false
}

var failure = schema.Field{Name: "failure", Type: schema.ObjectOf(
	schema.Field{Name: "step", Type: schema.Of(schema.String)}, schema.Field{Name: "code", Type: schema.Of(schema.String)}, schema.Field{Name: "message", Type: schema.Of(schema.String)},
	schema.Field{Name: "name", Type: schema.Of(schema.String)}, schema.Field{Name: "done", Type: schema.ListOf(schema.Of(schema.String))},
).OrNull()}

// ifCondition returns the condition of a step and the places that the condition proves.
func (w *writer) ifCondition() (condition string, proofs []string) {
	switch {
	case len(w.ifs) > 0 && w.percent(25): // repeat the condition of another step
		return w.pick(w.ifs...) + w.pick("", "", " && inputs.who != \"bob\"", " && ("+w.condition(0)+")"), nil
	case w.percent(60):
		condition, proofs = w.proof()
	default:
		condition = w.condition(w.IntN(3))
	}
	if !strings.Contains(condition, "failure") && !strings.Contains(condition, "item") {
		w.ifs = append(w.ifs, "("+condition+")")
	}
	return condition, proofs
}

// form writes the form of a step, and returns the step's outputs.
func (w *writer) form(depth int) []schema.Field {
	if w.groups < 3 && depth < 5 && w.budget > 0 {
		switch n := w.IntN(100); {
		case n < 9 && !w.Sequential:
			return w.parallel(depth)
		case n < 20:
			return w.forEach(depth)
		case n < 30:
			return w.choice(depth)
		case n < 38:
			return w.group(depth)
		}
	}
	w.settles = false
	switch n := w.IntN(100); {
	case n < 12 && len(w.callees) > 0:
		return w.subworkflow()
	case n < 19:
		return w.approval()
	}
	return w.task()
}

// timeout writes a timeout with a probability in percent.
func (w *writer) timeout(percent int) {
	if w.percent(percent) {
		w.line("timeout: %s", w.pick("2s", "15s", "2m", "10m", "1d"))
	}
}
