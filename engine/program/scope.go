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

// A view describes what the steps of one list can see.
type view struct {
	handler bool // the list is in an on_failure or in finally: `failure` exists
	visible int  // the number of known steps before the handler; each may not have run
	// `failure` may be null: in finally after success, in an undo after a cancellation
	maybeNoFailure bool
	// the conditions of this many known steps are about another failure than the current one
	otherFailure int

	// conditions around the list, in canonical text; all are true when the list runs
	facts []string
	roots []schema.Field // further names: the items of the enclosing loops
}

// within returns the view of a list inside a step, under further conditions.
func (v view) within(s *Step, conditions ...string) view {
	v.facts = slices.Clone(v.facts)
	if s.If != nil {
		v.facts = append(v.facts, s.If.Implies()...)
	}
	v.facts = append(v.facts, conditions...)
	v.roots = slices.Clone(v.roots)
	return v
}

// A knownStep is a step that later expressions can name.
type knownStep struct {
	id        string
	task      string      // the task type or workflow, for messages
	outputs   schema.Type // an object; Kind is "" if the task type is unknown
	failed    schema.Type // the outputs if the step may have failed
	conjuncts []string    // the parts of its `if`; nil if it has none
	// further lists of conditions: if all of one list are true, the step has run
	otherwise [][]string
	lenient   bool // the run goes on after its failure
	standIn   bool // it is in another step's on_failure
	// an enclosing step after whose failure the run goes on, for messages; "" if there is none
	inside string
	// if all of these are true, that step succeeded, so this one has run; nil if nothing shows it
	completed []string
	approved  *schema.Type // the outputs of an approval if it was approved; nil if the outputs show no more
}

// A hiddenStep is a step that ran, but that an expression cannot name at its position.
type hiddenStep struct{ message, help string }

// addKnown adds a step to those that later steps can see.
func (c *compiler) addKnown(d *definition.Step, s *Step) {
	if d.ID.Value == "" {
		return
	}
	k := knownStep{id: d.ID.Value, task: "the step", outputs: s.shown(), failed: afterFailure(s.Outputs), lenient: d.OnFailure != nil}
	if callee := calleeOf(d); callee != "" {
		k.task = callee
	}
	if s.If != nil { // if the condition is broken, nothing is known
		k.conjuncts = append([]string{}, s.If.Implies()...)
	}
	if a, is := s.Action.(*Approval); is {
		k.approved = a.ifApproved()
	}
	c.known = append(c.known, k)
}

// calleeOf returns the name of the task type or workflow that a step calls, for messages. It
// returns "" if the step calls nothing.
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

// enclose marks the known steps from index first on as steps inside s: they ran only if s ran and
// the conditions of their list were true.
func (c *compiler) enclose(first int, d *definition.Step, s *Step, conditions ...string) {
	around := slices.Clone(conditions)
	if s.If != nil {
		around = append(s.If.Implies(), around...)
	}
	c.stepTypes.truncate(first)
	for i := first; i < len(c.known); i++ {
		k := &c.known[i]
		if d.OnFailure != nil && k.inside == "" && s.ID != "" && !k.standIn {
			k.completed = slices.Concat([]string{"steps." + s.ID + ".success"}, conditions, k.conjuncts)
		}
		if len(around) > 0 || s.If != nil {
			k.conjuncts = append(slices.Clone(around), k.conjuncts...)
			for j := range k.otherwise {
				k.otherwise[j] = append(slices.Clone(around), k.otherwise[j]...)
			}
		}
		if d.OnFailure != nil {
			k.inside = s.Key
		}
	}
}

// hide removes the known steps from index first on, so that expressions cannot name them. message
// and help explain this; %s in them is the id of the step.
func (c *compiler) hide(first int, message, help string) []knownStep {
	taken := slices.Clone(c.known[first:])
	for _, k := range taken {
		c.hidden[k.id] = hiddenStep{strings.ReplaceAll(message, "%s", k.id), strings.ReplaceAll(help, "%s", k.id)}
	}
	c.known = c.known[:first]
	c.stepTypes.truncate(first)
	return taken
}

// show adds hidden steps to the known steps again.
func (c *compiler) show(steps []knownStep) {
	for _, k := range steps {
		delete(c.hidden, k.id)
	}
	c.known = append(c.known, steps...)
}

