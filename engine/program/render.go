package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"errand/engine/definition"
	"errand/engine/expression"
	"errand/engine/schema"
)

// A Template makes JSON from the values of a run. It is rendered once for each step, so every
// attempt sends the same bytes.
type Template struct{ root node }

// Render fills the template. Its error names the parameter and the reason: the value is not
// allowed, or an expression exceeded a limit. Such an error comes from the values of the run, not
// from the definition.
func (t Template) Render(env map[string]any) (json.RawMessage, error) {
	return t.root.append(make([]byte, 0, 256), env)
}

// A Member is a part of a filled object.
type Member struct {
	Name string
	JSON json.RawMessage
	Err  error // why it could not be made: a schema.Misfit, or a limit of an expression
}

// RenderMembers fills a template that is an object, each member on its own. It leaves out the members
// that are null and have no default.
func (t Template) RenderMembers(env map[string]any) []Member {
	var all []Member
	for _, m := range t.root.(*objectNode).members { // it was compiled from a mapping
		data, err := m.value.append(nil, env)
		switch {
		case err != nil:
			all = append(all, Member{Name: m.name, Err: cause(err)})
		case string(data) != "null":
			all = append(all, Member{Name: m.name, JSON: data})
		case m.fallback != nil:
			all = append(all, Member{Name: m.name, JSON: m.fallback})
		}
	}
	return all
}

// cause removes the name of the member from an error.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// A node is a part of a template.
type node interface {
	append(b []byte, env map[string]any) ([]byte, error)
}

type literalNode struct {
	value any
	json  []byte
}

func (n literalNode) append(b []byte, _ map[string]any) ([]byte, error) {
	return append(b, n.json...), nil
}

// A wholeNode is a value that is a single expression. It keeps the type of the expression.
type wholeNode struct {
	what    string
	written *definition.Expression
	program *expression.Program
	want    schema.Type
	checked bool // any value of the type is allowed
	text    bool // the value is written as a text

	possible possible
}

func (n *wholeNode) eval(env map[string]any) (any, error) {
	v, err := n.program.Eval(env)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.what, err)
	}
	if v == nil || n.checked {
		return v, nil
	}
	if n.text {
		if v, err = expression.Text(v); err != nil {
			return nil, fmt.Errorf("%s: %w", n.what, err)
		}
	}
	if v, err = n.want.Canonical(v); err != nil {
		return nil, fmt.Errorf("%s: %w", n.what, err)
	}
	return v, nil
}

func (n *wholeNode) append(b []byte, env map[string]any) ([]byte, error) {
	v, err := n.eval(env)
	if err != nil {
		return nil, err
	}
	return schema.Append(b, v), nil
}

// A textNode is a text that contains expressions.
type textNode struct {
	what  string
	want  schema.Type
	parts []textPart
}

type textPart struct {
	literal  string
	program  *expression.Program
	possible possible
}

func (n *textNode) append(b []byte, env map[string]any) ([]byte, error) {
	var made strings.Builder
	for _, part := range n.parts {
		if part.program == nil {
			made.WriteString(part.literal)
			continue
		}
		v, err := part.program.Eval(env)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.what, err)
		}
		s, err := expression.Text(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.what, err)
		}
		made.WriteString(s)
	}
	if _, err := n.want.Canonical(made.String()); err != nil {
		return nil, fmt.Errorf("%s: %w", n.what, err)
	}
	return schema.AppendString(b, made.String()), nil
}

type listNode struct{ items []node }

func (n *listNode) append(b []byte, env map[string]any) (_ []byte, err error) {
	b = append(b, '[')
	for i, item := range n.items {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = item.append(b, env); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// An objectNode keeps its members in the order in which they were written.
type objectNode struct{ members []objectMember }

type objectMember struct {
	name     string
	value    node
	fallback []byte // replaces null; nil means that a null member is left out
	keepNull bool   // null is an ordinary value
}

// add appends a parameter. If its value is null, the parameter gets its default or is left out.
func (n *objectNode) add(name string, value node, fallback any) {
	m := objectMember{name: name, value: value}
	if fallback != nil {
		m.fallback = schema.Encode(fallback)
	}
	n.members = append(n.members, m)
}

func (n *objectNode) append(b []byte, env map[string]any) (_ []byte, err error) {
	b = append(b, '{')
	for _, m := range n.members {
		before := len(b)
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(schema.AppendString(b, m.name), ':')
		value := len(b)
		if b, err = m.value.append(b, env); err != nil {
			return nil, err
		}
		if m.keepNull || string(b[value:]) != "null" {
			continue
		}
		if b = b[:value]; m.fallback != nil {
			b = append(b, m.fallback...)
		} else {
			b = b[:before]
		}
	}
	return append(b, '}'), nil
}

// constantOf returns the value of a literal. ok is false for other nodes.
func constantOf(n node) (any, bool) {
	l, ok := n.(literalNode)
	return l.value, ok
}

// isConstrained reports whether the type allows only some values of its kind.
func isConstrained(t schema.Type) bool {
	return t.Pattern != "" || len(t.Enum) > 0 || t.Minimum != nil || t.Maximum != nil || t.MaxLength > 0 ||
		t.Kind == schema.List || t.Kind == schema.Object
}
