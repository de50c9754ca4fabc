package program

import (
	"strconv"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
)

// An alternatives knows the parameters that replace others: a parameter with Unless is neither
// required nor has a default if the other one is given. A parameter that may be null replaces
// nothing for certain, so the check then requires one of the two that is not null.
type alternatives struct {
	to       callee
	written  map[string]bool       // the parameters that `with` gives
	at       map[string]diag.Range // where their values are
	nullable map[string]bool       // those of them that may be null
}

func newAlternatives(with []definition.Entry, to callee) *alternatives {
	a := &alternatives{to: to, written: map[string]bool{}, at: map[string]diag.Range{}, nullable: map[string]bool{}}
	for _, entry := range with {
		a.written[entry.Key.Value], a.at[entry.Key.Value] = true, entry.Value.Range
	}
	return a
}

// isReplaced reports whether the parameter that replaces a field is given.
func isReplaced(field schema.Field, given map[string]bool) bool {
	return field.Unless != "" && given[field.Unless]
}

// neededName returns what is needed if a required field is missing, for messages.
func neededName(field schema.Field) string {
	name := strconv.Quote(field.Name)
	if field.Unless != "" {
		name += " or " + strconv.Quote(field.Unless)
	}
	return name
}

// relax returns a field as it is if it may be replaced: optional, without a default.
func (a *alternatives) relax(field schema.Field) schema.Field {
	if isReplaced(field, a.written) {
		field.Required, field.Default = false, nil
	}
	return field
}

// note remembers whether the value of a parameter may be null.
func (a *alternatives) note(name string, value node, got schema.Type) {
	if value == nil {
		return // a problem is reported
	}
	if constant, ok := constantOf(value); ok {
		a.nullable[name] = constant == nil
		return
	}
	a.nullable[name] = got.Nullable || got.Kind == schema.Any || got.Kind == schema.Null
}

// check reports required parameters that may be null together with those that replace them.
func (a *alternatives) check(c *compiler) {
	for _, field := range a.to.input.Fields {
		if !field.Required || !isReplaced(field, a.written) || !a.nullable[field.Unless] || a.written[field.Name] && !a.nullable[field.Name] {
			continue
		}
		c.report(diag.Problem{
			Rule: "maybe-null", Range: a.at[field.Unless], Label: "may be null",
			Message: a.to.name + " needs " + neededName(field) + ", and neither is certain",
			Help:    "give one of them a value that is never null, or add an `if` to the step that excludes null",
		})
	}
}
