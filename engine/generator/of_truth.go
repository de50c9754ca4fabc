package generator

import "strings"

// ofTruth returns a boolean that is made from other values.
func (w *writer) ofTruth(e func(kind) string, depth int) string {
	b := func() string { return e(ofBoolean) }
	switch w.IntN(16) {
	case 0:
		return b() + w.pick(" && ", " || ", " and ", " or ", " == ", " != ") + b()
	case 1:
		return w.pick("!", "not ") + b()
	case 2, 3:
		return e(ofInteger) + w.pick(" < ", " <= ", " > ", " >= ") + e(ofNumber)
	case 4:
		k := []kind{ofString, ofInteger, ofNumber, ofBoolean, ofDuration}[w.IntN(5)]
		if k == ofString {
			return w.pick("lower", "trim") + "(" + e(k) + ")" + w.pick(" == ", " != ") + e(k) + w.pick("", ` + ""`)
		}
		return e(k) + w.pick(" == ", " != ") + e(k)
	case 5, 6:
		return e(ofString) + w.pick(" contains ", " startsWith ", " endsWith ", " < ", " >= ") + e(ofString)
	case 7:
		return e(ofString) + " matches " + w.pick(`"^[a-z]+$"`, "`\\d`", `"o"`)
	case 8:
		return "lower(" + e(ofString) + ") in " + e(ofStrings)
	case 9:
		return w.perhaps(ofString) + " in " + e(ofStrings)
	case 10:
		k := []kind{ofStrings, ofIntegers}[w.IntN(2)]
		return w.pick("any", "all", "one", "none") + "(" + e(k) + ", " + w.element(k, ofBoolean) + ")"
	case 11:
		k := []kind{ofString, ofInteger, ofBoolean}[w.IntN(3)]
		return w.perhaps(k) + w.pick(" == ", " != ") + w.perhaps(k)
	case 12:
		p := w.perhaps(ofInteger)
		if strings.Contains(p, "[") {
			return "(" + p + " ?? 0) >= 1"
		}
		return w.pick(p+" != nil && "+p+" > 2", p+" == nil || "+p+" < 3", "("+p+" ?? 0) >= 1")
	case 13:
		return e(ofDuration) + w.pick(" < ", " >= ") + e(ofDuration)
	case 14:
		return `"k" in ` + w.pick("{k: "+e(ofInteger)+"}", w.somewhere(ofObject))
	}
	return "(" + w.condition(min(1, depth-1)) + ") == true" // the condition may be null
}

// somewhere returns a place of a kind, or a constant.
func (w *writer) somewhere(k kind) string {
	path, _ := w.reading(k)
	return path
}
