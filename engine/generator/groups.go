package generator

import (
	"slices"

	"errand/engine/schema"
)

// parallel writes a parallel step.
func (w *writer) parallel(depth int) []schema.Field {
	w.timeout(15)
	w.line("parallel:")
	w.groups++
	var beside []step
	w.within(func() {
		for range 1 + w.IntN(3) {
			w.line("%s:", w.newName("branch_"))
			w.within(func() {
				beside = append(beside, w.inOwnScope(func() { w.list(1+w.IntN(2), depth+1) })...)
			})
		}
	})
	w.groups--
	w.known = append(w.known, beside...)
	return result
}

// forEach writes a loop.
func (w *writer) forEach(depth int) []schema.Field {
	w.timeout(15)
	item := w.items()
	name := w.newName("item")
	w.line("as: %s", name)
	if !w.Sequential && w.percent(60) {
		w.line("limit: %d", 1+w.IntN(3))
	}
	w.line("steps:")
	w.groups++
	made := w.inOwnScope(func() {
		w.roots = append(w.roots, schema.Field{Name: name, Type: item})
		w.list(1+w.IntN(2), depth+1)
	})
	w.groups--
	entry := schema.ObjectOf()
	for _, s := range made {
		entry.Fields = append(entry.Fields, schema.Field{Name: s.id, Type: s.outputType(), Required: true})
	}
	return append(slices.Clone(result), schema.Field{Name: "items", Type: schema.ListOf(entry)})
}

// items writes the list of a loop, and returns the type of its items.
func (w *writer) items() schema.Type {
	var lists []place
	for _, p := range w.places(listKind) {
		if !p.null {
			lists = append(lists, p)
		}
	}
	switch n := w.IntN(10); {
	case n < 3 && len(lists) > 0:
		p := lists[w.IntN(len(lists))]
		w.slot("for_each: ${{ "+p.path+" }}", "")
		return itemOf(p.t)
	case n < 6:
		k := []kind{stringsKind, integersKind}[w.IntN(2)]
		w.slot("for_each: "+single("${{ take("+w.expression(k, w.depth())+", 4) }}"), "for_each: "+single("${{ "+nonNull[k]+" }}"))
		return itemOf(typeOf(k))
	case n < 8:
		w.line("for_each: %s", w.pick("[one]", "[one, two]", "[one, two, three, four]"))
		return schema.Of(schema.String)
	}
	w.line("for_each:")
	w.within(func() {
		for range 1 + w.IntN(3) {
			w.slot("- "+single("of ${{ "+w.expression(stringKind, w.depth())+" }}"), "- one")
		}
	})
	return schema.Of(schema.String)
}

// choice writes a switch.
func (w *writer) choice(depth int) []schema.Field {
	w.timeout(15)
	w.line("switch:")
	w.groups++
	var all []step
	list := func(proofs []string) {
		all = append(all, w.inOwnScope(func() {
			w.withProofs(proofs, func() { w.list(1+w.IntN(2), depth+1) })
		})...)
	}
	w.within(func() {
		for range 1 + w.IntN(3) {
			w.focus = w.anyStep()
			condition, proofs := w.condition(w.IntN(2)), []string(nil)
			if w.percent(50) {
				condition, proofs = w.proof()
			}
			w.indent++
			w.dash = true
			w.slot("if: "+single(condition), "if: 'true'")
			w.line("steps:")
			list(proofs)
			w.indent--
		}
	})
	if w.percent(50) {
		w.line("else:")
		list(nil)
	}
	w.groups--
	for _, s := range all {
		s.maybe = true
		w.known = append(w.known, s)
	}
	return result
}

// group writes a group. What its steps prove holds after it, too.
func (w *writer) group(depth int) []schema.Field {
	w.timeout(15)
	w.line("steps:")
	w.groups++
	w.list(1+w.IntN(3), depth+1)
	w.groups--
	w.gained = w.proved
	return result
}

func (w *writer) anyStep() string {
	if len(w.known) == 0 {
		return ""
	}
	return "steps." + w.known[w.IntN(len(w.known))].id
}

// subworkflow writes a step that calls another workflow.
func (w *writer) subworkflow() []schema.Field {
	callee := w.callees[w.IntN(len(w.callees))]
	w.line("workflow: %s", callee.Name)
	w.timeout(15)
	w.line("with:")
	w.passes = true
	defer func() { w.passes = false }()
	w.within(func() {
		for _, f := range callee.Inputs.Fields {
			if f.Required || w.percent(50) {
				w.argument(f)
			}
		}
	})
	return append(slices.Clone(result), callee.outputs...)
}

// approval writes an approval.
func (w *writer) approval() []schema.Field {
	ask := "May it be done by ${{ " + w.expression(stringKind, w.depth()) + " }}?"
	if len(w.Titles) > 0 {
		ask = w.pick(w.Titles...) + " ${{ inputs.who }}"
	}
	w.line("approval:")
	w.within(func() {
		w.slot("ask: "+quoted(ask), `ask: "May it be done?"`)
		w.line("by: [operations, lead]")
		if w.percent(70) {
			w.line("within: %s", w.pick("30s", "5m", "1h", "2d"))
			if w.percent(70) {
				w.line("otherwise: %s", w.pick("reject", "approve", "fail"))
			}
		}
		if w.percent(30) {
			w.line("allow_requester: true")
		}
	})
	w.timeout(20)
	return approved
}

var approved = append(slices.Clone(result),
	schema.Field{Name: "approved", Type: schema.Of(schema.Boolean)}, schema.Field{Name: "by", Type: schema.Of(schema.String).OrNull()},
	schema.Field{Name: "comment", Type: schema.Of(schema.String).OrNull()}, schema.Field{Name: "at", Type: schema.Of(schema.String)},
)
