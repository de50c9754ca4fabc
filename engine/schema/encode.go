package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Encode returns a canonical value as JSON. The same value always has the same bytes: the keys of
// objects are sorted, durations are texts, and nothing is escaped for HTML. It panics if the value
// is not canonical: that is an error of the programmer.
func Encode(v any) []byte { return Append(nil, v) }

// Append appends the result of Encode.
func Append(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case time.Duration:
		return AppendString(b, FormatDuration(v))
	case string:
		return AppendString(b, v)
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = Append(b, item)
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(AppendString(b, k), ':')
			b = Append(b, v[k])
		}
		return append(b, '}')
	case float64:
		data, err := json.Marshal(v)
		if err != nil {
			panic("schema: " + err.Error())
		}
		return append(b, data...)
	}
	panic(fmt.Sprintf("schema: %T is not canonical", v))
}

// AppendString appends a JSON string.
func AppendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			return appendQuoted(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendQuoted(b []byte, s string) []byte {
	var buffer bytes.Buffer
	e := json.NewEncoder(&buffer)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return append(b, bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))...)
}

// Show returns a value as JSON, for a message. A long value is cut.
func Show(v any) string {
	var text string
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case float64:
		format := byte('g')
		if v == math.Trunc(v) && math.Abs(v) <= 1<<53 {
			format = 'f' // as people write an integer
		}
		text = strconv.FormatFloat(v, format, -1, 64)
	case nil, bool, int, time.Duration, string, []any, map[string]any:
		if text = string(Encode(plain("", v, func(_ string, n json.Number) any { return n.String() }))); strings.HasPrefix(text, `"`) {
			text = strings.ReplaceAll(text, `\\`, `\`)
		}
	default:
		text = fmt.Sprint(v)
	}
	const limit = 80
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}

// describe returns the kind of a value that does not fit, with its article.
func describe(raw any) string {
	switch raw.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case json.Number, int, int64, float64:
		if _, whole := integer(raw); whole {
			return "an integer"
		}
		return "a number"
	case time.Duration:
		return "a duration"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "null"
}

// article returns the type with its article: "a string", "an integer", "a list of strings".
func (t Type) article() string {
	name := t.NotNull().String()
	switch {
	case t.Kind == Any:
		return "a value"
	case strings.ContainsAny(name[:1], "aio"):
		return "an " + name
	}
	return "a " + name
}

// Article returns the type with its article, for a message: "a string", "an integer", "a list of
// strings or null".
func (t Type) Article() string {
	if t.Nullable {
		return t.article() + " or null"
	}
	return t.article()
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
