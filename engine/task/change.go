package task

import (
	"slices"

	"errand/engine/pattern"
)

// A Change says what a call of a type does to its system. A plan shows it before a run. The zero
// value belongs to a type that only computes.
type Change struct {
	Verb Verb
	// what it acts on; parameters of the input are in braces: "EC2 instance {instance_id}"
	What string
	Done string // what happens to it: "started"; empty if it is only read
}

// A Verb is the kind of a change.
type Verb string

// The verbs.
const (
	Looks    Verb = "reads"
	Creates  Verb = "creates"
	Changes  Verb = "changes"
	Destroys Verb = "destroys" // it cannot be undone
)

// WithChange returns the type with its change and the permissions that its requests need. It panics
// if braces contain a name that is not a parameter.
func (t Type) WithChange(c Change, needs ...Permission) Type {
	texts := []string{c.What, c.Done}
	for _, p := range needs {
		texts = append(texts, p.Resources...)
	}
	for _, text := range texts {
		for _, m := range inBraces.Regexp().FindAllStringSubmatch(text, -1) {
			if _, known := t.Input.Field(m[1]); !known && m[1] != Region && m[1] != Partition {
				panic("task: " + t.Name + " has no parameter " + m[1] + ", which " + text + " contains")
			}
		}
	}
	t.Change, t.Needs = c, slices.Clone(needs)
	return t
}

var inBraces = pattern.New(`\{([a-z][a-z0-9_]*)\}`)

// Parameters returns the parameters that say what a call acts on.
func (c Change) Parameters() []string {
	var names []string
	for _, m := range inBraces.Regexp().FindAllStringSubmatch(c.What, -1) {
		names = append(names, m[1])
	}
	return names
}

// Insert replaces the parameters in braces by their values.
func Insert(text string, value func(parameter string) string) string {
	return inBraces.Regexp().ReplaceAllStringFunc(text, func(braces string) string { return value(braces[1 : len(braces)-1]) })
}
