package definition

import (
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// Data converts a document of plain data (such as a file of inputs or a world) to JSON. A file whose
// name ends in .json is read as JSON (RFC 8259), any other as YAML. Data is as strict as Parse: it
// has the same limits, refuses the same YAML and keeps the order of keys. It reads `${{` as plain
// text. If there are problems, it returns no JSON.
func Data(file string, source []byte) ([]byte, []diag.Problem) {
	data, _, problems := PlacedData(file, source)
	return data, problems
}

// PlacedData is like Data and also returns the positions of keys and items in the source. Callers
// use them to report further problems.
func PlacedData(file string, source []byte) ([]byte, Positions, []diag.Problem) {
	r := newReader(file, source)
	if strings.EqualFold(filepath.Ext(file), ".json") {
		return r.fromJSON(source)
	}
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
	t, kind, _, ok := r.scalar(n, what, "a value, or null if there is none")
	if ok && kind != schema.String {
		// any plain scalar except a string is written in the source as in JSON
		return append(b, t.Value...)
	}
	return schema.AppendString(b, t.Value)
}
