package cmd

import (
	"cmp"
	"fmt"
	"slices"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/program"
)

// A liveTree has the rows of a run where they stand in its definition: the steps in their order,
// items below their loop, the steps of a called workflow below the step that calls it, and handlers
// below what they handle.
type liveTree struct {
	places []program.Place // a place comes before those inside it
	root   *liveRow
	rows   map[string]*liveRow // by path
	steps  map[string]*liveRow // by key
	active map[*liveRow]bool   // the steps that may be at work
}

// A liveRow is a step, an item of a loop, a branch or the heading of a handler.
type liveRow struct {
	liveState
	kind   liveKind
	label  string
	step   *program.Step // of a step
	place  int           // of a step: the index of its place
	path   string
	order  liveOrder
	around *liveRow
	within []*liveRow
}

// A liveKind says what a row is.
type liveKind int

const (
	liveStep liveKind = iota
	liveItem
	liveBranch
	liveHandler // it has a row once it begins
)

// A liveOrder orders the rows inside a row: those of the form, then undo, then on_failure.
type liveOrder struct {
	list  definition.List
	index int
}

func (o liveOrder) compare(p liveOrder) int {
	return cmp.Or(cmp.Compare(o.list, p.list), cmp.Compare(o.index, p.index))
}

func newLiveTree(p *program.Program) *liveTree {
	t := &liveTree{places: slices.Collect(p.AllPlaces()), root: &liveRow{}, rows: map[string]*liveRow{}, steps: map[string]*liveRow{}, active: map[*liveRow]bool{}}
	t.listInside(-1, nil, nil)
	return t
}

// listInside adds the rows of the steps that run if the step at a place runs; -1 is the place of the
// run. items are the numbers of the items around it. If only is not nil, the rows are limited to
// these steps and those inside them.
func (t *liveTree) listInside(of int, items []int, only []*program.Step) {
	depth, section := 0, definition.MainSteps
	if of >= 0 {
		depth, section = t.depth(of)+1, t.places[of].Section
		if t.places[of].Callee() != nil {
			section = definition.MainSteps
		}
	}
	for i := of + 1; i < len(t.places) && t.depth(i) >= depth; i++ {
		place := t.places[i]
		if place.Section != section || depth > 0 && place.Around[depth-1].List != definition.InForm || slices.ContainsFunc(place.Around[depth:], comesLater) {
			continue
		}
		if only == nil || slices.Contains(only, t.places[t.outer(i, depth)].Step) {
			t.add(i, items)
		}
	}
}

// comesLater reports whether the steps inside a parent have no rows before the run reaches it: the
// items and the case are not known, a called workflow may be long, and a handler may not run.
func comesLater(around program.Parent) bool {
	_, cases := around.Action.(*program.Switch)
	return cases || around.Repeats() || around.Callee() != nil || around.List != definition.InForm
}

func (t *liveTree) depth(i int) int { return len(t.places[i].Around) }

// outer returns the index of the place at a depth that is, or is around, the place i.
func (t *liveTree) outer(i, depth int) int {
	for t.depth(i) > depth {
		i--
	}
	return i
}

// find returns the row of the step with a key, and adds it if there is none. It returns nil if the
// program has no such step.
func (t *liveTree) find(key string) *liveRow {
	if r := t.steps[key]; r != nil {
		return r
	}
	for i, place := range t.places {
		if items, ok := place.Key.Match(program.Key(key)); ok {
			return t.add(i, items)
		}
	}
	return nil
}

// add returns the row of the step at a place, for the items around it. It adds that row and those
// around it if there are none.
func (t *liveTree) add(i int, items []int) *liveRow {
	r, in, used, enters := t.root, program.Key(""), 0, true
	for depth := 0; ; depth++ {
		at := t.outer(i, depth)
		place := t.places[at]
		if enters && place.Section != definition.MainSteps {
			r = t.handler(r, string(place.Section), definition.InForm, at, items[:used])
		}
		key := in.Step(place.Step.Key)
		if r = t.child(r, liveStep, string(key), liveOrder{index: at}, place.Label()); r.step == nil {
			r.step, r.place = place.Step, at
			t.steps[string(key)] = r
		}
		if depth == t.depth(i) {
			return r
		}
		enters = false
		next := t.outer(i, depth+1)
		switch list := t.places[i].Around[depth].List; {
		case list == definition.InUndo:
			r = t.handler(r, string(engine.HandlerUndo), list, next, items[:used])
		case list == definition.InOnFailure:
			r = t.handler(r, string(engine.HandlerOnFailure), list, next, items[:used])
		case place.Callee() != nil:
			in, enters = key, true
		case place.Repeats():
			item := items[used]
			used++
			in = key.Item(item)
			known := t.rows[string(in)] != nil
			label := fmt.Sprintf("[%d]", item)
			if item < len(r.items) {
				label += " " + r.items[item]
			}
			r = t.child(r, liveItem, string(in), liveOrder{index: item}, label)
			if !known {
				t.listInside(at, items[:used], nil)
			}
		default:
			if name, n := branchOf(place.Step, t.places[next].Step); name != "" {
				r = t.child(r, liveBranch, r.path+" "+name, liveOrder{index: n}, name+":")
			}
		}
	}
}

// handler returns the row of a handler whose first step is at a place. If it adds the row, it also
// adds those of the handler's steps.
func (t *liveTree) handler(r *liveRow, name string, list definition.List, at int, items []int) *liveRow {
	path := r.path + " " + name
	if h := t.rows[path]; h != nil {
		return h
	}
	h := t.child(r, liveHandler, path, liveOrder{list, at}, name+":")
	of, depth := t.places[at], t.depth(at)
	for i := at; i < len(t.places) && t.depth(i) >= depth; i++ {
		sibling := t.places[i]
		if t.depth(i) == depth && sibling.Section == of.Section && (depth == 0 || sibling.Around[depth-1].List == of.Around[depth-1].List) {
			t.add(i, items)
		}
	}
	return h
}

// child returns the row inside a row with a path, and adds it if there is none.
func (t *liveTree) child(around *liveRow, kind liveKind, path string, order liveOrder, label string) *liveRow {
	if r := t.rows[path]; r != nil {
		return r
	}
	r := &liveRow{kind: kind, label: label, path: path, order: order, around: around}
	t.rows[path] = r
	at, _ := slices.BinarySearchFunc(around.within, r, func(a, b *liveRow) int { return a.order.compare(b.order) })
	around.within = slices.Insert(around.within, at, r)
	return r
}

// remove removes a row and those inside it.
func (t *liveTree) remove(r *liveRow) {
	r.around.within = slices.DeleteFunc(r.around.within, func(s *liveRow) bool { return s == r })
	r.each(func(s *liveRow) {
		delete(t.rows, s.path)
		delete(t.steps, s.path)
	})
}

// each calls a function with a row and all rows inside it.
func (r *liveRow) each(do func(*liveRow)) {
	do(r)
	for _, s := range slices.Clone(r.within) {
		s.each(do)
	}
}

// branchOf returns the name and the number of the branch of a step that a step inside it belongs to.
func branchOf(s, within *program.Step) (name string, number int) {
	if p, ok := s.Action.(*program.Parallel); ok {
		for i, b := range p.Branches {
			if slices.Contains(b.Steps, within) {
				return b.Name, i
			}
		}
	}
	return "", 0
}
