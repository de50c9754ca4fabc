package lsp

import (
	"fmt"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
)

// A declaration is something that a definition names: a step, an input, the item of a loop, a
// branch.
type declaration struct {
	kind     declarationKind
	name     string
	declared diag.Range
	uses     []diag.Range
	step     *definition.Step   // the step; for an item, its loop; for a branch, its parallel
	around   []*definition.Step // the steps around it, the outermost first
}

type declarationKind string

const (
	aStep   declarationKind = "step"
	anInput declarationKind = "input"
	aLoop   declarationKind = "item"
	aBranch declarationKind = "branch"
)

// declarations are all declarations of a definition, with their references in expressions. unread
// is the place of an expression that cannot be parsed, whose references are unknown.
type declarations struct {
	list   []*declaration
	unread *diag.Range
}

func declarationsOf(d *definition.Definition) *declarations {
	all := &declarations{}
	for _, in := range d.Inputs {
		all.add(anInput, in.Name, nil, nil)
	}
	for p := range d.Places() {
		all.step(p)
	}
	all.refer(d)
	for _, t := range all.list {
		slices.SortFunc(t.uses, diagOrder)
		t.uses = slices.Compact(t.uses) // an alias repeats the references
	}
	return all
}

func diagOrder(a, b diag.Range) int {
	switch {
	case earlier(a.Start, b.Start):
		return -1
	case earlier(b.Start, a.Start):
		return 1
	}
	return 0
}

func (all *declarations) add(kind declarationKind, name definition.Text, step *definition.Step, around []*definition.Step) {
	if name.Value != "" {
		all.list = append(all.list, &declaration{
			kind: kind, name: name.Value, declared: name.Span(0, len(name.Value)), step: step, around: around,
		})
	}
}

// step adds the declarations of a step.
func (all *declarations) step(p definition.Place) {
	around := make([]*definition.Step, len(p.Around))
	for i, parent := range p.Around {
		around[i] = parent.Step
	}
	all.add(aStep, p.ID, p.Step, around)
	if loop, ok := p.Form.(*definition.ForEach); ok {
		all.add(aLoop, loop.As, p.Step, around)
	}
	if parallel, ok := p.Form.(*definition.Parallel); ok {
		for _, b := range parallel.Branches {
			all.add(aBranch, b.Name, p.Step, around)
		}
	}
}

// refer records the references in the expressions.
func (all *declarations) refer(d *definition.Definition) {
	visit := func(e *definition.Expression, loops []string) {
		names, ok := expression.Names(e.Source)
		if !ok && all.unread == nil {
			all.unread = &e.Range
		}
		for _, n := range names {
			if t := all.lookup(n.Path, loops); t != nil {
				t.uses = append(t.uses, e.Span(n.From, n.To))
			}
		}
	}
	if d.Concurrency != nil {
		for e := range d.Concurrency.Key.Expressions() {
			visit(e, nil)
		}
	}
	for p := range d.Places() {
		loops := loopsOf(p)
		for e := range p.Expressions() {
			visit(e, loops)
		}
	}
	for _, entry := range d.Outputs {
		for e := range entry.Value.Expressions() {
			visit(e, nil)
		}
	}
}

// loopsOf returns the keys of the loops whose items are visible in a step.
func loopsOf(p definition.Place) []string {
	var loops []string
	for _, parent := range p.Around {
		if loop, ok := parent.Form.(*definition.ForEach); ok && parent.List == definition.InForm {
			loops = append(loops, loopKey(parent.Step, loop.As.Value))
		}
	}
	return loops
}

// loopKey returns a key that distinguishes loops whose items have the same name.
func loopKey(s *definition.Step, item string) string { return s.Path + " " + item }

// lookup returns the declaration that a path refers to, inside loops, or nil.
func (all *declarations) lookup(path, loops []string) *declaration {
	last := len(path) - 1
	for _, t := range all.list {
		if t.name != path[last] {
			continue
		}
		switch {
		case t.kind == anInput && last == 1 && path[0] == "inputs",
			t.kind == aStep && path[0] == "steps" && (last == 1 || all.ofLoop(path[:last])),
			t.kind == aLoop && last == 0 && slices.Contains(loops, loopKey(t.step, t.name)):
			return t
		}
	}
	return nil
}

// ofLoop reports whether a path is an element of a loop's items. The members of such an element are
// the steps of the loop: …, ID, items, *.
func (all *declarations) ofLoop(path []string) bool {
	n := len(path)
	return n >= 4 && path[n-1] == expression.Each && path[n-2] == "items" && slices.ContainsFunc(all.list, func(t *declaration) bool {
		if t.kind != aStep || t.name != path[n-3] {
			return false
		}
		_, loop := t.step.Form.(*definition.ForEach)
		return loop
	})
}

// at returns the declaration whose name is at a place, and the range of the name. It returns nil if
// there is none.
func (all *declarations) at(p diag.Position) (*declaration, diag.Range) {
	for _, t := range all.list {
		for _, r := range append([]diag.Range{t.declared}, t.uses...) {
			if !earlier(p, r.Start) && !earlier(r.End, p) {
				return t, r
			}
		}
	}
	return nil, diag.Range{}
}

func (t *declaration) String() string { return fmt.Sprintf("%s %q", t.kind, t.name) }
