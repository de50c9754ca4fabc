package program

import (
	"strconv"

	"errand/engine/schema"
)

// misfitInside says which part of a type keeps it from another type of the same kind: the message
// "`settings.ports` must be a list of integers" and the label `whose "ports" is a string`. Both are
// empty if the whole does.
func misfitInside(what string, want, got schema.Type) (message, label string) {
	switch {
	case got.Kind != want.Kind:
		return "", ""
	case want.Kind == schema.List && want.Items != nil && got.Items != nil:
		if message, label = misfitInside(what+"[]", *want.Items, *got.Items); label != "" {
			label = "of objects " + label
		}
		return message, label
	case want.Kind != schema.Object:
		return "", ""
	case got.Fields == nil && got.Items == nil:
		return "`" + what + "` needs an object whose members are declared", "whose members are not declared"
	}
	for _, f := range want.Fields {
		given, ok := got.Field(f.Name)
		switch {
		case !ok && f.Required:
			return "`" + what + "` needs " + strconv.Quote(f.Name), "without " + strconv.Quote(f.Name)
		case ok:
			wanted := f.Type
			wanted.Nullable = wanted.Nullable || !f.Required
			if message, label = memberMisfit(what, f.Name, wanted, given.Type); label != "" {
				return message, label
			}
		}
	}
	for _, f := range got.Fields {
		if _, ok := want.Field(f.Name); ok {
			continue
		}
		if !want.AllowsMore() {
			return "`" + what + "` has no member " + strconv.Quote(f.Name), "with a member " + strconv.Quote(f.Name)
		}
		if want.Items != nil {
			if message, label = memberMisfit(what, f.Name, *want.Items, f.Type); label != "" {
				return message, label
			}
		}
	}
	return "", ""
}

// memberMisfit is misfitInside for an object of which only the type of a member may not fit.
func memberMisfit(what, name string, want, got schema.Type) (message, label string) {
	if want.Accepts(got) {
		return "", ""
	}
	whose := "whose " + strconv.Quote(name) + " is "
	if message, label = misfitInside(what+"."+name, want, got); label != "" {
		return message, whose + schema.Of(got.Kind).Article() + " " + label
	}
	return "`" + what + "." + name + "` must be " + want.NotNull().Article(), whose + got.Article()
}
