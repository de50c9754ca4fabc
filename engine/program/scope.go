package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

// A view is what the steps of one list may see.
type view struct {
	handler        bool // the list belongs to an on_failure or to finally: `failure` is there
	visible        int  // so many of the known steps ran, or did not, before the handler was entered
	maybeNoFailure bool // in finally the run may have succeeded
}

// A knownStep is a step that later expressions may name.
type knownStep struct {
	id        string
	task      string      // the task type, for messages
	outputs   schema.Type // an object; Kind "" where the task type is not known
	conjuncts []string    // of its `if`; nil where it has none
	lenient   bool        // its failure lets the run go on
	standIn   bool        // it belongs to another step's on_failure
}

// learn makes a step visible to those after it.
func (c *compiler) learn(d *definition.Step, s *Step) {
	if d.ID.Value == "" {
		return
	}
	k := knownStep{id: d.ID.Value, task: "this step", outputs: s.Outputs, lenient: d.OnFailure != nil}
	if form, ok := d.Form.(*definition.Task); ok {
		k.task = form.Type.Value
	}
	if s.If != nil { // a condition that is broken says nothing
		k.conjuncts = append([]string{}, s.If.Implies()...)
	}
	c.known = append(c.known, k)
}

// scope is what an expression may name in a view. condition is the step's own `if`, which holds wherever the step is evaluated.
func (c *compiler) scope(v view, condition *expression.Program, extra ...schema.Field) expression.Scope {
	steps := schema.ObjectOf()
	scope := expression.Scope{Why: c.why, Missing: c.missing}
	for i, k := range c.known {
		t, proofs := k.seen(v, i)
		steps.Fields = append(steps.Fields, schema.Field{Name: k.id, Type: t})
		scope.Proofs = append(scope.Proofs, proofs...)
	}
	scope.Roots = append([]schema.Field{
		{Name: "inputs", Type: c.inputType},
		{Name: "request", Type: requestType},
		{Name: "run", Type: runType},
		{Name: "steps", Type: steps},
	}, extra...)
	if v.handler {
		t := failureType
		t.Nullable = v.maybeNoFailure
		scope.Roots = append(scope.Roots, schema.Field{Name: "failure", Type: t})
	}
	if condition != nil {
		scope.Facts = condition.Implies()
	}
	return scope
}

// seen is the type under which a view sees the step, and what would prove more of it.
func (k knownStep) seen(v view, index int) (schema.Type, []expression.Proof) {
	if k.outputs.Kind == "" {
		return schema.Type{}, nil
	}
	path := "steps." + k.id
	full, failed := k.outputs.NotNull(), k.afterFailure()
	succeeded := expression.Proof{If: []string{path + ".success"}, Path: path, Type: full}
	switch {
	case v.handler && index < v.visible:
		return failed.OrNull(), []expression.Proof{succeeded}
	case k.standIn && k.lenient:
		return failed.OrNull(), []expression.Proof{succeeded}
	case k.standIn:
		return full.OrNull(), nil
	}
	seen := full
	var proofs []expression.Proof
	if k.lenient {
		seen = failed
	}
	if len(k.conjuncts) > 0 {
		proofs = append(proofs, expression.Proof{If: k.conjuncts, Path: path, Type: seen})
	}
	if k.lenient { // the last proof that holds counts, so that of more comes last
		proofs = append(proofs, succeeded)
	}
	seen.Nullable = k.conjuncts != nil
	return seen, proofs
}

// afterFailure is the type of a step's outputs where it may have failed: what every step has, and nil for its own.
func (k knownStep) afterFailure() schema.Type {
	t := k.outputs.NotNull()
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
	compiled, problems := expression.Compile(e.Source, scope)
	for _, p := range problems {
		problem := diag.Problem{
			Rule: p.Rule, Message: p.Message, Range: e.Span(p.From, p.To), Label: p.Label, Help: p.Help, Notes: p.Notes,
		}
		if p.Suggest != "" {
			problem.Fix = &diag.Fix{Title: "write " + p.Suggest, Range: problem.Range, Text: p.Suggest}
		}
		c.report(problem)
	}
	if compiled == nil {
		return nil // a problem was reported, here or where a name was declared
	}
	c.program.NeedsRequest = c.program.NeedsRequest || slices.Contains(compiled.Paths(), "request.id")
	return compiled
}
