package generator

import "errand/engine/schema"

// textListExpression returns a list of texts that is made from other values.
func (w *writer) textListExpression(e func(kind) string) string {
	switch w.IntN(11) {
	case 0:
		return "split(" + e(stringKind) + ", " + w.pick(`","`, `"b"`) + ")"
	case 1, 2:
		return "[" + e(stringKind) + ", " + e(stringKind) + "]"
	case 3:
		return w.pick("sort", "reverse", "uniq") + "(" + e(stringsKind) + ")"
	case 4:
		return "take(" + e(stringsKind) + ", " + w.pick("2", "max("+e(integerKind)+", 0)") + ")"
	case 5:
		return "concat(" + e(stringsKind) + ", " + e(stringsKind) + ")"
	case 6:
		return "filter(" + e(stringsKind) + ", " + w.element(stringsKind, booleanKind) + ")"
	case 7:
		return "map(" + e(integersKind) + ", " + w.element(integersKind, stringKind) + ")"
	case 8:
		return e(stringsKind) + w.pick("[1:]", "[:2]", "["+e(integerKind)+":]")
	}
	if made := w.overItems(); made != "" {
		return made
	}
	return "map(" + e(stringsKind) + ", " + w.element(stringsKind, stringKind) + ")"
}

// integerListExpression returns a list of integers that is made from other values.
func (w *writer) integerListExpression(e func(kind) string) string {
	switch w.IntN(6) {
	case 0:
		return "[" + e(integerKind) + ", " + e(integerKind) + "]"
	case 1:
		return "1..min(max(" + e(integerKind) + ", 0), 5)"
	case 2:
		return "map(" + e(stringsKind) + ", " + w.element(stringsKind, integerKind) + ")"
	case 3:
		return "filter(" + e(integersKind) + ", " + w.element(integersKind, booleanKind) + ")"
	case 4:
		return "reverse(" + e(integersKind) + ")"
	}
	return "sort(" + e(integersKind) + ")[:3]"
}

// element returns an expression of a kind that uses the element of a list.
func (w *writer) element(list, k kind) string {
	if w.lists == 0 && w.percent(25) {
		w.lists++
		made := "(" + w.expression(k, 1) + ")"
		w.lists--
		return made
	}
	switch {
	case list == stringsKind && k == booleanKind:
		return w.pick(`# == "a"`, "len(#) > 1", `# contains "o"`, "#index > 0", "# != inputs.who")
	case list == stringsKind && k == stringKind:
		return w.pick("upper(#)", `# + "!"`, "string(#index)", "# + inputs.who")
	case list == stringsKind && k == integerKind:
		return w.pick("len(#)", "int(#) ?? 0", "#index")
	case k == booleanKind:
		return w.pick("# > 1", "# % 2 == 0", "# in [1, 2]")
	case k == stringKind:
		return w.pick("string(#)", `"n" + string(#)`)
	}
	return w.pick("#", "# % 5", "#index")
}

// overItems returns an expression that collects an output of the steps of an earlier loop. It
// returns "" if there is none.
func (w *writer) overItems() string {
	var found []string
	for _, p := range w.places(listKind) {
		if p.null || itemOf(p.t).Kind != schema.Object || itemOf(p.t).Nullable {
			continue
		}
		for _, s := range itemOf(p.t).Fields {
			for _, o := range s.Type.Fields {
				if kindOf(o.Type) == stringKind {
					found = append(found, "map("+p.path+", #."+s.Name+w.pick(".", "?.")+o.Name+` ?? "-")`)
				}
				if kindOf(o.Type) == stringKind && !s.Type.Nullable && !o.Type.Nullable {
					found = append(found, "map("+p.path+", #."+s.Name+"."+o.Name+")")
				}
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	return w.pick(found...)
}
