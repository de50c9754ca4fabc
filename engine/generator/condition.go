package generator

import (
	"errand/engine/schema"
	"slices"
	"strings"
)

// proof returns a condition, and the places that are not null if the condition is true.
func (w *writer) proof() (condition string, proofs []string) {
	var may []place
	for _, p := range w.visiblePlaces() {
		if p.t.Kind == schema.List && !p.null && !itemOf(p.t).Nullable && w.percent(25) {
			if w.percent(50) {
				return "len(" + p.path + ") >= 2", []string{p.path + "[0]", p.path + "[1]", p.path + "[-1]"}
			}
			return "len(" + p.path + ")" + w.pick(" > 0", " != 0"), []string{p.path + "[0]", p.path + "[-1]"}
		}
		if p.null && p.t.Kind != schema.Null {
			may = append(may, p)
		}
	}
	switch {
	case w.focus != "" && w.percent(35):
		condition, proofs = w.focus+".success", []string{w.focus + succeeded}
	case len(may) > 0:
		p := may[w.IntN(len(may))]
		condition, proofs = p.path+" != nil", []string{p.path}
		if kindOf(p.t) == stringKind && len(p.t.Enum) == 0 && w.percent(30) {
			condition = w.pick(p.path+` == "w"`, p.path+` in ["w", ""]`, "len("+p.path+` ?? "") > 0`, "("+p.path+` ?? "") startsWith "w"`)
		} else if kindOf(p.t) == integerKind && len(p.t.Enum) == 0 && w.percent(30) {
			condition = "(" + p.path + " ?? 0)" + w.pick(" > 0", " != 0", " < 0")
		}
	default:
		return w.condition(1), nil
	}
	if w.percent(25) {
		condition = w.pick(condition+" && "+w.leaf(booleanKind), w.leaf(booleanKind)+" and "+condition, "not ("+condition+" == false)")
		if strings.HasPrefix(condition, "not") {
			proofs = nil
		}
	}
	return condition, proofs
}

// guarded returns a text that may be null or not, with or without a guard. It tests what the check
// can most easily get wrong.
func (w *writer) guarded() string {
	if w.Risk == 0 {
		return w.expression(stringKind, w.IntN(2))
	}
	return w.pick(w.bare(), w.bare(), w.bare(), w.bare(),
		w.bare()+" ?? "+w.bare(),
		"("+w.condition(1)+") ? "+w.bare()+" : "+w.bare(),
		"("+w.condition(1)+") ? "+w.bare()+` : "x"`)
}

// bare returns a text without a guard. With the probability Risk it may be null.
func (w *writer) bare() string {
	if !w.percent(w.Risk) {
		return w.leaf(stringKind)
	}
	switch w.IntN(16) {
	case 0, 1:
		return `"x"`
	case 2:
		if len(w.all) > 0 && w.percent(40) { // visible from here or not
			return "steps." + w.pick(w.all...) + ".result_message"
		}
	}
	places := w.places(stringKind)
	p := places[w.IntN(len(places))]
	if base, output, ok := strings.Cut(strings.TrimPrefix(p.path, "steps."), "."); ok && strings.HasPrefix(p.path, "steps.") && w.percent(40) {
		return "steps." + base + "?." + output
	}
	return p.path
}

// condition returns a condition. It uses values that may be missing, in all ways that the language
// allows.
func (w *writer) condition(depth int) string {
	if depth > 0 && w.percent(50) {
		left, right := w.condition(depth-1), w.condition(depth-1)
		return w.pick("("+left+") && ("+right+")", "("+left+") || ("+right+")", "!("+left+")", "not ("+left+")", "("+left+") == false",
			"(("+left+") ? ("+right+") : false)")
	}
	if len(w.Titles) > 0 && w.percent(50) {
		return "inputs.who == " + quoted(w.pick(w.Titles...))
	}
	if !w.guards && w.percent(50) {
		return w.expression(booleanKind, w.IntN(3))
	}
	simple := []string{`inputs.who == "bob"`, `inputs.who != ""`}
	if w.guards {
		simple = append(simple, "inputs.a", "inputs.b", "inputs.a", "inputs.b", "inputs.a == true", "inputs.m != nil", "nil == inputs.m",
			`inputs.m == "m"`, `(inputs.m ?? "") != ""`, "(inputs.n ?? 0) > 3", "inputs.n != nil && inputs.n > 2")
	}
	if len(w.known) > 0 {
		simple = append(simple[w.IntN(len(simple)):], w.stepConditions()...)
	}
	for _, p := range w.visiblePlaces() {
		if list := p.t.Kind == schema.List; list && !p.null && w.percent(20) {
			simple = append(simple, "len("+p.path+")"+w.pick(" > 0", " != 0", " >= 2", " == 1", " < 2"), "1 < len("+p.path+")", "!(len("+p.path+") == 0)")
		} else if kindOf(p.t) == numberKind && !p.null && w.percent(20) {
			simple = append(simple, p.path+w.pick(" != 9007199254740992", " == 9007199254740993", " == 9007199254740992"))
		}
	}
	if w.handler {
		simple = append(simple, "failure != nil", `failure.code == "Refused"`)
	}
	return w.pick(simple...)
}

// stepConditions lists conditions about a step, mostly about the focus.
func (w *writer) stepConditions() []string {
	at := w.anyStep()
	if strings.HasPrefix(w.focus, "steps.") && w.percent(75) {
		at = w.focus
	}
	list := []string{
		at + ".success", at + ".success == true", at + ".success != false", at + " != nil", at + " == nil", at + ".success ?? false",
		"(" + at + ".success ?? true) == false", at + ".result_code == 0", at + ".success == " + at + ".success",
	}
	i := slices.IndexFunc(w.known, func(s step) bool { return "steps."+s.id == at })
	var texts []string
	for _, f := range w.known[i].outputs {
		if kindOf(f.Type) == stringKind && len(f.Type.Enum) == 0 && !isCommonOutput(f.Name) {
			texts = append(texts, at+"."+f.Name)
		}
		if kindOf(f.Type) == booleanKind {
			list = append(list, at+"."+f.Name, at+"."+f.Name+" == true")
		}
	}
	if len(texts) == 0 {
		return list
	}
	text := w.pick(texts...)
	return append(list, text+" != nil", text+" == nil", text+` == "w"`, text+` in ["w", ""]`, text+" == "+w.pick(texts...), text+" != nil",
		"len("+text+` ?? "") > 0`, "("+text+` ?? "w") startsWith "w"`)
}
