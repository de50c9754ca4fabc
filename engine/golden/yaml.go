package golden

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"errand/engine/definition"
)

// A member is a key and its value. A list of members is a mapping that keeps its order.
type member struct {
	key   string
	value any
}

// ordered returns those of the keys that a mapping has, in the order in which they are named.
func ordered(m map[string]any, keys ...string) []member {
	var all []member
	for _, key := range keys {
		if value, ok := m[key]; ok {
			all = append(all, member{key, value})
		}
	}
	return all
}

// writeYAML formats values of JSON, and lists of members, as YAML for people.
func writeYAML(v any) []byte {
	var b bytes.Buffer
	writeBlock(&b, v, 0)
	return b.Bytes()
}

// writeBlock writes a value that begins on a new line.
func writeBlock(b *bytes.Buffer, v any, indent int) {
	pad := strings.Repeat("  ", indent)
	if isEmpty(v) {
		fmt.Fprintf(b, "%s%s\n", pad, inline(v))
		return
	}
	switch v := v.(type) {
	case map[string]any:
		writeBlock(b, ordered(v, slices.Sorted(maps.Keys(v))...), indent)
	case []member:
		for _, m := range v {
			writeMember(b, pad+definition.Scalar(m.key)+":", m.value, indent)
		}
	case []any:
		for _, item := range v {
			if isEmpty(item) || isScalar(item) {
				fmt.Fprintf(b, "%s- %s\n", pad, inline(item))
				continue
			}
			var inner bytes.Buffer
			writeBlock(&inner, item, indent+1)
			b.WriteString(pad + "- " + strings.TrimPrefix(inner.String(), pad+"  "))
		}
	default:
		fmt.Fprintf(b, "%s%s\n", pad, inline(v))
	}
}

func writeMember(b *bytes.Buffer, head string, v any, indent int) {
	if isEmpty(v) || isScalar(v) {
		fmt.Fprintf(b, "%s %s\n", head, inline(v))
		return
	}
	fmt.Fprintf(b, "%s\n", head)
	writeBlock(b, v, indent+1)
}

func isScalar(v any) bool {
	switch v.(type) {
	case map[string]any, []member, []any:
		return false
	}
	return true
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) == 0
	case []member:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// inline formats a scalar or an empty collection.
func inline(v any) string {
	switch v := v.(type) {
	case map[string]any, []member:
		return "{}"
	case []any:
		return "[]"
	case string:
		return definition.Scalar(v)
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}
