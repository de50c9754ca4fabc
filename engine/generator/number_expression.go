package generator

import "errand/engine/schema"

// integerExpression returns an integer that is made from other values. Its evaluation can fail
// because the result is too large or because of a division by zero.
func (w *writer) integerExpression(e func(kind) string) string {
	n := func() string { return e(integerKind) }
	switch w.IntN(18) {
	case 16:
		if w.Risk > 0 && w.percent(30) {
			return n() + w.pick(" // 2", " % 0") // refused: the part behind it would not count, or it would fail
		}
	case 17:
		if places := w.places(listKind); len(places) > 0 && !places[0].null && itemOf(places[0].t).Kind == schema.Any {
			return w.pick("int("+places[0].path+"[0]) ?? "+n(), "len(toList("+places[0].path+"[0]) ?? [])")
		}
	case 0, 1:
		return n() + w.pick(" + ", " - ") + n()
	case 2:
		return n() + " * " + w.pick("2", w.unknownInteger())
	case 3:
		return n() + " % " + w.pick("3", "-7", w.unknownInteger())
	case 4:
		return "-" + n()
	case 5, 6:
		return "len(" + e([]kind{stringKind, stringsKind, integersKind}[w.IntN(3)]) + ")"
	case 7:
		return "int(" + e(numberKind) + ")"
	case 8:
		return "int(" + e(stringKind) + ") ?? " + n()
	case 9:
		return w.pick("indexOf", "lastIndexOf") + "(" + e(stringKind) + ", " + e(stringKind) + ")"
	case 10:
		return "sum(" + e(integersKind) + w.pick(")", ", "+w.element(integersKind, integerKind)+")")
	case 11:
		return "count(" + e(stringsKind) + ", " + w.element(stringsKind, booleanKind) + ")"
	case 12:
		return w.pick("min", "max") + "(" + n() + ", " + n() + ")"
	case 13:
		return w.pick("min", "max") + "(" + e(integersKind) + ") ?? " + n()
	case 14:
		return e(integersKind) + "[" + n() + "] ?? " + n()
	}
	return "abs(" + n() + ")"
}

// unknownInteger returns an integer that the check does not know, so that an operation on it is not
// constant.
func (w *writer) unknownInteger() string {
	if path, reads := w.nonNullPlace(integerKind); reads {
		return path
	}
	return "len(inputs.who)"
}

// numberExpression returns a number that is made from other values.
func (w *writer) numberExpression(e func(kind) string) string {
	n := func() string { return e(numberKind) }
	switch w.IntN(10) {
	case 8:
		if w.Risk > 0 && w.percent(30) {
			return n() + " / 0.0" // refused
		}
	case 9:
		return w.pick("-(0 * (", "round(-0.4 * (") + n() + "))"
	case 0, 1:
		return n() + w.pick(" + ", " - ", " * ") + e(integerKind)
	case 2:
		return n() + " / " + w.pick("2", "0.25", w.unknownInteger())
	case 3:
		return w.pick("round", "ceil", "floor", "abs") + "(" + n() + ")"
	case 4:
		return "float(" + e(stringKind) + ") ?? " + n()
	case 5:
		return "float(" + e(integerKind) + ")"
	case 6:
		return w.pick("min", "max") + "(" + n() + ", " + e(integerKind) + ")"
	case 7:
		return w.unknownInteger() + " ** 2"
	}
	if path, reads := w.nonNullPlace(durationKind); reads && w.percent(50) {
		return e(durationKind) + " / " + path
	}
	return e(durationKind) + w.pick(` / duration("1s")`, ` / duration("1d")`)
}

// unknownNumber is like unknownInteger.
func (w *writer) unknownNumber() string {
	if path, reads := w.nonNullPlace(numberKind); reads {
		return path
	}
	return "len(inputs.who)"
}

// durationExpression returns a duration that is made from others. An operation whose result may be
// negative or too long has an operand that the check does not know.
func (w *writer) durationExpression(e func(kind) string) string {
	d := func() string { return e(durationKind) }
	switch w.IntN(9) {
	case 0:
		return d() + " + " + d()
	case 5:
		return d() + " * " + w.pick("1.5", w.unknownNumber())
	case 6:
		return w.pick("0.25", w.unknownNumber()) + " * " + d()
	case 7:
		return d() + " / " + w.pick("2", "0.5", w.unknownInteger(), w.unknownNumber())
	case 1:
		return d() + " * " + w.pick("2", "len("+e(stringsKind)+")")
	case 2:
		return w.pick("min", "max") + "(" + d() + ", " + d() + ")"
	case 3:
		return "sum([" + d() + ", " + d() + "])"
	case 4:
		if path, reads := w.nonNullPlace(durationKind); reads {
			return path + " - " + d()
		}
	}
	return w.leaf(durationKind)
}
