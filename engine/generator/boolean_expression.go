package generator

import "strings"

// booleanExpression returns a boolean that is made from other values.
func (w *writer) booleanExpression(e func(kind) string, depth int) string {
	b := func() string { return e(booleanKind) }
	switch w.IntN(16) {
	case 0:
		return b() + w.pick(" && ", " || ", " and ", " or ", " == ", " != ") + b()
	case 1:
		return w.pick("!", "not ") + b()
	case 2, 3:
		return e(integerKind) + w.pick(" < ", " <= ", " > ", " >= ") + e(numberKind)
	case 4:
		k := []kind{stringKind, integerKind, numberKind, booleanKind, durationKind}[w.IntN(5)]
		if k == stringKind {
			return w.pick("lower", "trim") + "(" + e(k) + ")" + w.pick(" == ", " != ") + e(k) + w.pick("", ` + ""`)
		}
		return e(k) + w.pick(" == ", " != ") + e(k)
	case 5, 6:
		return e(stringKind) + w.pick(" contains ", " startsWith ", " endsWith ", " < ", " >= ") + e(stringKind)
	case 7:
		return e(stringKind) + " matches " + w.pick(`"^[a-z]+$"`, "`\\d`", `"o"`)
	case 8:
		return "lower(" + e(stringKind) + ") in " + e(stringsKind)
	case 9:
		return w.nullablePlace(stringKind) + " in " + e(stringsKind)
	case 10:
		k := []kind{stringsKind, integersKind}[w.IntN(2)]
		return w.pick("any", "all", "one", "none") + "(" + e(k) + ", " + w.element(k, booleanKind) + ")"
	case 11:
		k := []kind{stringKind, integerKind, booleanKind}[w.IntN(3)]
		return w.nullablePlace(k) + w.pick(" == ", " != ") + w.nullablePlace(k)
	case 12:
		p := w.nullablePlace(integerKind)
		if strings.Contains(p, "[") {
			return "(" + p + " ?? 0) >= 1"
		}
		return w.pick(p+" != nil && "+p+" > 2", p+" == nil || "+p+" < 3", "("+p+" ?? 0) >= 1")
	case 13:
		return e(durationKind) + w.pick(" < ", " >= ") + e(durationKind)
	case 14:
		return `"k" in ` + w.pick("{k: "+e(integerKind)+"}", w.placeOrConstant(objectKind))
	}
	return "(" + w.condition(min(1, depth-1)) + ") == true" // the condition may be null
}

// placeOrConstant returns a place of a kind, or a constant.
func (w *writer) placeOrConstant(k kind) string {
	path, _ := w.nonNullPlace(k)
	return path
}
