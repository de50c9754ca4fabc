package program

import (
	"encoding/json"
	"fmt"

	"errand/engine/expression"
	"errand/engine/schema"
)

// A Filled is the result of filling a template when not all values are known.
type Filled struct {
	Name  string          // the name of an object's member; "" otherwise
	JSON  json.RawMessage // the result of Render; each unknown value is a text in ‹›
	Gaps  []Gap           // the unknown values, in order
	Parts []Filled        // the members of an object or a list that is written in the definition
}

// A Gap is an unknown value.
type Gap struct {
	At string `json:"at"` // such as "fields.State" or "names[1]"; "" for the whole value
	// its source, such as ‹steps.start.instance_id›, or a text with such parts
	From string `json:"from"`
}

// Known reports whether all values are known.
func (f Filled) Known() bool { return len(f.Gaps) == 0 }

// Part returns the member with a name.
func (f Filled) Part(name string) (Filled, bool) {
	for _, p := range f.Parts {
		if p.Name == name {
			return p, true
		}
	}
	return Filled{}, false
}

// Fill renders the template with the values that the environment knows. The environment has an
// Unknown for each other value. The error is the same as that of Render, for the known values.
func (t Template) Fill(env map[string]any) (Filled, error) {
	return fill(t.root, env, "")
}

func fill(n node, env map[string]any, at string) (Filled, error) {
	switch n := n.(type) {
	case *wholeNode:
		if !allKnown(env, n.program) {
			return missing(at, sourceOf(env, n.program).From), nil
		}
	case *textNode:
		return n.fill(env, at)
	case *listNode:
		return n.fill(env, at)
	case *objectNode:
		return n.fill(env, at)
	}
	data, err := n.append(nil, env)
	return Filled{JSON: data}, err
}

func missing(at, from string) Filled {
	return Filled{JSON: schema.AppendString(nil, from), Gaps: []Gap{{at, from}}}
}

// fill keeps the known parts of a text.
func (n *textNode) fill(env map[string]any, at string) (Filled, error) {
	made, whole := "", true
	for _, part := range n.parts {
		switch {
		case part.program == nil:
			made += part.literal
		case !allKnown(env, part.program):
			made += sourceOf(env, part.program).From
			whole = false
		default:
			v, err := part.program.Eval(env)
			var text string
			if err == nil {
				text, err = expression.Text(v)
			}
			if err != nil {
				return Filled{}, fmt.Errorf("%s: %w", n.what, err)
			}
			made += text
		}
	}
	if !whole {
		return missing(at, made), nil
	}
	data, err := n.append(nil, env)
	return Filled{JSON: data}, err
}

func (n *listNode) fill(env map[string]any, at string) (Filled, error) {
	all := Filled{JSON: []byte("[")}
	for i, item := range n.items {
		f, err := fill(item, env, at+"["+string(schema.Append(nil, i))+"]")
		if err != nil {
			return all, err
		}
		if i > 0 {
			all.JSON = append(all.JSON, ',')
		}
		all.add(f)
	}
	all.JSON = append(all.JSON, ']')
	return all, nil
}

func (n *objectNode) fill(env map[string]any, at string) (Filled, error) {
	all := Filled{JSON: []byte("{")}
	for _, m := range n.members {
		inner := m.name
		if at != "" {
			inner = at + "." + m.name
		}
		f, err := fill(m.value, env, inner)
		if err != nil {
			return all, err
		}
		if f.Name = m.name; !m.keepNull && string(f.JSON) == "null" {
			if m.fallback == nil {
				continue
			}
			f.JSON = m.fallback
		}
		if len(all.Parts) > 0 {
			all.JSON = append(all.JSON, ',')
		}
		all.JSON = append(schema.AppendString(all.JSON, m.name), ':')
		all.add(f)
	}
	all.JSON = append(all.JSON, '}')
	return all, nil
}

func (f *Filled) add(part Filled) {
	f.JSON = append(f.JSON, part.JSON...)
	f.Gaps = append(f.Gaps, part.Gaps...)
	f.Parts = append(f.Parts, part)
}
