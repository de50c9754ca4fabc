package expression

import (
	"fmt"
	"strconv"
	"time"

	"errand/engine/schema"
)

// Text returns a value as it appears inside a text, as in `note ${{ x }}`: a string unchanged, a
// number in its shortest form, a boolean as true or false, a duration as "1m30s". It fails for
// null, a list and an object.
func Text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return string(schema.Encode(v)), nil
	case bool:
		return strconv.FormatBool(v), nil
	case time.Duration:
		return schema.FormatDuration(v), nil
	case nil:
		return "", stop("null cannot be part of a text")
	case []any:
		return "", stop("a list cannot be part of a text")
	case map[string]any:
		return "", stop("an object cannot be part of a text")
	}
	return "", fmt.Errorf("%T cannot be part of a text", v)
}

// TextType returns why values of a type cannot appear inside a text, and what to do. Both are empty
// if they can.
func TextType(t schema.Type) (message, help string) {
	switch {
	case t.Kind == schema.Null:
		return "null cannot be part of a text", "remove it"
	case t.Kind == schema.List:
		return "a list cannot be part of a text", `join its elements: join(…, ", "), or write toJSON(…)`
	case t.Kind == schema.Object:
		return "an object cannot be part of a text", "name one of its members, or write toJSON(…)"
	case t.Kind == schema.Any:
		return "a value of any type cannot be part of a text", "make it a string: string(… ?? \"…\")"
	case t.Nullable:
		return "a value that may be null cannot be part of a text", "guard it: … ?? " + substitute(t.Kind)
	}
	return "", ""
}
