package lsp

import (
	"context"

	"errand/engine/definition"
)

func (c *connection) references(_ context.Context, p referenceParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	parsed, _ := definition.Parse(d.file, []byte(d.text))
	t, _ := declarationsOf(parsed).at(d.place(d.offset(p.Position)))
	list := []location{}
	if t == nil {
		return list, nil
	}
	if p.Context.IncludeDeclaration {
		list = append(list, location{d.uri, d.extent(t.declared)})
	}
	for _, r := range t.uses {
		list = append(list, location{d.uri, d.extent(r)})
	}
	if t.kind == anInput {
		list = append(list, c.inputUses(d, t.name)...)
	}
	return list, nil
}

// inputUses returns the places in other definitions that pass an input of this definition.
func (c *connection) inputUses(d *document, input string) []location {
	var list []location
	if !onDisk(d.uri) {
		return nil
	}
	name := stemOf(d.file)
	for _, other := range c.names(d) {
		caller, err := c.Library.Find(other, d.folders()...)
		if err != nil || caller.File == d.file || c.uriOf(caller.File) == "" {
			continue
		}
		if called, _, err := c.Library.Beside(caller.File)(name); err != nil || called != d.file {
			continue // it calls another workflow with the same name
		}
		there := newDocument(c.uriOf(caller.File), 0, string(caller.Text), d.utf8)
		parsed, _ := definition.Parse(caller.File, caller.Text)
		for s := range parsed.AllSteps() {
			call, ok := s.Form.(*definition.Subworkflow)
			if !ok || call.Workflow.Value != name {
				continue
			}
			for _, entry := range call.With {
				if entry.Key.Value == input {
					list = append(list, location{there.uri, there.extent(entry.Key.Span(0, len(input)))})
				}
			}
		}
	}
	return list
}
