package program

import (
	"encoding/json"
	"fmt"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

// typeRules applies the rules of a task type to the parameters that are known before a run. It does
// not apply them to the definition of a run that has started: the type may have got them since, and
// the call refuses the values.
func (c *compiler) typeRules(t task.Type, form *definition.Task, input Template) {
	if c.pinned || c.broken || form.Partial {
		return // where the parser could not read a part, the rest may look like a fault
	}
	written := map[string]argument{}
	for _, entry := range form.With {
		value := input.member(entry.Key.Value)
		if value == nil {
			return // a problem was reported
		}
		written[entry.Key.Value] = argument{entry: entry, value: value, given: givenOf(value)}
	}
	for _, r := range t.Rules {
		switch r.Kind {
		case task.AnyOfKind:
			c.anyOf(t, form, r, written)
		case task.ExcludesKind:
			c.excludes(t, r, written)
		case task.ShortensKind:
			c.shortens(t, r, written)
		default:
			c.refusedValue(t, r, written)
		}
	}
}

// An argument is a parameter that a definition writes.
type argument struct {
	entry definition.Entry
	value node
	given given
}

// given is what the check knows about the presence of a parameter. A null or empty value is absent.
type given int

const (
	notGiven given = iota
	maybeGiven
	isGiven
)

// givenOf returns whether a value is given, as far as its text and its type show.
func givenOf(n node) given {
	if value, known := knownValue(n); known {
		if task.IsNothing(schema.Encode(value)) {
			return notGiven
		}
		return isGiven
	}
	switch n := n.(type) {
	case *textNode:
		if slices.ContainsFunc(n.parts, func(p textPart) bool { return p.literal != "" }) {
			return isGiven
		}
	case *listNode, *objectNode: // empty ones are known values
		return isGiven
	case *wholeNode:
		switch got := n.program.Type(); {
		case got.Kind == schema.Null:
			return notGiven
		case got.Nullable:
		case got.Kind == schema.Integer || got.Kind == schema.Number || got.Kind == schema.Boolean || got.Kind == schema.Duration:
			return isGiven
		}
	}
	return maybeGiven
}

// knownValue returns the value of a node that is the same in every run.
func knownValue(n node) (any, bool) {
	switch n := n.(type) {
	case literalNode:
		return n.value, true
	case *wholeNode:
		return n.program.Constant()
	case *listNode:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			value, known := knownValue(item)
			if !known {
				return nil, false
			}
			list[i] = value
		}
		return list, true
	case *objectNode:
		object := map[string]any{}
		for _, m := range n.members {
			value, known := knownValue(m.value)
			if !known {
				return nil, false
			}
			object[m.name] = value
		}
		return object, true
	}
	return nil, false
}

// anyOf reports that none of several parameters is given, or that the only one may be null.
func (c *compiler) anyOf(t task.Type, form *definition.Task, r task.Rule, written map[string]argument) {
	var possible []argument
	for _, name := range r.Parameters {
		if a, is := written[name]; is && a.given != notGiven {
			possible = append(possible, a)
		}
	}
	names := task.List("or", quoted(r.Parameters))
	switch {
	case len(possible) == 0:
		c.report(diag.Problem{
			Rule: "missing-parameter", Range: form.Range, Label: "none of them is given here",
			Message: t.Name + " needs " + names, Help: "add one of them under `with`: " + r.Reason,
		})
	case len(possible) == 1:
		whole, is := possible[0].value.(*wholeNode)
		if !is || !whole.program.Type().Nullable {
			return
		}
		e := possible[0].entry.Value.Parts[0].Expression
		c.report(diag.Problem{
			Rule: "maybe-null", Range: e.Range, Label: labelOf(whole.program.Type()),
			Message: fmt.Sprintf("%s needs %s, but %s", t.Name, names, maybeNull(whole.program, e)),
			Help:    "write a value to use instead of null: ${{ " + operand(e) + " ?? … }}, or add an `if` to the step that excludes null",
		})
	}
}

// excludes reports a parameter that is given beside one that excludes it.
func (c *compiler) excludes(t task.Type, r task.Rule, written map[string]argument) {
	first := r.Parameters[0]
	if written[first].given != isGiven {
		return
	}
	for _, name := range r.Parameters[1:] {
		if other := written[name]; other.given == isGiven {
			c.report(diag.Problem{
				Rule: "excluded-parameter", Range: other.entry.Key.Range, Label: `cannot stand beside "` + first + `"`,
				Message: fmt.Sprintf("%s takes either %q or %q", t.Name, first, name), Help: "remove one of them: " + r.Reason,
			})
		}
	}
}

// shortens warns of a constant that is shortened in every run.
func (c *compiler) shortens(t task.Type, r task.Rule, written map[string]argument) {
	for _, name := range r.Parameters {
		a, is := written[name]
		if !is {
			continue
		}
		value, _ := knownValue(a.value)
		if text, _ := value.(string); len(text) > r.Limit {
			c.report(diag.Problem{
				Rule: "discouraged-value", Severity: diag.Warning, Range: a.entry.Value.Range, Label: fmt.Sprintf("has %d bytes", len(text)),
				Message: fmt.Sprintf("%s shortens `%s` to %d bytes", t.Name, name, r.Limit), Help: "write a shorter text",
			})
		}
	}
}

// refusedValue reports a value that the type always refuses. A rule that reads an unknown value is
// left to the run.
func (c *compiler) refusedValue(t task.Type, r task.Rule, written map[string]argument) {
	values := map[string]json.RawMessage{}
	for _, name := range r.Parameters {
		a, is := written[name]
		if !is {
			if f, _ := t.Input.Field(name); f.Default != nil {
				values[name] = schema.Encode(f.Default)
			}
			continue
		}
		value, known := knownValue(a.value)
		if whole, is := a.value.(*wholeNode); is && !known && (len(r.Parameters) == 1 || r.Kind != task.JudgedKind) {
			c.refusedValues(whole.possible, a.entry.Value.Range, t.Name+"'s `"+name+"`", func(v any) string {
				if b := r.Breach(map[string]json.RawMessage{name: schema.Encode(v)}); b != nil {
					return b.Reason
				}
				return ""
			})
		}
		if text, is := a.value.(*textNode); is {
			if reason := r.RefusesPieces(name, text.pieces()); reason != "" {
				c.report(diag.Problem{
					Rule: "wrong-value", Range: a.entry.Value.Range, Label: reason,
					Message: t.Name + " always refuses this value of `" + name + "`",
				})
			}
		}
		switch {
		case known:
			values[name] = schema.Encode(value)
		case r.Kind == task.JudgedKind:
			return
		}
	}
	for range r.Parameters { // each report removes a value
		b := r.Breach(values)
		a, is := written[breached(b)]
		if !is {
			return
		}
		c.report(diag.Problem{
			Rule: "wrong-value", Range: a.entry.Value.Range, Label: b.Reason,
			Message: t.Name + " always refuses this value of `" + b.Parameter + "`",
		})
		if delete(values, b.Parameter); r.Kind == task.JudgedKind {
			return
		}
	}
}

// breached returns the parameter of a breach, or "" if there is none.
func breached(b *task.Breach) string {
	if b == nil {
		return ""
	}
	return b.Parameter
}

func quoted(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = `"` + name + `"`
	}
	return list
}
