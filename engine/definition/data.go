package definition

import (
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// Data turns a document of plain data (a file of inputs, a world) into JSON, as strictly as Parse reads a definition: the same
// limits, the same refusals, the order of keys kept. What looks like an expression is text. With problems there is no JSON.
func Data(file string, source []byte) ([]byte, []diag.Problem) {
	data, _, problems := PlacedData(file, source)
	return data, problems
}

// PlacedData is Data for a reader that has more to say about the document.
func PlacedData(file string, source []byte) ([]byte, Positions, []diag.Problem) {
	r := newReader(file, source)
	r.data = true
	root := r.load(source)
	if root == nil {
		return nil, nil, diag.Sort(r.problems)
	}
	data := r.json(nil, root, "the document")
	if len(r.problems) > 0 {
		return nil, nil, diag.Sort(r.problems)
	}
	return data, r.places, nil
}

func (r *reader) json(b []byte, n *yaml.Node, what string) []byte {
	switch n = follow(n); n.Kind {
	case yaml.SequenceNode:
		b = append(b, '[')
		what = "an item of " + strings.TrimPrefix(what, "an item of ")
		for i, item := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			r.places = append(r.places, origin{len(b), diag.Position{Line: item.Line, Column: item.Column}})
			b = r.json(b, item, what)
		}
		return append(b, ']')
	case yaml.MappingNode:
		b = append(b, '{')
		if m, ok := r.mapping(n, what, "a mapping"); ok {
			for i, key := range m.keys {
				if i > 0 {
					b = append(b, ',')
				}
				r.places = append(r.places, origin{len(b), key.Range.Start})
				b = append(schema.AppendString(b, key.Value), ':')
				b = r.json(b, m.nodes[i], quoted(key.Value))
			}
		}
		return append(b, '}')
	}
	t, kind, _, ok := r.scalar(n, what, "a value; write null where nothing is meant")
	if ok && kind != schema.String {
		return append(b, t.Value...) // a plain scalar that is no string is written as in JSON
	}
	return schema.AppendString(b, t.Value)
}
