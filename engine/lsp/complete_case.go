package lsp

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/program"
	"errand/engine/schema"
)

// pathOf returns the keys from the root to an entry, with [] for an item: expect.steps, [].with.
func pathOf(e *entry) string {
	switch {
	case e.kind == aRoot:
		return ""
	case e.kind == anItem:
		return pathOf(e.parent) + "[]"
	}
	return strings.TrimPrefix(pathOf(e.parent)+"."+e.key, ".")
}

// namesOfWorkflow proposes the keys of an entry of a test case that its workflow declares: inputs, steps, and
// what a task takes and returns.
func (c *connection) namesOfWorkflow(d *document, p *part, e *entry) []proposal {
	switch path := pathOf(e); {
	case p.grammar == c.parts["case.yaml"] && path == "inputs":
		if w := c.caseWorkflow(d); w != nil {
			return parameters(&callee{fields: w.fields}, e.keys(), inBrackets(p.outline, e))
		}
	case p.grammar == c.parts["case.yaml"] && path == "decisions":
		return stepKeys(c.caseSteps(d, asks), e.keys(), "")
	case p.grammar == c.parts["case.yaml"] && path == "expect.steps":
		return stepKeys(c.caseSteps(d, nil), e.keys(), " ")
	case p.grammar == c.parts["mocks.yaml"] && (path == "[].with" || path == "[].returns"):
		fields := c.mockFields(d, p, e.parent, e.key)
		return parameters(&callee{fields: fields}, e.keys(), inBrackets(p.outline, e))
	}
	return nil
}

// mockFields returns the parameters or the outputs of what a mock answers for.
func (c *connection) mockFields(d *document, p *part, mock *entry, key string) []schema.Field {
	name := ""
	if e := mock.child(definition.TaskForm); e != nil {
		name = p.scalarText(e)
	} else if e := mock.child("step"); e != nil {
		for _, place := range c.caseSteps(d, calls) {
			if place.Key.Shape() == program.Key(p.scalarText(e)).Shape() {
				name = place.Form()
			}
		}
	}
	t, _ := c.Registry.Lookup(name)
	if key == "with" {
		return t.Input.Fields
	}
	return t.Output.Fields
}

// caseWorkflow returns the workflow that a test case runs, or nil.
func (c *connection) caseWorkflow(d *document) *calledWorkflow {
	for at := 0; at < len(d.text); at = lineEnd(d.text, at) {
		if name, _ := marker(d.text[at:lineEnd(d.text, at)]); name != "case.yaml" {
			continue
		}
		if p := c.partAt(d, lineEnd(d.text, at)); p != nil && p.root.child("workflow") != nil {
			return c.workflow(d, p.scalarText(p.root.child("workflow")))
		}
	}
	return nil
}

// caseSteps returns the steps of the workflow that a test case runs, or those that a function is true
// for.
func (c *connection) caseSteps(d *document, only func(*program.Step) bool) []program.Place {
	w := c.caseWorkflow(d)
	if w == nil || w.program == nil {
		return nil
	}
	var places []program.Place
	for place := range w.program.AllPlaces() {
		if only == nil || only(place.Step) {
			places = append(places, place)
		}
	}
	return places
}

// mockedSteps proposes the steps that a mock can answer for.
func (c *connection) mockedSteps(d *document) []proposal {
	var list []proposal
	for _, place := range c.caseSteps(d, calls) {
		label := string(place.Key)
		if strings.Contains(label, "[") {
			label = `"` + label + `"`
		}
		list = append(list, proposal{label: label, kind: kindValue, detail: place.Form(), text: place.Name})
	}
	return list
}

func calls(s *program.Step) bool { _, ok := s.Action.(*program.Task); return ok }

// asks reports whether a person may decide about a step.
func asks(s *program.Step) bool {
	_, approval := s.Action.(*program.Approval)
	return approval || calls(s)
}

// stepKeys proposes keys of steps, those of the first items of loops.
func stepKeys(places []program.Place, given []string, afterColon string) []proposal {
	var list []proposal
	for _, place := range places {
		key := strings.ReplaceAll(string(place.Key), "[]", "[0]")
		quoted := key
		if strings.Contains(key, "[") {
			quoted = `"` + key + `"`
		}
		if slices.Contains(given, key) || slices.Contains(given, quoted) {
			continue
		}
		list = append(list, proposal{label: key, insert: quoted + ":" + afterColon, kind: kindProperty, detail: place.Form(), text: place.Name})
	}
	return list
}
