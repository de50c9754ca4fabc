package lsp

import (
	"fmt"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/intake"
	"errand/engine/program"
)

// isIntake reports whether a document has the rules of intake.
func (d *document) isIntake() bool { return definition.DetectIntake(d.file, []byte(d.text)) }

// observe checks a text of a document, a definition or an intake file, and calls the observer for
// each of its expressions.
func (c *connection) observe(d *document, text string, observer program.Observer) []diag.Problem {
	if d.isIntake() {
		_, problems := intake.Loader{Registry: c.Registry, Library: c.Library, Observe: observer}.Load(d.file, []byte(text))
		return problems
	}
	loader := c.loader(d, func(string) {})
	loader.Observe = observer
	_, problems := loader.Load(d.file, []byte(text))
	return problems
}

// intakeProblems returns the problems of an intake file, and the names of the files that it reads:
// its workflows and its schema. A problem of the schema is shown where the schema is named.
func (c *connection) intakeProblems(d *document) (problems []diag.Problem, names []string) {
	tree, _ := definition.ParseIntake(d.file, []byte(d.text))
	for _, rule := range tree.Rules {
		names = append(names, rule.Workflow.Value)
	}
	if tree.Schema.Given() {
		names = append(names, stemOf(tree.Schema.Value))
	}
	_, problems = intake.Loader{Registry: c.Registry, Library: c.Library}.Load(d.file, []byte(d.text))
	for i := range problems {
		if p := &problems[i]; p.Range.File != d.file {
			p.Message = fmt.Sprintf("%s, line %d: %s", tree.Schema.Value, p.Range.Start.Line, p.Message)
			p.Range, p.Fix = tree.Schema.Range, nil
		}
	}
	return diag.Sort(problems), names
}

// intakeGrammar returns the grammar of an intake file, or nil if the server has none.
func (c *connection) intakeGrammar() *grammar { return c.parts["intake.yaml"] }

// isRule reports whether an entry is a rule.
func isRule(e *entry) bool {
	return e != nil && e.kind == anItem && e.parent.kind == aKey && e.parent.key == "rules" && e.parent.parent.kind == aRoot
}

// ruleOf returns the rule whose `with` an entry is, or nil.
func ruleOf(e *entry) *entry {
	if e != nil && e.kind == aKey && e.key == "with" && isRule(e.parent) {
		return e.parent
	}
	return nil
}

// started returns the workflow that a rule starts, as what its `with` is for.
func (c *connection) started(d *document, o *outline, rule *entry) *callee {
	name := rule.child("workflow")
	if name == nil {
		return nil
	}
	w := c.workflow(d, o.scalarText(name))
	if w == nil {
		return nil
	}
	return &callee{name: w.definition.Name.Value, fields: w.fields}
}

// completeIntake proposes what is valid at a place of an intake file.
func (c *connection) completeIntake(d *document, offset int) completionList {
	none := completionList{Items: []completionItem{}}
	o := newOutline(d.text)
	at := o.cursor(offset)
	if at == nil || c.intakeGrammar() == nil {
		return none
	}
	var list []proposal
	from, to := at.from, at.to
	if x := o.expressionAt(at); x != nil {
		list, from, to = c.completeExpression(d, o, at, x)
	} else if at.value {
		list = c.intakeValues(d, o, at)
		from, to = o.replacedSpan(at)
		o.addSpace(list, from)
	} else {
		e := at.inside
		if at.entry != nil {
			e = withoutChild(e, at.entry)
		}
		list = c.intakeKeys(d, o, e)
		at.keepColon(list)
	}
	return completionList{Items: d.items(list, from, to)}
}

// intakeKeys proposes the keys that can be added to an entry: the inputs of the workflow below
// `with`, elsewhere those of the schema.
func (c *connection) intakeKeys(d *document, o *outline, e *entry) []proposal {
	if rule := ruleOf(e); rule != nil {
		return parameters(c.started(d, o, rule), e.keys(), e.flow != 0 || inBrackets(o, e))
	}
	return c.intakeGrammar().proposeKeys(o, e)
}

// intakeValues proposes values for a key, or the keys of an item that has none yet.
func (c *connection) intakeValues(d *document, o *outline, at *cursor) []proposal {
	e := at.inside
	g := c.intakeGrammar()
	if e.kind == anItem {
		if r := g.of(e); r != nil && r.Properties != nil {
			return c.intakeKeys(d, o, e)
		}
		return nil
	}
	if rule := ruleOf(e.parent); rule != nil {
		if f, ok := c.started(d, o, rule).field(e.key); ok {
			return c.completeParameter(d, o, at, f)
		}
		return nil
	}
	switch {
	case e.key == "workflow" && isRule(e.parent):
		return c.workflows(d)
	case e.key == "source" && e.parent.kind == aRoot:
		return words([]string{definition.IntakeDesk})
	case e.key == "version" && e.parent.kind == aRoot:
		return words([]string{"1"})
	}
	return nil
}

// hoverIntake explains a key, a workflow, or a part of an expression.
func (c *connection) hoverIntake(d *document, offset int) any {
	o := newOutline(d.text)
	at := o.cursor(offset)
	if at == nil || c.intakeGrammar() == nil {
		return nil
	}
	if x := o.expressionAt(at); x != nil {
		return c.hoverExpression(d, o, at, x)
	}
	e := at.inside
	if !at.value {
		if e = at.entry; e == nil || e.kind != aKey || at.at > e.keyTo {
			return nil
		}
	}
	text := c.explainIntake(d, o, e, at.value)
	if text == "" {
		return nil
	}
	extent := d.span(at.from, at.to)
	return hoverResult{Contents: markdown(text), Range: &extent}
}

func (c *connection) explainIntake(d *document, o *outline, e *entry, value bool) string {
	if e.kind != aKey {
		return ""
	}
	if value && e.key == "workflow" && isRule(e.parent) {
		if w := c.workflow(d, o.scalarText(e)); w != nil {
			return workflowText(o.scalarText(e), w)
		}
	}
	if rule := ruleOf(e.parent); rule != nil {
		f, ok := c.started(d, o, rule).field(e.key)
		if !ok {
			return ""
		}
		return fieldText(f)
	}
	r := c.intakeGrammar().of(e.parent)
	if r == nil || r.Properties[e.key] == nil {
		return ""
	}
	return c.intakeGrammar().keyText(r, e.key)
}

// intakeLocation returns the location of the workflow, or of its input, that a rule names at a
// place, or nil.
func (c *connection) intakeLocation(d *document, place diag.Position) any {
	tree, _ := definition.ParseIntake(d.file, []byte(d.text))
	for _, rule := range tree.Rules {
		called, found := calledAt(rule, place)
		if !found {
			continue
		}
		w := c.workflow(d, rule.Workflow.Value)
		if w == nil {
			return nil
		}
		if called == "" {
			return c.locationIn(d, w, w.definition.Name.Range)
		}
		for _, in := range w.definition.Inputs {
			if in.Name.Value == called {
				return c.locationIn(d, w, in.Name.Range)
			}
		}
	}
	return nil
}

// calledAt reports whether a rule names its workflow or an input at a place, and which input.
func calledAt(rule definition.IntakeRule, place diag.Position) (input string, found bool) {
	if rule.Workflow.Given() && holds(rule.Workflow.Range, place) {
		return "", true
	}
	for _, entry := range rule.With {
		if holds(entry.Key.Range, place) {
			return entry.Key.Value, true // a key is never empty
		}
	}
	return "", false
}
