package generator

import (
	"maps"
	"slices"
	"strings"

	"errand/engine/schema"
)

// A scope is what the expressions of a list of steps can use.
type scope struct {
	known     []step
	visible   int  // the number of known steps before the current handler
	handler   bool // the current list is in a handler: `failure` exists
	noFailure bool // `failure` may be null
	roots     []schema.Field
	// places that the conditions around the list prove; the mark succeeded ends those of steps that
	// succeeded
	proved map[string]bool
	focus  string   // the step that the expressions of the current step mostly use
	ifs    []string // the conditions of the steps so far
}

// succeeded marks a step in scope.proved if it certainly ran and succeeded.
const succeeded = "!"

// A step is a step that expressions can name.
type step struct {
	id      string
	outputs []schema.Field
	maybe   bool   // it may not have run
	lenient bool   // it may have failed
	settles bool   // its undo may not have its outputs
	around  string // the id of a step that holds it, or ""
}

// A place is a value that an expression can name by a path.
type place struct {
	path string
	t    schema.Type
	null bool
}

// result are the outputs that every step has.
var result = []schema.Field{
	{Name: "success", Type: schema.Of(schema.Boolean)}, {Name: "result_code", Type: schema.Of(schema.Integer)}, {Name: "result_message", Type: schema.Of(schema.String)},
}

func isCommonOutput(field string) bool {
	return slices.ContainsFunc(result, func(f schema.Field) bool { return f.Name == field })
}

// outputType returns the type of the step's outputs that is known without a condition.
func (s step) outputType() schema.Type {
	t := schema.ObjectOf(s.outputs...)
	if s.lenient {
		for i := range t.Fields {
			t.Fields[i].Type.Nullable = t.Fields[i].Type.Nullable || !isCommonOutput(t.Fields[i].Name)
		}
	}
	t.Nullable = s.maybe
	return t
}

// visiblePlaces lists the places that expressions can name here.
func (w *writer) visiblePlaces() []place {
	var list []place
	add := func(path string, t schema.Type, null bool) { list = w.extend(list, place{path, t, null}, 3) }
	for _, f := range w.d.Inputs.Fields {
		add("inputs."+f.Name, f.Type, f.Type.Nullable)
	}
	for _, path := range []string{"request.id", "run.id", "run.workflow", "run.started_at"} {
		add(path, schema.Of(schema.String), false)
	}
	add("run.url", schema.Of(schema.String).OrNull(), true)
	for i, s := range w.known {
		if w.handler && i < w.visible {
			s.maybe, s.lenient = true, true
		}
		if w.proved["steps."+s.id+succeeded] {
			s.maybe, s.lenient = false, false
		}
		t := s.outputType()
		add("steps."+s.id, t, t.Nullable)
	}
	if w.handler {
		add("failure", failure.Type.NotNull(), w.noFailure)
	}
	for _, f := range w.roots {
		add(f.Name, f.Type, f.Type.Nullable)
	}
	return list
}

// extend appends a place and the places inside it.
func (w *writer) extend(list []place, p place, depth int) []place {
	p.null = p.null && !w.proves(p.path)
	list = append(list, p)
	switch {
	case depth == 0:
	case p.t.Kind == schema.Object && p.t.Fields == nil:
		list = append(list, place{p.path + ".k", schema.Of(schema.Any), p.null})
	case p.t.Kind == schema.Object:
		for _, f := range p.t.Fields {
			list = w.extend(list, place{p.path + "." + f.Name, f.Type, p.null || f.Type.Nullable}, depth-1)
		}
	case p.t.Kind == schema.List && !p.null:
		list = w.extend(list, place{p.path + w.pick("[0]", "[1]", "[-1]"), itemOf(p.t), true}, depth-1)
	}
	return list
}

// proves reports whether the conditions around the list prove that a place is not null.
func (w *writer) proves(path string) bool {
	for known := range w.proved {
		if rest, ok := strings.CutPrefix(known, path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[' || rest == succeeded) {
			return true
		}
	}
	return false
}

// places lists the places of a kind; often only those in the focus, if there are any.
func (w *writer) places(k kind) []place {
	var list, near []place
	for _, p := range w.visiblePlaces() {
		if !fits(k, p.t) {
			continue
		}
		list = append(list, p)
		if w.focus != "" && strings.HasPrefix(p.path, w.focus+".") {
			near = append(near, p)
		}
	}
	if len(near) > 0 && w.percent(65) {
		return near
	}
	return list
}

// withProofs calls write with a scope in which some places are proved not to be null.
func (w *writer) withProofs(proofs []string, write func()) {
	outer := w.proved
	w.proved = maps.Clone(outer)
	if w.proved == nil {
		w.proved = map[string]bool{}
	}
	for _, p := range proofs {
		w.proved[p] = true
	}
	write()
	w.proved = outer
}

// inOwnScope calls write with a separate scope, and returns the steps that write added to it.
func (w *writer) inOwnScope(write func()) []step {
	outer := w.scope
	w.known = slices.Clone(outer.known)
	w.roots = slices.Clone(outer.roots)
	write()
	made := slices.Clone(w.known[len(outer.known):])
	w.scope = outer
	return made
}
