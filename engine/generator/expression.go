package generator

import (
	"slices"
	"strings"

	"errand/engine/schema"
)

// expression returns an expression of a kind. It may be null only with the probability Risk.
func (w *writer) expression(k kind, depth int) string {
	if depth <= 0 {
		return w.leaf(k)
	}
	e := func(k kind) string { return "(" + w.expression(k, depth-1) + ")" }
	switch w.IntN(16) {
	case 0:
		return w.leaf(k)
	case 1:
		return e(booleanKind) + " ? " + e(k) + " : " + e(k)
	case 2:
		return w.nullablePlace(k) + " ?? " + e(k)
	case 3:
		if w.lets < 3 {
			return w.letExpression(k, e)
		}
	case 4:
		return "{m: " + e(k) + ", n: " + e(integerKind) + "}.m"
	case 5:
		if k == stringKind || k == integerKind || k == numberKind || k == booleanKind {
			return "[" + e(k) + ", " + e(k) + "][" + e(integerKind) + "] ?? " + e(k)
		}
	case 6:
		if choice := w.choiceByEnum(k, e); choice != "" {
			return choice
		}
	}
	switch k {
	case stringKind:
		return w.textExpression(e)
	case integerKind:
		return w.integerExpression(e)
	case numberKind:
		return w.numberExpression(e)
	case booleanKind:
		return w.booleanExpression(e, depth)
	case durationKind:
		return w.durationExpression(e)
	case stringsKind:
		return w.textListExpression(e)
	case integersKind:
		return w.integerListExpression(e)
	}
	return w.leaf(k)
}

// choiceByEnum returns a member for each value of an enum, or "" if no place has an enum.
func (w *writer) choiceByEnum(k kind, e func(kind) string) string {
	var enums []place
	for _, p := range w.places(stringKind) {
		if len(p.t.Enum) > 0 && (!p.null || w.Risk > 0) {
			enums = append(enums, p)
		}
	}
	if len(enums) == 0 {
		return ""
	}
	p := enums[w.IntN(len(enums))]
	var members []string
	for _, value := range p.t.Enum {
		members = append(members, schema.Show(value)+": "+e(k))
	}
	return "{" + strings.Join(members, ", ") + "}[" + p.path + "]"
}

// letExpression returns an expression that binds a part to a name with let.
func (w *writer) letExpression(k kind, e func(kind) string) string {
	w.lets++
	name := w.newName("v")
	part := w.nullablePlace(k)
	rest := w.pick(name+" ?? "+e(k), name+" != nil ? "+name+" : "+e(k), name+" == nil ? "+e(k)+" : "+name)
	w.lets--
	return "(let " + name + " = " + part + "; " + rest + ")"
}

// nullablePlace returns a place that may be null, if there is one.
func (w *writer) nullablePlace(k kind) string {
	var may []place
	for _, p := range w.places(k) {
		// the check refuses a comparison of an enum with other texts
		if p.null && len(p.t.Enum) == 0 && p.t.Kind != schema.Null {
			may = append(may, p)
		}
	}
	if len(may) == 0 {
		return "(" + w.constant(k) + ")"
	}
	p := may[w.IntN(len(may))]
	return w.withOptionalDot(p.path)
}

// withOptionalDot replaces the last dot of some paths by `?.`.
func (w *writer) withOptionalDot(path string) string {
	if parts := strings.Split(path, "."); len(parts) > 2 && w.percent(30) {
		return strings.Join(parts[:len(parts)-1], ".") + "?." + parts[len(parts)-1]
	}
	return path
}

// leaf returns a literal or a place. A place that may be null has a guard, except with the
// probability Risk.
func (w *writer) leaf(k kind) string {
	places := w.places(k)
	if len(places) == 0 || w.percent(25) {
		return w.constant(k)
	}
	p := places[w.IntN(len(places))]
	switch {
	case !p.null:
		if w.Risk > 0 && strings.HasSuffix(p.path, "[0]") && w.percent(30) {
			return strings.TrimSuffix(p.path, "[0]") + "[1]"
		}
		return p.path
	case w.percent(w.Risk):
		return w.withOptionalDot(p.path)
	}
	constant := w.constant(k)
	if p.t.Kind == schema.Null {
		return "(" + w.withOptionalDot(p.path) + " ?? " + constant + ")"
	}
	guards := []string{
		"(" + w.withOptionalDot(p.path) + " ?? " + constant + ")", "(" + p.path + " != nil ? " + p.path + " : " + constant + ")",
		"(" + p.path + " == nil ? " + constant + " : " + p.path + ")",
	}
	if k == stringsKind || k == integersKind {
		guards = append(guards, "("+p.path+" ?? [])")
	}
	if w.Risk > 0 && strings.HasPrefix(p.path, "steps.") {
		id, _, _ := strings.Cut(strings.TrimPrefix(p.path, "steps."), ".")
		at := "steps." + id
		guards = append(guards, "("+at+" != nil ? "+p.path+" : "+constant+")", "("+at+".success ? "+p.path+" : "+constant+")",
			"("+w.shownBy(id)+" ? "+p.path+" : "+constant+")", "(("+w.condition(0)+") ? "+p.path+" : "+constant+")", "(("+w.condition(1)+") ? "+p.path+" : "+constant+")")
	}
	return w.pick(guards...)
}

// shownBy returns a condition that may show that a step has run: the success of a step around it, or an
// approval.
func (w *writer) shownBy(id string) string {
	for _, s := range w.known {
		switch {
		case s.id != id:
		case s.around != "" && w.percent(70):
			return "steps." + s.around + ".success"
		case slices.ContainsFunc(s.outputs, func(o schema.Field) bool { return o.Name == "approved" }):
			return "steps." + id + ".approved"
		}
	}
	return "steps." + id + ".success"
}

var constants = map[kind][]string{
	stringKind:   {`"a"`, `"w"`, `""`, "`é`", `"a,b"`, `"12"`},
	integerKind:  {"0", "1", "-3", "7", "100"},
	numberKind:   {"0.5", "1.25", "3", "1e3"},
	booleanKind:  {"true", "false"},
	durationKind: {`duration("90s")`, `duration("300ms")`, `duration("1h30m")`, `duration("1d12h")`},
	stringsKind:  {`["a", "b"]`, `["x"]`},
	integersKind: {"[1, 2]", "(1..3)", "[0]"},
	anyKind:      {"1"},
	listKind:     {"[1]"},
	objectKind:   {"{k: 1}"},
}

func (w *writer) constant(k kind) string {
	list := constants[k]
	return list[w.IntN(len(list))]
}

// nonNullPlace returns a place of a kind that is not null, or a constant. reads reports whether it
// is a place.
func (w *writer) nonNullPlace(k kind) (path string, reads bool) {
	var list []string
	for _, p := range w.places(k) {
		if !p.null {
			list = append(list, p.path)
		}
	}
	if len(list) == 0 {
		return w.constant(k), false
	}
	return w.pick(list...), true
}
