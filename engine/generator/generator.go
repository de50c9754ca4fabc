// Package generator writes workflow definitions at random, over the whole language, and values for their inputs. Tests use it alone: that
// of the check (engine/program), that of the durable host (engine/local) and that of the pictures (engine/graph).
//
// What a definition may call is a [Language]; what comes of a seed is always the same. A definition names only what there is and compares
// only what can be compared, as far as the generator knows; what it leaves to chance is whether a value that may be missing has a
// guard before it. With Risk 0 each has one, and the check accepts the definition. Else a line that the check refuses is made harmless by
// [Definition.Disarm], and what is left is a definition in which every bare name is one that the check was sure of.
//
// In reading order: generator.go (what is asked for and returned), write.go (lines, and the whole definition), inputs.go (inputs and
// what fits them), steps.go (what all steps have), task.go and groups.go (the forms), kinds.go and scope.go (what an expression may name),
// condition.go (guards), expression.go with of_text.go, of_number.go, of_truth.go and of_list.go (values of every type).
package generator

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"errand/engine/schema"
)

// A Language says what definitions may be about.
type Language struct {
	Tasks  []Task
	Pieces []string // what stands in texts beside expressions; nothing where it is empty
	Titles []string // names of steps, titles and questions; none are written where it is empty
	Risk   int      // of a hundred values that may be missing, so many are used without a guard
	Alone  bool     // nothing stands side by side
	Length int      // the main list has at most so many steps; 4 where it is 0
	Steps  int      // at most about so many, those of called workflows apart
}

// A Task is a task type that a definition may call.
type Task struct {
	Name    string
	Weight  int         // how often it is called, compared with the others
	Input   schema.Type // an object: its parameters
	Output  schema.Type // an object: its outputs, those that every step has among them
	Polls   bool        // it may be called until a condition holds
	Secured bool        // it needs a credential

	// Given are the values that a parameter can have, as they are written. Others are made by type.
	Given map[string][]string

	// Follows names an output for a parameter: that of the last step that has it.
	Follows map[string]string
}

// A Definition is one that was written.
type Definition struct {
	Name   string
	Inputs schema.Type // an object
	Calls  []*Definition

	outputs []schema.Field
	lines   []line
}

// A line of a definition has at most one expression.
type line struct{ text, harmless string }

// Write writes a definition. It is a function of the language and the randomness.
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

// Source is the text of the definition.
func (d *Definition) Source() string {
	var b strings.Builder
	for _, l := range d.lines {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

// Sources are the texts of the definition and of those that it may call.
func (d *Definition) Sources() string {
	var b strings.Builder
	b.WriteString(d.Source())
	for _, c := range d.Calls {
		fmt.Fprintf(&b, "--- %s.yaml\n%s", c.Name, c.Source())
	}
	return b.String()
}

// Find finds one of those that the definition may call.
func (d *Definition) Find(name string) (file string, source []byte, err error) {
	for _, c := range d.Calls {
		if c.Name == name {
			return name + ".yaml", []byte(c.Source()), nil
		}
	}
	return "", nil, fmt.Errorf("there is no workflow %s", name)
}

// Disarm puts a value that is always there in the place of the one on a line, counted from 1. It
// reports whether there was one to replace.
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
