package lsp

import (
	"context"

	"errand/engine/definition"
	"errand/engine/diag"
)

// definition returns the place where a name is declared. For a called workflow that is its file; for a value
// passed to it, the input.
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
	if at := c.calleeLocation(d, parsed, place); at != nil {
		return at, nil
	}
	return nil, nil
}

// calleeLocation returns the location of the workflow, or of its input, that a step names at a
// place. It returns nil if there is none, or if the workflow is not in a file.
func (c *connection) calleeLocation(d *document, parsed *definition.Definition, place diag.Position) any {
	for s := range parsed.AllSteps() {
		call, ok := s.Form.(*definition.Subworkflow)
		if !ok {
			continue
		}
		w := c.workflow(d, call.Workflow.Value)
		if w == nil || uriOf(w.file) == "" {
			continue
		}
		there := newDocument(uriOf(w.file), 0, w.text, d.utf8)
		if holds(call.Workflow.Range, place) {
			return location{there.uri, there.extent(w.definition.Name.Range)}
		}
		for _, entry := range call.With {
			for _, in := range w.definition.Inputs {
				if entry.Key.Value == in.Name.Value && holds(entry.Key.Range, place) {
					return location{there.uri, there.extent(in.Name.Range)}
				}
			}
		}
	}
	return nil
}

func holds(r diag.Range, p diag.Position) bool { return !earlier(p, r.Start) && !earlier(r.End, p) }
