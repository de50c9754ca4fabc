package program

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/schema"
)

// declareHelp returns how to declare what an expression reads, so that it fits a type: an input, or
// the member of an input. It returns "" for any other expression.
func declareHelp(source string, want schema.Type) string {
	path := strings.Split(source, ".")
	if len(path) < 2 || path[0] != "inputs" || slices.ContainsFunc(path[1:], func(name string) bool { return !definition.IsIdentifier(name) }) {
		return ""
	}
	input, members := path[1], path[2:]
	declared := "type: " + string(want.Kind)
	if want.Kind == schema.List && want.Items != nil && slices.Contains(schema.Kinds, string(want.Items.Kind)) {
		declared += ", items: {type: " + string(want.Items.Kind) + "}"
	}
	if len(members) == 0 {
		return `declare the input "` + input + `" with ` + declared
	}
	slices.Reverse(members)
	for i, name := range members {
		declared = "properties: {" + name + ": {" + declared + "}}"
		if i < len(members)-1 {
			declared = "type: object, " + declared
		}
	}
	return `declare the member in the input "` + input + `": ` + declared
}
