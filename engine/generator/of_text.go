package generator

// ofText returns a text that is made from other values.
func (w *writer) ofText(e func(kind) string) string {
	s := func() string { return e(ofString) }
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
		return "repeat(" + s() + ", " + w.pick("2", "min("+e(ofInteger)+", 3)") + ")"
	case 6, 7:
		return "join(" + e(ofStrings) + w.pick(")", `, ", ")`)
	case 8, 9:
		k := []kind{ofInteger, ofNumber, ofBoolean, ofDuration}[w.IntN(4)]
		if path, reads := w.reading(ofAny); reads && w.percent(50) {
			return w.pick("toJSON(", `string(`) + path + ` ?? "none")`
		}
		return "string(" + e(k) + ")"
	case 10:
		return s() + w.pick("[0:2]", "[1:]", "[:-1]", "["+e(ofInteger)+":"+e(ofInteger)+"]")
	case 11:
		return "toJSON(" + e(plainKinds[w.IntN(len(plainKinds))]) + ")"
	case 12:
		return w.pick("first", "last") + "(" + e(ofStrings) + ") ?? " + s()
	case 13:
		return "split(" + s() + `, ",")[` + w.pick("0", "1", "-1", e(ofInteger)) + "] ?? " + s()
	case 14:
		return "find(" + e(ofStrings) + ", " + w.element(ofStrings, ofBoolean) + ") ?? " + s()
	}
	return "{a: " + s() + "}[" + w.pick(`"a"`, `"a"`) + "]"
}