// scope returns the names that an expression can use in a view. condition is the `if` of the step
// itself, which is true whenever the expression is evaluated.
func (c *compiler) scope(v view, condition *expression.Program, extra ...schema.Field) expression.Scope {
	seen := c.typesIn(v)
	scope := expression.Scope{Started: c.pinned, Why: c.why, Missing: c.missing, Proofs: seen.proofs, Consequences: seen.consequences}
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

// A stepTypes caches the types of the known steps for equal views. typesIn extends it when steps
// become known. A scope must not be used after more steps are compiled, because it shares the
// memory of the stepTypes.
type stepTypes struct {
	handler               bool
	visible, otherFailure int // as in the view
	steps                 []schema.Field
	proofs                []expression.Proof
	consequences          []expression.Consequence // of the steps with a condition
	upTo                  []upTo
}

// An upTo counts what comes from a step and those before it.
type upTo struct{ proofs, consequences int }

// truncate drops the entries of the known steps from index first on.
func (s *stepTypes) truncate(first int) {
	if s == nil || first >= len(s.steps) {
		return
	}
	var kept upTo
	if first > 0 {
		kept = s.upTo[first-1]
	}
	s.steps, s.upTo = s.steps[:first], s.upTo[:first]
	s.proofs, s.consequences = s.proofs[:kept.proofs], s.consequences[:kept.consequences]
}

// typesIn returns the step types in a view. It reuses the last result if the view is equal, as for
// a step's `if`, parameters and `until`.
func (c *compiler) typesIn(v view) *stepTypes {
	s := c.stepTypes
	if s == nil || s.handler != v.handler || s.visible != v.visible || s.otherFailure != v.otherFailure {
		s = &stepTypes{handler: v.handler, visible: v.visible, otherFailure: v.otherFailure, steps: []schema.Field{}}
		c.stepTypes = s
	}
	for i := len(s.steps); i < len(c.known); i++ {
		k := &c.known[i]
		t, proofs := k.typeIn(v, i)
		s.steps = append(s.steps, schema.Field{Name: k.id, Type: t})
		s.proofs = append(s.proofs, proofs...)
		if len(k.conjuncts) > 0 && k.conditionsLast(v, i) {
			s.consequences = append(s.consequences, expression.Consequence{Path: "steps." + k.id, Then: k.conjuncts})
		}
		s.upTo = append(s.upTo, upTo{len(s.proofs), len(s.consequences)})
	}
	return s
}

// typeIn returns the type of a known step in a view, and the proofs that would make the type more
// precise.
func (k *knownStep) typeIn(v view, index int) (schema.Type, []expression.Proof) {
	if k.outputs.Kind == "" {
		return schema.Type{}, nil
	}
	path := "steps." + k.id
	full, failed := k.outputs.NotNull(), k.failed
	succeeded := []expression.Proof{
		{If: []string{path + ".result_code == 0"}, Path: path, Type: full},
		{If: []string{path + ".success"}, Path: path, Type: full},
	}
	var approved []expression.Proof
	if k.approved != nil {
		approved = []expression.Proof{{If: []string{path + ".approved"}, Path: path, Type: *k.approved}}
	}
	switch {
	case v.handler && index < v.visible, k.inside != "", k.standIn && k.lenient:
		var completed []expression.Proof
		if k.completed != nil && k.conditionsLast(v, index) {
			ran := full
			if k.lenient {
				ran = failed
			}
			completed = []expression.Proof{{If: k.completed, Path: path, Type: ran}}
		}
		return failed.OrNull(), slices.Concat(completed, succeeded, approved)
	case k.standIn:
		return full.OrNull(), approved
	}
	seen := full
	var proofs []expression.Proof
	if k.lenient {
		seen = failed
	}
	if len(k.conjuncts) > 0 && k.conditionsLast(v, index) {
		for _, conditions := range append([][]string{k.conjuncts}, k.otherwise...) {
			proofs = append(proofs, expression.Proof{If: conditions, Path: path, Type: seen})
		}
	}
	if k.lenient { // the last true proof counts, so the stronger one comes last
		if k.conjuncts == nil { // the step has run, so `success` is true or false
			proofs = append(proofs, expression.Proof{If: []string{path + ".success != false"}, Path: path, Type: full})
		}
		proofs = append(proofs, succeeded...)
	}
	seen.Nullable = k.conjuncts != nil
	return seen, append(proofs, approved...)
}

// conditionsLast reports whether the conditions of a step mean in a view what they meant when the
// step ran: a handler's `failure` may be another one.
func (k *knownStep) conditionsLast(v view, index int) bool {
	return index >= v.otherFailure || !slices.ContainsFunc(k.conjuncts, aboutFailure)
}

// afterFailure returns the type of a step's outputs if the step may have failed: the common
// outputs, and its own outputs as nullable.
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

// resultOf returns the type of a step's outputs: those that every step has, and own.
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
		schema.Field{Name: "url", Type: text.OrNull(), Description: "The address of the run's page in the web console; null if the service that started the run has no public address, and for a run of the command line."},
	)
	failureType = schema.ObjectOf(
		schema.Field{Name: "step", Type: text},
		schema.Field{Name: "code", Type: text},
		schema.Field{Name: "message", Type: text},
		schema.Field{Name: "name", Type: text},
		schema.Field{Name: "done", Type: schema.ListOf(text)},
	)
)

// compileExpression checks an expression and reports its problems at their positions in the file.
func (c *compiler) compileExpression(e *definition.Expression, scope expression.Scope) *expression.Program {
	if c.observe != nil {
		c.observe(e, scope)
	}
	compiled, problems := c.compileSource(e.Source, scope)
	for _, p := range problems {
		problem := diag.Problem{
			Rule: p.Rule, Message: p.Message, Range: e.Span(p.From, p.To), Label: p.Label, Help: p.Help, Notes: p.Notes,
			Fix: suggestion(e, p),
		}
		c.report(problem)
	}
	if compiled == nil {
		return nil // a problem was reported, here or at the declaration of a name
	}
	for _, path := range compiled.Paths() {
		c.read[path] = true
		c.program.NeedsRequest = c.program.NeedsRequest || path == "request.id"
	}
	return compiled
}
