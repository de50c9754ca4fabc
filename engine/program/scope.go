package program

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
	"errand/engine/task"
)

// A view is what the steps of one list may see.
type view struct {
	handler        bool // the list belongs to an on_failure or to finally: `failure` is there
	visible        int  // so many of the known steps ran, or did not, before the handler was entered
	maybeNoFailure bool // in finally the run may have succeeded, and in an undo it may have been cancelled
	otherFailure   int  // of so many known steps the conditions were about another failure than that which is seen now

	facts []string       // conditions that hold wherever the list runs, in canonical text: those of the steps around it
	roots []schema.Field // further names: the items of the loops around it
}

// within is the view of a list inside a step, under further conditions.
func (v view) within(s *Step, conditions ...string) view {
	v.facts = slices.Clone(v.facts)
	if s.If != nil {
		v.facts = append(v.facts, s.If.Implies()...)
	}
	v.facts = append(v.facts, conditions...)
	v.roots = slices.Clone(v.roots)
	return v
}

// A knownStep is a step that later expressions may name.
type knownStep struct {
	id        string
	task      string      // the task type, for messages
	outputs   schema.Type // an object; Kind "" where the task type is not known
	failed    schema.Type // the outputs where the step may have failed
	conjuncts []string    // of its `if`; nil where it has none
	lenient   bool        // its failure lets the run go on
	standIn   bool        // it belongs to another step's on_failure
	inside    string      // the step around it whose failure lets the run go on, for messages; "" where there is none
}

// A hiddenStep is one that ran, and cannot be named from where an expression stands.
type hiddenStep struct{ message, help string }

// learn makes a step visible to those after it.
func (c *compiler) learn(d *definition.Step, s *Step) {
	if d.ID.Value == "" {
		return
	}
	k := knownStep{id: d.ID.Value, task: "this step", outputs: s.Outputs, failed: afterFailure(s.Outputs), lenient: d.OnFailure != nil}
	if callee := calleeOf(d); callee != "" {
		k.task = callee
	}
	if s.If != nil { // a condition that is broken says nothing
		k.conjuncts = append([]string{}, s.If.Implies()...)
	}
	c.known = append(c.known, k)
}

// calleeOf returns what a step calls, for messages; "" if it calls nothing.
func calleeOf(d *definition.Step) string {
	form, ok := d.Form.(definition.Caller)
	if _, workflow := form.(*definition.Subworkflow); workflow {
		return "the workflow " + form.Callee().Value
	}
	if !ok {
		return ""
	}
	return form.Callee().Value
}

// enclose makes the steps that were learnt since there were so many steps of a list inside s: they ran only where s did, under the
// list's conditions.
func (c *compiler) enclose(first int, d *definition.Step, s *Step, conditions ...string) {
	around := slices.Clone(conditions)
	if s.If != nil {
		around = append(s.If.Implies(), around...)
	}
	c.sight.forget(first)
	for i := first; i < len(c.known); i++ {
		k := &c.known[i]
		if len(around) > 0 || s.If != nil {
			k.conjuncts = append(slices.Clone(around), k.conjuncts...)
		}
		if d.OnFailure != nil {
			k.inside = s.Key
		}
	}
}

// hide takes the steps that were learnt since there were so many out of reach, and says why. In the words %s is the step.
func (c *compiler) hide(first int, message, help string) []knownStep {
	taken := slices.Clone(c.known[first:])
	for _, k := range taken {
		c.hidden[k.id] = hiddenStep{strings.ReplaceAll(message, "%s", k.id), strings.ReplaceAll(help, "%s", k.id)}
	}
	c.known = c.known[:first]
	c.sight.forget(first)
	return taken
}

// show brings steps back into reach.
func (c *compiler) show(steps []knownStep) {
	for _, k := range steps {
		delete(c.hidden, k.id)
	}
	c.known = append(c.known, steps...)
}

// scope is what an expression may name in a view. condition is the step's own `if`, which holds wherever the step is evaluated.
func (c *compiler) scope(v view, condition *expression.Program, extra ...schema.Field) expression.Scope {
	seen := c.look(v)
	scope := expression.Scope{Why: c.why, Missing: c.missing, Proofs: seen.proofs}
	scope.Roots = append([]schema.Field{
		{Name: "inputs", Type: c.inputType},
		{Name: "request", Type: requestType},
		{Name: "run", Type: runType},
		{Name: "steps", Type: schema.Type{Kind: schema.Object, Fields: seen.steps}},
	}, extra...)
	if v.handler {
		t := failureType
		t.Nullable = v.maybeNoFailure
		scope.Roots = append(scope.Roots, schema.Field{Name: "failure", Type: t})
	}
	scope.Roots = append(scope.Roots, v.roots...)
	scope.Facts = slices.Clone(v.facts)
	if condition != nil {
		scope.Facts = append(scope.Facts, condition.Implies()...)
	}
	return scope
}

