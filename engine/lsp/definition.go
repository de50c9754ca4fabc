package lsp

import (
	"context"

	"errand/engine/definition"
	"errand/engine/diag"
)

// definition returns the place where a name is declared. For a called workflow that is its file,
// which is read-only if the workflow is shipped; for a value passed to it, the input.
func (c *connection) definition(_ context.Context, p placeParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	parsed, _ := definition.Parse(d.file, []byte(d.text))
	place := d.place(d.offset(p.Position))
	if t, _ := declarationsOf(parsed).at(place); t != nil {
		return location{d.uri, d.extent(t.declared)}, nil
	}
	return c.calleeLocation(d, parsed, place), nil
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
	uri := uriOf(w.file)
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
