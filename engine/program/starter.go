package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

// A Starter compiles what starts a program from outside of a definition, such as the rules of
// intake. It checks conditions and inputs like those of a step. The expressions read only its roots.
type Starter struct {
	c     *compiler
	scope expression.Scope // without facts
}

// NewStarter returns a Starter whose expressions read what the scope declares. observe is called for
// each expression; it may be nil.
func NewStarter(scope expression.Scope, observe Observer) *Starter {
	c := &compiler{definition: &definition.Definition{}, program: &Program{}, observe: observe, read: map[string]bool{}, owner: ownerRule}
	return &Starter{c: c, scope: scope}
}

// Problems returns what was found so far.
func (s *Starter) Problems() []diag.Problem { return s.c.problems }

// Condition compiles an `if`. It returns nil if there is a problem.
func (s *Starter) Condition(e *definition.Expression) *expression.Program {
	return s.c.boolean(e, "if", s.scope)
}

// Text compiles a value that must be a text.
func (s *Starter) Text(v definition.Value, what string, facts []string) Template {
	n, _ := s.c.value(v, text, what, s.under(facts))
	return Template{n}
}

// Inputs compiles the inputs of a program. at is the position for a missing input, name that of
// the program's name. partial reports whether the parser could not read a part of the inputs.
func (s *Starter) Inputs(p *Program, with []definition.Entry, at, name diag.Range, partial bool, facts []string) Template {
	to := callee{name: "the workflow " + p.Name, noun: "input", input: p.Inputs, at: name, crossing: intoInput}
	return s.c.parameters(with, to, at, partial, s.under(facts))
}

// isConverted reports whether an input gets a text and is of another type. The text is converted as
// on a command line when the rule matches, because what a desk knows is mostly texts.
func (c *compiler) isConverted(v definition.Value, want schema.Type, scope expression.Scope) bool {
	if v.Kind != schema.String || want.Kind == schema.String || want.Kind == schema.Any {
		return false
	}
	for _, part := range v.Parts {
		if part.Expression == nil {
			continue
		}
		if len(v.Parts) > 1 {
			return true
		}
		compiled, _ := expression.Compile(part.Expression.Source, scope) // problems are reported later
		return compiled != nil && compiled.Type().Kind == schema.String
	}
	return false
}

// Secrets refuses secrets in a file of rules, and in the inputs of each rule, as in a definition.
func (s *Starter) Secrets(file string, source []byte, inputs [][]definition.Entry) {
	d := &definition.Definition{File: file, Source: source}
	for _, with := range inputs {
		d.Steps = append(d.Steps, &definition.Step{Form: &definition.Subworkflow{With: with}})
	}
	s.c.definition = d
	s.c.hardCodedSecrets()
}

// Names checks the expressions of inputs whose program is not known.
func (s *Starter) Names(with []definition.Entry, facts []string) {
	s.c.checkNames(with, s.under(facts))
}

func (s *Starter) under(facts []string) expression.Scope {
	scope := s.scope
	scope.Facts = slices.Clone(facts)
	return scope
}