// A sight is the known steps as some views see them, so far as they were looked at. It grows and shrinks with what is known: a scope is
// used up before further steps are compiled.
type sight struct {
	handler               bool
	visible, otherFailure int // as in the view
	steps                 []schema.Field
	proofs                []expression.Proof
	upTo                  []int // how many of the proofs are of each step and those before it
}

// forget drops what was seen of the steps that were learnt since there were so many.
func (s *sight) forget(first int) {
	if s == nil || first >= len(s.steps) {
		return
	}
	proofs := 0
	if first > 0 {
		proofs = s.upTo[first-1]
	}
	s.steps, s.proofs, s.upTo = s.steps[:first], s.proofs[:proofs], s.upTo[:first]
}

// look is the sight of a view. Most expressions see the same as the one before: that of a step's `if`, of its parameters, of its `until`.
func (c *compiler) look(v view) *sight {
	s := c.sight
	if s == nil || s.handler != v.handler || s.visible != v.visible || s.otherFailure != v.otherFailure {
		s = &sight{handler: v.handler, visible: v.visible, otherFailure: v.otherFailure, steps: []schema.Field{}}
		c.sight = s
	}
	for i := len(s.steps); i < len(c.known); i++ {
		k := &c.known[i]
		t, proofs := k.seen(v, i)
		s.steps = append(s.steps, schema.Field{Name: k.id, Type: t})
		s.proofs = append(s.proofs, proofs...)
		s.upTo = append(s.upTo, len(s.proofs))
	}
	return s
}

// seen is the type under which a view sees the step, and what would prove more of it.
func (k *knownStep) seen(v view, index int) (schema.Type, []expression.Proof) {
	if k.outputs.Kind == "" {
		return schema.Type{}, nil
	}
	path := "steps." + k.id
	full, failed := k.outputs.NotNull(), k.failed
	succeeded := expression.Proof{If: []string{path + ".success"}, Path: path, Type: full}
	switch {
	case v.handler && index < v.visible, k.inside != "", k.standIn && k.lenient:
		return failed.OrNull(), []expression.Proof{succeeded}
	case k.standIn:
		return full.OrNull(), nil
	}
	seen := full
	var proofs []expression.Proof
	if k.lenient {
		seen = failed
	}
	if len(k.conjuncts) > 0 && (index >= v.otherFailure || !slices.ContainsFunc(k.conjuncts, aboutFailure)) {
		proofs = append(proofs, expression.Proof{If: k.conjuncts, Path: path, Type: seen})
	}
	if k.lenient { // the last proof that holds counts, so that of more comes last
		proofs = append(proofs, succeeded)
	}
	seen.Nullable = k.conjuncts != nil
	return seen, proofs
}

// afterFailure is the type of a step's outputs where it may have failed: what every step has, and nil for its own.
func afterFailure(outputs schema.Type) schema.Type {
	t := outputs.NotNull()
	t.Fields = append([]schema.Field{}, t.Fields...)
	for i := range t.Fields {
		switch t.Fields[i].Name {
		case "success", "result_code", "result_message":
		default:
			t.Fields[i].Type.Nullable = true
		}
	}
	return t
}

// resultOf is the type of the outputs of a step that has none of its own beside those that every step has.
func resultOf(own ...schema.Field) schema.Type {
	return schema.ObjectOf(append(slices.Clone(task.Result), own...)...)
}

var (
	text        = schema.Of(schema.String)
	requestType = schema.ObjectOf(schema.Field{Name: "id", Type: text})
	runType     = schema.ObjectOf(
		schema.Field{Name: "id", Type: text},
		schema.Field{Name: "workflow", Type: text},
		schema.Field{Name: "started_at", Type: text},
	)
	failureType = schema.ObjectOf(
		schema.Field{Name: "step", Type: text},
		schema.Field{Name: "code", Type: text},
		schema.Field{Name: "message", Type: text},
	)
)

// compileExpression checks an expression and reports its problems where they are in the file.
func (c *compiler) compileExpression(e *definition.Expression, scope expression.Scope) *expression.Program {
	if c.seen != nil {
		c.seen(e, scope)
	}
	compiled, problems := expression.Compile(e.Source, scope)
	for _, p := range problems {
		problem := diag.Problem{
			Rule: p.Rule, Message: p.Message, Range: e.Span(p.From, p.To), Label: p.Label, Help: p.Help, Notes: p.Notes,
			Fix: suggestion(e, p),
		}
		c.report(problem)
	}
	if compiled == nil {
		return nil // a problem was reported, here or where a name was declared
	}
	for _, path := range compiled.Paths() {
		c.read[path] = true
		c.program.NeedsRequest = c.program.NeedsRequest || path == "request.id"
	}
	return compiled
}
