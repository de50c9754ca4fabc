package generator

import (
	"slices"

	"errand/engine/schema"
)

// task writes the form `task:`.
func (w *writer) task() []schema.Field {
	t := w.randomTask()
	w.line("task: %s", t.Name)
	w.with(t)
	w.timeout(12)
	if w.percent(20) {
		w.line("retry: %s", w.pick("{attempts: 1}", "{attempts: 3, backoff: 100ms}", "{attempts: 6, backoff: 2s..2m}", "{attempts: 4, backoff: 5s..30s, for: 40s}"))
	}
	if t.Secured && w.percent(50) {
		w.line("credential: other")
	}
	if t.Polls && w.percent(25) {
		w.poll(t)
	}
	w.settles = t.Settles
	return t.Output.Fields
}

// randomTask returns a random task type, by weight.
func (w *writer) randomTask() Task {
	sum := 0
	for _, t := range w.Tasks {
		sum += t.Weight
	}
	n := w.IntN(sum)
	for _, t := range w.Tasks {
		if n -= t.Weight; n < 0 {
			return t
		}
	}
	panic("generator: the weights of tasks are at least 1")
}

// with writes `with` and the parameters.
func (w *writer) with(t Task) {
	if len(t.Input.Fields) == 0 {
		return
	}
	w.line("with:")
	w.within(func() {
		before := len(w.d.lines)
		for _, f := range t.Input.Fields {
			_, given := t.Given[f.Name]
			if !given && !f.Required && w.percent(50) {
				continue
			}
			w.parameter(t, f)
		}
		if len(w.d.lines) == before {
			w.parameter(t, t.Input.Fields[0])
		}
	})
}

func (w *writer) parameter(t Task, f schema.Field) {
	if output, follows := t.Follows[f.Name]; follows {
		w.earlierOutput(f, output)
		return
	}
	if given := t.Given[f.Name]; len(given) > 0 {
		first := w.pick(given...)
		if f.Type.Kind == schema.String && w.percent(50) {
			other := w.pick(given...)
			w.slot(f.Name+": "+single("${{ "+w.leaf(booleanKind)+` ? "`+first+`" : "`+other+`" }}`), f.Name+": "+quoted(first))
			return
		}
		w.line("%s: %s", f.Name, first)
		return
	}
	w.argument(f)
}

// earlierOutput writes a parameter whose value is the output of an earlier step.
func (w *writer) earlierOutput(f schema.Field, output string) {
	for _, s := range slices.Backward(w.known) {
		if slices.ContainsFunc(s.outputs, func(o schema.Field) bool { return o.Name == output }) {
			w.line("%s: %s", f.Name, single("${{ steps."+s.id+"?."+output+` ?? "" }}`))
			return
		}
	}
}

// argument writes a value for a parameter or an input.
func (w *writer) argument(f schema.Field) {
	k := kindOf(f.Type)
	write := func(value string) { w.slot(f.Name+": "+value, f.Name+": "+w.literalOf(f.Type)) }
	if !f.Required && w.percent(15) { // the value of an optional parameter may be null
		if places := w.places(k); len(places) > 0 && !constrained(f.Type) {
			if p := places[w.IntN(len(places))]; k == durationKind || !w.passes || w.Risk > 0 || !holdsDuration(p.t) {
				write("${{ " + p.path + " }}")
				return
			}
		}
	}
	switch {
	case k == stringKind && !constrained(f.Type):
		write(w.text())
	case k == listKind && constrained(f.Type):
		write(w.literalOf(f.Type))
	case k == objectKind || k == listKind || k == anyKind:
		w.structure(f)
	case k == integerKind && f.Type.Minimum != nil && f.Type.Maximum != nil && w.percent(80):
		write(single("${{ min(max(" + w.expression(k, w.depth()) + ", " + literal(*f.Type.Minimum) + "), " + literal(*f.Type.Maximum) + ") }}"))
	case constrained(f.Type) && (w.Risk == 0 || w.percent(70)):
		write(w.literalOf(f.Type))
	default:
		write(w.whole(k))
	}
}

// structure writes a list or an object of values.
func (w *writer) structure(f schema.Field) {
	if f.Type.Kind == schema.List && w.percent(40) {
		w.line("%s:", f.Name)
		w.within(func() {
			w.item(func() { w.slot(w.text(), "x") })
			w.item(func() { w.line("%s", unexpressed[w.IntN(len(unexpressed))].written) })
			w.item(func() { k := plainKinds[w.IntN(4)]; w.slot(w.whole(k), single("${{ "+nonNull[k]+" }}")) })
		})
		return
	}
	if f.Type.Kind == schema.List {
		w.slot(f.Name+": "+single("${{ "+w.expression([]kind{stringsKind, integersKind}[w.IntN(2)], w.depth())+" }}"), f.Name+": [1]")
		return
	}
	w.line("%s:", f.Name)
	w.within(func() {
		if f.Type.Fields != nil {
			w.members(f.Type.Fields)
			return
		}
		for _, name := range []string{"k", "l", "m"}[:1+w.IntN(3)] {
			k := plainKinds[w.IntN(len(plainKinds))]
			if k == durationKind && w.passes && w.Risk == 0 { // it would become a text
				k = stringKind
			}
			if f.Type.Items != nil {
				k = kindOf(*f.Type.Items)
			}
			if k == stringKind {
				w.slot(name+": "+w.text(), name+": x")
			} else {
				w.slot(name+": "+w.whole(k), harmless(name, k))
			}
		}
	})
}

// members writes at least one of the members of an object.
func (w *writer) members(fields []schema.Field) {
	at := w.IntN(len(fields))
	for i, member := range fields {
		if member.Required || i == at || w.percent(50) {
			w.argument(member)
		}
	}
}

func constrained(t schema.Type) bool {
	return t.Pattern != "" || len(t.Enum) > 0 || t.Minimum != nil || t.Maximum != nil || t.Fields != nil || t.Items != nil && constrained(*t.Items)
}

// literalOf returns a literal that fits a type.
func (w *writer) literalOf(t schema.Type) string {
	if t.Kind == schema.Any {
		return "1"
	}
	values := valuesOf(t.NotNull())
	if len(values) == 0 {
		return "x"
	}
	return literal(values[w.IntN(len(values))])
}

// poll writes `until`, `every` and `for`.
func (w *writer) poll(t Task) {
	outer := w.scope
	w.roots = append(slices.Clone(w.roots), schema.Field{Name: "result", Type: schema.ObjectOf(t.Output.Fields...)})
	w.focus = "result"
	condition := w.condition(1)
	for _, f := range t.Output.Fields {
		if f.Type.Kind == schema.Integer && !isCommonOutput(f.Name) && w.percent(70) {
			condition = "result." + f.Name + w.pick(" > 1", " >= 2", " != 0", " >= 100") + " or " + condition
		}
	}
	for _, f := range t.Output.Fields {
		if f.Type.Nullable && w.percent(40) {
			condition = "result." + f.Name + " != nil && (" + condition + ")"
		}
	}
	w.scope = outer
	w.slot("until: "+single(condition), "until: result.success")
	w.line("every: %s", w.pick("8s", "25s", "1m"))
	w.line("for: %s", w.pick("20s", "1m30s"))
}
