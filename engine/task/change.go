package task

import (
	"slices"

	"errand/engine/pattern"
)

// A Change says what a call of a type does to its system, for whoever wants to know before a run. The zero value is that of a type
// that only computes.
type Change struct {
	Verb Verb
	What string // what it acts on, with parameters of the input in braces: "EC2 instance {instance_id}"
	Done string // what becomes of that, likewise: "started"; empty where it is only read
}

// A Verb is the sort of a change.
type Verb string

// The verbs.
const (
	Looks    Verb = "reads"
	Creates  Verb = "creates"
	Changes  Verb = "changes"
	Destroys Verb = "destroys" // it cannot be taken back
)

// Acts is the type with what it does, and the permissions that its requests need. It panics where a parameter in braces is none.
func (t Type) Acts(c Change, needs ...Permission) Type {
	texts := []string{c.What, c.Done}
	for _, p := range needs {
		texts = append(texts, p.Resources...)
	}
	for _, text := range texts {
		for _, m := range inBraces.Regexp().FindAllStringSubmatch(text, -1) {
			if _, known := t.Input.Field(m[1]); !known && m[1] != Region && m[1] != Partition {
				panic("task: " + t.Name + " has no parameter " + m[1] + ", as " + text + " says")
			}
		}
	}
	t.Change, t.Needs = c, slices.Clone(needs)
	return t
}

var inBraces = pattern.New(`\{([a-z][a-z0-9_]*)\}`)

// Insert puts values in place of the parameters in braces.
func Insert(text string, value func(parameter string) string) string {
	return inBraces.Regexp().ReplaceAllStringFunc(text, func(braces string) string { return value(braces[1 : len(braces)-1]) })
}
