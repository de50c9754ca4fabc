package lsp

import (
	"context"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
)

// definition returns the place where a name is declared. For a called workflow that is its file,
// which is read-only if the workflow is shipped; for a value passed to it, the input.
func (c *connection) definition(_ context.Context, p placeParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	place := d.place(d.offset(p.Position))
	if d.isIntake() {
		return c.intakeLocation(d, place), nil
	}
	parsed, _ := definition.Parse(d.file, []byte(d.text))
	if t, _ := declarationsOf(parsed).at(place); t != nil {
		return location{d.uri, d.extent(t.declared)}, nil
	}
	if in, ok := memberAt(parsed, place); ok {
		return location{d.uri, d.extent(in.Name.Range)}, nil
	}
	return c.calleeLocation(d, parsed, place), nil
}

// memberAt returns the member of an input that an expression names at a place, as in
// inputs.opts.size.
func memberAt(parsed *definition.Definition, place diag.Position) (definition.Input, bool) {
	for e := range parsed.Expressions() {
		if !holds(e.Range, place) {
			continue
		}
		names, _ := expression.Names(e.Source)
		for _, n := range names {
			if len(n.Path) > 2 && n.Path[0] == "inputs" && holds(e.Span(n.From, n.To), place) {
				return memberOf(parsed.Inputs, n.Path[1:])
			}
		}
	}
	return definition.Input{}, false
}

// memberOf returns the input at a path.
func memberOf(inputs []definition.Input, path []string) (definition.Input, bool) {
	at := slices.IndexFunc(inputs, func(in definition.Input) bool { return in.Name.Value == path[0] })
	if at < 0 {
		return definition.Input{}, false
	}
	in, rest := inputs[at], path[1:]
	for len(rest) > 0 && rest[0] == expression.Each && in.Items != nil {
		in, rest = *in.Items, rest[1:]
	}
	if len(rest) == 0 {
		return in, true
	}
	return memberOf(in.Properties, rest)
}

// calleeLocation returns the location of the workflow, or of its input, that a step names at a
// place, or nil.
func (c *connection) calleeLocation(d *document, parsed *definition.Definition, place diag.Position) any {
	for s := range parsed.AllSteps() {
		call, ok := s.Form.(*definition.Subworkflow)
		if !ok {
			continue
		}
		w := c.workflow(d, call.Workflow.Value)
		if w == nil {
			continue
		}
		if holds(call.Workflow.Range, place) {
			return c.locationIn(d, w, w.definition.Name.Range)
		}
		for _, entry := range call.With {
			for _, in := range w.definition.Inputs {
				if entry.Key.Value == in.Name.Value && holds(entry.Key.Range, place) {
					return c.locationIn(d, w, in.Name.Range)
				}
			}
		}
	}
	return nil
}

// locationIn returns a place in a called workflow, or nil if the workflow is in no file that an
// editor can open.
func (c *connection) locationIn(d *document, w *calledWorkflow, r diag.Range) any {
	uri := c.uriOf(w.file)
	if uri == "" {
		uri = uriOf(c.view(w))
	}
	if uri == "" {
		return nil
	}
	there := newDocument(uri, 0, w.text, d.utf8)
	return location{uri, there.extent(r)}
}

func holds(r diag.Range, p diag.Position) bool { return !earlier(p, r.Start) && !earlier(r.End, p) }
