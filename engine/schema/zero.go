package schema

import "time"

// Zero returns the simplest canonical value of the type: null if it is allowed, else an empty text,
// 0, false, an empty list, or an object whose fields have such values. It may violate the type's
// constraints.
func (t Type) Zero() any {
	if t.Nullable {
		return nil
	}
	switch t.Kind {
	case String:
		return ""
	case Integer:
		return 0
	case Number:
		return 0.0
	case Boolean:
		return false
	case Duration:
		return time.Duration(0)
	case List:
		return []any{}
	case Object:
		object := map[string]any{}
		for _, f := range t.Fields {
			object[f.Name] = f.Type.Zero()
		}
		return object
	}
	return nil
}
