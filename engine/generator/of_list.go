package generator

import "errand/engine/schema"

// ofTexts returns a list of texts that is made from other values.
func (w *writer) ofTexts(e func(kind) string) string {
	switch w.IntN(11) {
	case 0:
		return "split(" + e(ofString) + ", " + w.pick(`","`, `"b"`) + ")"
	case 1, 2:
		return "[" + e(ofString) + ", " + e(ofString) + "]"
	case 3:
		return w.pick("sort", "reverse", "uniq") + "(" + e(ofStrings) + ")"
	case 4:
		return "take(" + e(ofStrings) + ", " + w.pick("2", "max("+e(ofInteger)+", 0)") + ")"
	case 5:
		return "concat(" + e(ofStrings) + ", " + e(ofStrings) + ")"
	case 6:
		return "filter(" + e(ofStrings) + ", " + w.element(ofStrings, ofBoolean) + ")"
	case 7:
		return "map(" + e(ofIntegers) + ", " + w.element(ofIntegers, ofString) + ")"
	case 8:
		return e(ofStrings) + w.pick("[1:]", "[:2]", "["+e(ofInteger)+":]")
	}
	if made := w.overItems(); made != "" {
		return made
	}
	return "map(" + e(ofStrings) + ", " + w.element(ofStrings, ofString) + ")"
}

// ofWholes returns a list of integers that is made from other values.
func (w *writer) ofWholes(e func(kind) string) string {
	switch w.IntN(6) {
	case 0:
		return "[" + e(ofInteger) + ", " + e(ofInteger) + "]"
	case 1:
		return "1..min(max(" + e(ofInteger) + ", 0), 5)"
	case 2:
		return "map(" + e(ofStrings) + ", " + w.element(ofStrings, ofInteger) + ")"
	case 3:
		return "filter(" + e(ofIntegers) + ", " + w.element(ofIntegers, ofBoolean) + ")"
	case 4:
		return "reverse(" + e(ofIntegers) + ")"
	}
	return "sort(" + e(ofIntegers) + ")[:3]"
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
	case list == ofStrings && k == ofBoolean:
		return w.pick(`# == "a"`, "len(#) > 1", `# contains "o"`, "#index > 0", "# != inputs.who")
	case list == ofStrings && k == ofString:
		return w.pick("upper(#)", `# + "!"`, "string(#index)", "# + inputs.who")
	case list == ofStrings && k == ofInteger:
		return w.pick("len(#)", "int(#) ?? 0", "#index")
	case k == ofBoolean:
		return w.pick("# > 1", "# % 2 == 0", "# in [1, 2]")
	case k == ofString:
		return w.pick("string(#)", `"n" + string(#)`)
	}
	return w.pick("#", "# % 5", "#index")
}

// overItems returns an expression that collects an output of the steps of an earlier loop. It
// returns "" if there is none.
func (w *writer) overItems() string {
	var found []string
	for _, p := range w.places(ofList) {
		if p.null || itemOf(p.t).Kind != schema.Object || itemOf(p.t).Nullable {
			continue
		}
		for _, s := range itemOf(p.t).Fields {
			for _, o := range s.Type.Fields {
				if kindOf(o.Type) == ofString {
					found = append(found, "map("+p.path+", #."+s.Name+w.pick(".", "?.")+o.Name+` ?? "-")`)
				}
				if kindOf(o.Type) == ofString && !s.Type.Nullable && !o.Type.Nullable {
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
