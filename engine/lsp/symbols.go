package lsp

import (
	"cmp"
	"context"
	"strings"

	"errand/engine/definition"
)

// Kinds of symbols of the protocol.
const (
	symbolModule    = 2
	symbolNamespace = 3
	symbolPackage   = 4
	symbolField     = 8
	symbolFunction  = 12
	symbolVariable  = 13
	symbolEvent     = 24
)

// symbols returns the structure of a document: inputs, steps with nested steps, and outputs. It
// uses the outline, so that symbols do not disappear while a line is incomplete.
func (c *connection) symbols(_ context.Context, p struct {
	TextDocument textDocument `json:"textDocument"`
}) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	m := symbolMaker{d, newOutline(d.text), c.grammar}
	list := []symbol{}
	if d.isIntake() {
		return append(list, m.rules()...), nil
	}
	if !m.o.isDefinition() {
		return list, nil
	}
	for _, e := range m.o.root.children {
		switch {
		case e.kind != aKey:
		case e.key == "inputs", e.key == "outputs":
			list = append(list, m.symbolsOf(e))
		case e.key == "steps", e.key == "on_failure", e.key == "finally":
			list = append(list, m.group(e, e.key, symbolNamespace))
		}
	}
	return list, nil
}

type symbolMaker struct {
	d *document
	o *outline
	g *grammar
}

func (m symbolMaker) symbol(e *entry, name string, kind int, from, to int) symbol {
	return symbol{Name: name, Kind: kind, Range: m.d.span(e.from, max(e.extent(), to)), SelectionRange: m.d.span(from, to)}
}

// rules returns the symbols of the rules of an intake file: their names, each with its workflow.
func (m symbolMaker) rules() []symbol {
	var list []symbol
	for _, e := range m.o.all {
		if !isRule(e) {
			continue
		}
		name := e.child("name")
		if name == nil || m.o.scalarText(name) == "" {
			continue
		}
		s := m.symbol(e, m.o.scalarText(name), symbolEvent, name.valueFrom, name.valueTo)
		if workflow := e.child("workflow"); workflow != nil {
			s.Detail = m.o.scalarText(workflow)
		}
		list = append(list, s)
	}
	return list
}

// symbolsOf returns the symbol of the inputs or outputs.
func (m symbolMaker) symbolsOf(e *entry) symbol {
	kind := symbolVariable
	if e.key == "outputs" {
		kind = symbolField
	}
	made := m.symbol(e, e.key, symbolNamespace, e.from, e.keyTo)
	for _, one := range e.children {
		if one.kind != aKey {
			continue
		}
		s := m.symbol(one, one.key, kind, one.from, one.keyTo)
		if t := one.child("type"); t != nil {
			s.Detail = m.o.scalarText(t)
		}
		made.Children = append(made.Children, s)
	}
	return made
}

// group returns the symbol of a list of steps with a name.
func (m symbolMaker) group(e *entry, name string, kind int) symbol {
	s := m.symbol(e, name, kind, e.from, e.keyTo)
	s.Children = m.steps(e)
	return s
}

func (m symbolMaker) steps(list *entry) []symbol {
	var steps []symbol
	for _, e := range list.children {
		if e.kind == anItem && len(e.children) > 0 {
			steps = append(steps, m.step(e))
		}
	}
	return steps
}

// formSymbol returns the kind of symbol for a form.
func formSymbol(f definition.FormSpec) int {
	switch {
	case f.HoldsSteps():
		return symbolNamespace
	case f.Value == definition.WorkflowValue:
		return symbolModule
	case f.Value == definition.TaskValue:
		return symbolFunction
	}
	return symbolEvent
}

func (m symbolMaker) step(e *entry) symbol {
	name, detail, kind := "", "", symbolFunction
	at := e.children[0]
	for _, form := range definition.Forms() {
		if f := e.child(form.Name); f != nil {
			detail, kind = form.Name, formSymbol(form)
			if form.Value == definition.TaskValue || form.Value == definition.WorkflowValue {
				detail = m.o.scalarText(f)
			}
			break
		}
	}
	for _, key := range []string{"id", "name"} {
		if k := e.child(key); k != nil && m.o.scalarText(k) != "" {
			name, at = m.o.scalarText(k), k
		}
	}
	s := m.symbol(e, cmp.Or(name, detail, "a step"), kind, at.from, max(at.keyTo, at.valueTo))
	if s.Name != detail {
		s.Detail = detail
	}
	for _, k := range e.children {
		s.Children = append(s.Children, m.within(k)...)
	}
	return s
}

// within returns the symbols of the steps below a key of a step.
func (m symbolMaker) within(e *entry) []symbol {
	if e.key == "steps" {
		return m.steps(e)
	}
	var list []symbol
	switch key, _ := definition.StepKey(e.key); key.Value {
	case definition.StepsValue, definition.HandlerValue:
		if len(e.children) > 0 {
			return []symbol{m.group(e, e.key, symbolPackage)}
		}
	case definition.BranchesValue:
		for _, branch := range e.children {
			if branch.kind == aKey {
				list = append(list, m.group(branch, branch.key, symbolPackage))
			}
		}
	case definition.CasesValue:
		for _, one := range e.children {
			if one.kind == anItem && len(one.children) > 0 {
				list = append(list, m.switchCase(one))
			}
		}
	}
	return list
}

// switchCase returns the symbol of a case of a switch.
func (m symbolMaker) switchCase(e *entry) symbol {
	name, first := "a case", e.children[0]
	if k := e.child("if"); k != nil {
		name = strings.TrimSpace("if " + m.o.scalarText(k))
	}
	s := m.symbol(e, name, symbolPackage, first.from, first.keyTo)
	if k := e.child("steps"); k != nil {
		s.Children = m.steps(k)
	}
	return s
}
