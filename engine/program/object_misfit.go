package program

import "errand/engine/schema"

// misfitInside says which part of a type keeps it from another type of the same kind, for a label:
// `whose "ports" is a string; want a list of integers`. It returns "" if the whole does.
func misfitInside(want, got schema.Type) string {
	switch {
	case got.Kind != want.Kind:
		return ""
	case want.Kind == schema.List && want.Items != nil && got.Items != nil:
		if inside := misfitInside(*want.Items, *got.Items); inside != "" {
			return "of objects " + inside
		}
		return ""
	case want.Kind != schema.Object:
		return ""
	case got.Fields == nil && got.Items == nil:
		return "whose members are not declared"
	}
	for _, f := range want.Fields {
		wanted := f.Type
		wanted.Nullable = wanted.Nullable || !f.Required
		switch given, ok := got.Field(f.Name); {
		case !ok && f.Required:
			return `without "` + f.Name + `"`
		case ok && !wanted.Accepts(given.Type):
			if inside := misfitInside(f.Type, given.Type); inside != "" {
				return `whose "` + f.Name + `" is ` + schema.Of(f.Type.Kind).Article() + " " + inside
			}
			return `whose "` + f.Name + `" is ` + given.Type.Article() + "; want " + f.Type.Article()
		}
	}
	for _, f := range got.Fields {
		if _, ok := want.Field(f.Name); !ok && !want.AllowsMore() {
			return `with a member "` + f.Name + `", which is not known`
		}
	}
	return ""
}
