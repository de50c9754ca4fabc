// Package generator writes random workflow definitions over the whole language, and values for
// their inputs. Only tests use it: those of the check (engine/program), of the durable host
// (engine/local) and of the pictures (engine/graph).
//
// A [Language] describes what a definition may call. The definition of a seed is always the same.
// As far as the generator knows, a definition uses only names that exist and compares only values
// that can be compared. What it leaves to chance is whether a value that may be missing has a
// guard. With Risk 0, each such value has a guard, and the check accepts the definition. With
// another Risk, the test calls [Definition.Disarm] for each line that the check refuses. In the
// remaining definition, the check was sure of every value without a guard.
//
// In reading order: generator.go (the language and the result), write.go (lines and the whole definition),
// inputs.go (inputs and values for them), steps.go (the keys of all steps), task.go, groups.go and fail.go
// (the forms), probe.go (steps that a test recognizes), kinds.go and scope.go (what an expression can
// name), condition.go (guards), expression.go with text_expression.go, number_expression.go,
// boolean_expression.go and list_expression.go (values of each type), literal_output.go (outputs that are
// no expressions).
package generator

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"errand/engine/schema"
)

// A Language describes what definitions may contain.
type Language struct {
	Tasks      []Task
	Pieces     []string // texts to write beside expressions; none if empty
	Titles     []string // names of steps, titles and questions; none if empty
	Risk       int      // the percentage of possibly missing values without a guard
	Sequential bool     // do not write parallel steps
	Length     int      // the maximum length of the main list; 0 means 4
	Steps      int      // the approximate maximum of steps, without those of called workflows
}

// A Task is a task type that a definition may call.
type Task struct {
	Name    string
	Weight  int         // how often it is called, relative to the other tasks
	Input   schema.Type // an object, the parameters
	Output  schema.Type // an object, the outputs, including those that every step has
	Polls   bool        // it may have `until`
	Secured bool        // it needs a credential
	Settles bool        // it reads its outputs after its change: its undo may not have them

	// Given are the possible values of a parameter, as they are written in YAML. Other parameters
	// have random values of their type.
	Given map[string][]string

	// Follows maps a parameter to the name of an output. The parameter gets this output of the last
	// step that has it.
	Follows map[string]string
}

// A Definition is a written definition.
type Definition struct {
	Name   string
	Inputs schema.Type // an object
	Calls  []*Definition

	outputs []schema.Field
	lines   []line
}

// A line is a line of a definition. It contains at most one expression. harmless is a line without
// the expression, or "".
type line struct{ text, harmless string }

// Write writes a definition. The result depends only on the language and the random numbers.
func (l Language) Write(r *rand.Rand) *Definition {
	w := &writer{Language: l, Rand: r, budget: max(1, l.Steps), guards: r.IntN(2) == 0}
	short := l
	short.Length = 2
	for n := range max(0, r.IntN(5)-2) {
		callee := &writer{Language: short, Rand: r, budget: max(1, l.Steps/3), guards: w.guards, callees: w.callees}
		w.callees = append(w.callees, callee.definition(fmt.Sprintf("callee-%d", n+1)))
	}
	return w.definition("random")
}

// Source returns the text of the definition.
func (d *Definition) Source() string {
	var b strings.Builder
	for _, l := range d.lines {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

// Sources returns the texts of the definition and of those that it may call.
func (d *Definition) Sources() string {
	var b strings.Builder
	b.WriteString(d.Source())
	for _, c := range d.Calls {
		fmt.Fprintf(&b, "--- %s.yaml\n%s", c.Name, c.Source())
	}
	return b.String()
}

// Find finds a definition that this definition may call.
func (d *Definition) Find(name string) (file string, source []byte, err error) {
	for _, c := range d.Calls {
		if c.Name == name {
			return name + ".yaml", []byte(c.Source()), nil
		}
	}
	return "", nil, fmt.Errorf("there is no workflow %s", name)
}

// Disarm replaces the expression on a line by a value that is never missing. Lines are counted from
// 1. Disarm reports whether there was an expression.
func (d *Definition) Disarm(number int) bool {
	if number < 1 || number > len(d.lines) {
		return false
	}
	l := &d.lines[number-1]
	if l.harmless == "" || l.text == l.harmless {
		return false
	}
	l.text = l.harmless
	return true
}
