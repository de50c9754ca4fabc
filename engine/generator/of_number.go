package generator

// ofWhole returns an integer that is made from other values. Its evaluation can fail because the
// result is too large or because of a division by zero.
func (w *writer) ofWhole(e func(kind) string) string {
	n := func() string { return e(ofInteger) }
	switch w.IntN(16) {
	case 0, 1:
		return n() + w.pick(" + ", " - ") + n()
	case 2:
		return n() + " * " + w.pick("2", w.place())
	case 3:
		return n() + " % " + w.pick("3", "-7", w.place())
	case 4:
		return "-" + n()
	case 5, 6:
		return "len(" + e([]kind{ofString, ofStrings, ofIntegers}[w.IntN(3)]) + ")"
	case 7:
		return "int(" + e(ofNumber) + ")"
	case 8:
		return "int(" + e(ofString) + ") ?? " + n()
	case 9:
		return w.pick("indexOf", "lastIndexOf") + "(" + e(ofString) + ", " + e(ofString) + ")"
	case 10:
		return "sum(" + e(ofIntegers) + w.pick(")", ", "+w.element(ofIntegers, ofInteger)+")")
	case 11:
		return "count(" + e(ofStrings) + ", " + w.element(ofStrings, ofBoolean) + ")"
	case 12:
		return w.pick("min", "max") + "(" + n() + ", " + n() + ")"
	case 13:
		return w.pick("min", "max") + "(" + e(ofIntegers) + ") ?? " + n()
	case 14:
		return e(ofIntegers) + "[" + n() + "] ?? " + n()
	}
	return "abs(" + n() + ")"
}

// place returns an integer that the check does not know, so that an operation on it is not
// constant.
func (w *writer) place() string {
	if path, reads := w.reading(ofInteger); reads {
		return path
	}
	return "len(inputs.who)"
}

// ofNumber returns a number that is made from other values.
func (w *writer) ofNumber(e func(kind) string) string {
	n := func() string { return e(ofNumber) }
	switch w.IntN(9) {
	case 0, 1:
		return n() + w.pick(" + ", " - ", " * ") + e(ofInteger)
	case 2:
		return n() + " / " + w.pick("2", "0.25", w.place())
	case 3:
		return w.pick("round", "ceil", "floor", "abs") + "(" + n() + ")"
	case 4:
		return "float(" + e(ofString) + ") ?? " + n()
	case 5:
		return "float(" + e(ofInteger) + ")"
	case 6:
		return w.pick("min", "max") + "(" + n() + ", " + e(ofInteger) + ")"
	case 7:
		return w.place() + " ** 2"
	}
	if path, reads := w.reading(ofDuration); reads {
		return path + ` / duration("1s")`
	}
	return n() + " * 0.5"
}

// ofTime returns a duration that is made from others. A subtraction, whose result may be negative,
// starts with a value that the check does not know.
func (w *writer) ofTime(e func(kind) string) string {
	d := func() string { return e(ofDuration) }
	switch w.IntN(6) {
	case 0:
		return d() + " + " + d()
	case 1:
		return d() + " * " + w.pick("2", "len("+e(ofStrings)+")")
	case 2:
		return w.pick("min", "max") + "(" + d() + ", " + d() + ")"
	case 3:
		return "sum([" + d() + ", " + d() + "])"
	case 4:
		if path, reads := w.reading(ofDuration); reads {
			return path + " - " + d()
		}
	}
	return w.leaf(ofDuration)
}
