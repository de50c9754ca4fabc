package generator

// textExpression returns a text that is made from other values.
func (w *writer) textExpression(e func(kind) string) string {
	s := func() string { return e(stringKind) }
	switch w.IntN(16) {
	case 0, 1:
		return s() + " + " + s()
	case 2:
		return w.pick("upper", "lower", "trim") + "(" + s() + ")"
	case 3:
		return w.pick("trimPrefix", "trimSuffix", "trim") + "(" + s() + ", " + s() + ")"
	case 4:
		return "replace(" + s() + ", " + s() + `, "-")`
	case 5:
		return "repeat(" + s() + ", " + w.pick("2", "min("+e(integerKind)+", 3)") + ")"
	case 6, 7:
		return "join(" + e(stringsKind) + w.pick(")", `, ", ")`)
	case 8, 9:
		k := []kind{integerKind, numberKind, booleanKind, durationKind}[w.IntN(4)]
		if path, reads := w.nonNullPlace(anyKind); reads && w.percent(50) {
			return w.pick("toJSON(", `string(`) + path + ` ?? "none")`
		}
		return "string(" + e(k) + ")"
	case 10:
		return s() + w.pick("[0:2]", "[1:]", "[:-1]", "["+e(integerKind)+":"+e(integerKind)+"]")
	case 11:
		return "toJSON(" + e(plainKinds[w.IntN(len(plainKinds))]) + ")"
	case 12:
		return w.pick("first", "last") + "(" + e(stringsKind) + ") ?? " + s()
	case 13:
		return "split(" + s() + `, ",")[` + w.pick("0", "1", "-1", e(integerKind)) + "] ?? " + s()
	case 14:
		return "find(" + e(stringsKind) + ", " + w.element(stringsKind, booleanKind) + ") ?? " + s()
	}
	switch {
	case w.percent(30): // a table
		return "{a: " + s() + ", bob: " + s() + "}[inputs.who] ?? " + s()
	case w.Risk > 0 && w.percent(50): // refused: it would evade the check of names
		return w.pick("string(inputs[", "string(steps[", "string(run[") + "inputs.who])"
	}
	return "{a: " + s() + "}[" + w.pick(`"a"`, `"a"`) + "]"
}
