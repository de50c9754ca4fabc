package program

import (
	"errors"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
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
	c := &compiler{definition: &definition.Definition{}, program: &Program{}, observe: observe, read: map[string]bool{}, owner: "rule"}
	return &Starter{c: c, scope: scope}
}

// Problems returns what was found so far.
func (s *Starter) Problems() []diag.Problem { return s.c.problems }

// Condition compiles an expression that must be true or false. It returns nil if there is a
// problem.
func (s *Starter) Condition(e *definition.Expression, key string, facts []string) *expression.Program {
	return s.c.boolean(e, key, s.under(facts))
}

// Text compiles a value that must be a text. ok is false if there is a problem.
func (s *Starter) Text(v definition.Value, what string, facts []string) (t Template, ok bool) {
	n, _ := s.c.value(v, text, what, s.under(facts))
	return Template{n}, n != nil
}

// Inputs compiles the inputs of a program. at is the position for a missing input, name that of
// the program's name. partial reports whether the parser could not read a part of the inputs.
func (s *Starter) Inputs(p *Program, with []definition.Entry, at, name diag.Range, partial bool, facts []string) Template {
	to := callee{name: "the workflow " + p.Name, noun: "input", input: p.Inputs, at: name, crossing: intoInput}
	return s.c.parameters(with, to, at, partial, s.under(facts))
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

// A MemberError is the reason why a member of an object could not be made.
type MemberError struct {
	Name string
	Err  error // a schema.Misfit, or a limit of an expression
}

// RenderMembers fills a template that is an object, each member on its own. It returns the object of
// the members that could be made, and an error for each other one.
func (t Template) RenderMembers(env map[string]any) ([]byte, []MemberError) {
	var errs []MemberError
	made := &objectNode{}
	for _, m := range t.root.(*objectNode).members { // it was compiled from a mapping
		if _, err := m.value.append(nil, env); err != nil {
			errs = append(errs, MemberError{m.name, cause(err)})
			continue
		}
		made.members = append(made.members, m)
	}
	b, _ := made.append(nil, env) // each member could be made just now, from the same values
	return b, errs
}

// cause removes the name of the member from an error.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
