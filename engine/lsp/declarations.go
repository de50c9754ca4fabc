package lsp

import (
	"fmt"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
)

// A declaration is what a definition gives a name to: a step, an input, the item of a loop, a
// branch.
type declaration struct {
	kind     declarationKind
	name     string
	declared diag.Range
	uses     []diag.Range
	step     *definition.Step   // of a step; of an item, its loop; of a branch, its parallel
	around   []*definition.Step // the steps around that, the outermost first
}

type declarationKind string

const (
	aStep   declarationKind = "step"
	anInput declarationKind = "input"
	aLoop   declarationKind = "item"
	aBranch declarationKind = "branch"
)

// declarations are all that a definition names, and where expressions refer to it. unread is the
// place of an expression that cannot be read, so that nobody knows what it refers to.
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
		t.uses = slices.Compact(t.uses) // an alias repeats what it names
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

// step adds what a step names.
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

// refer records what the expressions refer to.
func (all *declarations) refer(d *definition.Definition) {
	visit := func(e *definition.Expression, loops []string) {
		names, ok := expression.Names(e.Source)
		if !ok && all.unread == nil {
			all.unread = &e.Range
		}
		for _, n := range names {
			if t := all.named(n.Path, loops); t != nil {
				t.uses = append(t.uses, e.Span(n.From, n.To))
			}
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

// loopsOf returns the keys of the loops whose items a step sees.
func loopsOf(p definition.Place) []string {
	var loops []string
	for _, parent := range p.Around {
		if loop, ok := parent.Form.(*definition.ForEach); ok && parent.List == definition.InForm {
			loops = append(loops, loopKey(parent.Step, loop.As.Value))
		}
	}
	return loops
}

// loopKey tells loops apart whose items have one name.
func loopKey(s *definition.Step, item string) string { return s.Path + " " + item }

// named is the declaration that a path of names stands for, within loops; or nil.
func (all *declarations) named(path, loops []string) *declaration {
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

// ofLoop reports whether a path is that of an element of a loop's items, whose members are steps:
// …, ID, items, *.
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

// at is the declaration that is named at a place, and where it is named there; nil where there is
// none.
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
