package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"errand/engine/diag"
)

// Canonical converts a value to a canonical value that fits the type. The value is canonical
// already, or decoded from JSON.
func (t Type) Canonical(raw any) (any, error) {
	c := canonizer{}
	v := c.value("", t, raw)
	return v, errors.Join(c.misfits...)
}

type canonizer struct{ misfits []error }

func (c *canonizer) refuse(path, format string, args ...any) any {
	c.misfits = append(c.misfits, Misfit{Path: path, Message: fmt.Sprintf(format, args...)})
	return nil
}

func (c *canonizer) value(path string, t Type, raw any) any {
	if raw == nil {
		if t.Nullable || t.Kind == Any || t.Kind == Null {
			return nil
		}
		return c.refuse(path, "a value is missing; want %s", t.article())
	}
	before := len(c.misfits)
	v := c.kind(path, t, raw)
	if len(c.misfits) > before {
		return nil
	}
	if message := t.constraint(v); message != "" {
		return c.refuse(path, "%s", message)
	}
	return v
}

func (c *canonizer) kind(path string, t Type, raw any) any {
	switch t.Kind {
	case String:
		if s, ok := raw.(string); ok {
			if !utf8.ValidString(s) {
				return c.refuse(path, "is not valid UTF-8")
			}
			return s
		}
	case Boolean:
		if b, ok := raw.(bool); ok {
			return b
		}
	case Integer:
		if n, ok := integer(raw); ok {
			return n
		}
	case Number:
		if f, ok := number(raw); ok {
			return f
		}
		if n, ok := raw.(json.Number); ok {
			return c.refuse(path, "%s is a number that is too large", n)
		}
	case Duration:
		switch d := raw.(type) {
		case time.Duration:
			return d
		case string:
			v, err := ParseDuration(d)
			if err != nil {
				return c.refuse(path, "%q %s", d, err)
			}
			return v
		}
	case List:
		if items, ok := raw.([]any); ok {
			return c.list(path, t, items)
		}
	case Object:
		if members, ok := raw.(map[string]any); ok {
			return c.object(path, t, members)
		}
	case Any:
		return c.plain(path, raw)
	}
	return c.refuse(path, "%s is %s; want %s", Show(raw), describe(raw), t.article())
}

func (c *canonizer) list(path string, t Type, items []any) any {
	item := Type{Kind: Any}
	if t.Items != nil {
		item = *t.Items
	}
	list := make([]any, len(items))
	for i, raw := range items {
		list[i] = c.value(fmt.Sprintf("%s[%d]", path, i), item, raw)
	}
	return list
}

func (c *canonizer) object(path string, t Type, members map[string]any) any {
	object := make(map[string]any, max(len(members), len(t.Fields)))
	known := 0
	for _, f := range t.Fields {
		raw, given := members[f.Name]
		if given {
			known++
		}
		switch at := join(path, f.Name); {
		case given && raw != nil:
			object[f.Name] = c.value(at, f.Type, raw)
		case f.Default != nil:
			object[f.Name] = f.Default
		case f.Required && !f.Type.Nullable:
			if t.isMisspelt(f.Name, members) {
				continue // the misspelt name is reported below
			}
			c.refuse(at, "a value is missing; want %s", f.Type.article())
		default:
			object[f.Name] = nil
		}
	}
	if known == len(members) {
		return object
	}
	for _, name := range sortedKeys(members) {
		if _, known := t.Field(name); known {
			continue
		}
		if !t.AllowsMore() {
			c.misfits = append(c.misfits, Misfit{Path: join(path, name), Message: "is not known", Unknown: name, Known: t.FieldNames()})
			continue
		}
		if at := join(path, name); t.Items != nil {
			object[name] = c.value(at, *t.Items, members[name])
		} else {
			object[name] = c.plain(at, members[name])
		}
	}
	return object
}

// isMisspelt reports whether the members have an unknown name that is probably meant to be this one.
func (t Type) isMisspelt(name string, members map[string]any) bool {
	if t.AllowsMore() {
		return false
	}
	for given := range members {
		if _, known := t.Field(given); !known && diag.Nearest(given, t.FieldNames()) == name {
			return true
		}
	}
	return false
}

var compiled sync.Map // pattern → *regexp.Regexp

// constraint returns which constraint a canonical value of the right kind violates, or "".
func (t *Type) constraint(v any) string {
	if len(t.Enum) > 0 && !slices.ContainsFunc(t.Enum, func(e any) bool { return same(e, v) }) {
		shown := make([]string, len(t.Enum))
		for i, e := range t.Enum {
			shown[i] = Show(e)
		}
		return fmt.Sprintf("%s is not one of %s", Show(v), strings.Join(shown, ", "))
	}
	if s, ok := v.(string); ok {
		if t.MaxLength > 0 && len(s) > t.MaxLength {
			return fmt.Sprintf("is %d bytes long; at most %d are allowed", len(s), t.MaxLength)
		}
		if t.Pattern != "" && !expressionOf(t.Pattern).MatchString(s) {
			return fmt.Sprintf("%s does not match the pattern %s", Show(s), t.Pattern)
		}
	}
	if f, ok := number(v); ok {
		if t.Minimum != nil && f < *t.Minimum {
			return fmt.Sprintf("%s is less than the minimum, %s", Show(v), Show(*t.Minimum))
		}
		if t.Maximum != nil && f > *t.Maximum {
			return fmt.Sprintf("%s is more than the maximum, %s", Show(v), Show(*t.Maximum))
		}
	}
	return ""
}

func expressionOf(source string) *regexp.Regexp {
	if re, ok := compiled.Load(source); ok {
		return re.(*regexp.Regexp)
	}
	re := regexp.MustCompile(source) // the check compiled it before
	compiled.Store(source, re)
	return re
}

// plain returns the canonical form of a value of any type.
func (c *canonizer) plain(path string, raw any) any {
	return plain(path, raw, func(path string, n json.Number) any { return c.refuse(path, "%s is a number that is too large", n) })
}

// plain converts a value of any type to canonical form: whole numbers become int if they fit. A
// number that does not fit in a float64 becomes the result of tooLarge, which gets its path.
func plain(path string, raw any, tooLarge func(string, json.Number) any) any {
	switch v := raw.(type) {
	case json.Number:
		if n, ok := integer(v); ok {
			return n
		}
		f, err := v.Float64()
		if err != nil {
			return tooLarge(path, v)
		}
		return positiveZero(f)
	case float64:
		return positiveZero(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(fmt.Sprintf("%s[%d]", path, i), v[i], tooLarge)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for _, k := range sortedKeys(v) {
			object[k] = plain(join(path, k), v[k], tooLarge)
		}
		return object
	}
	return raw
}

func integer(raw any) (int, bool) {
	switch v := raw.(type) {
	case int:
		return v, true
	case int64:
		return int(v), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int(v), true
		}
	case json.Number:
		return wholeOf(v.String())
	}
	return 0, false
}

// wholeOf parses a whole number in any of JSON's notations: 12, 12.0 or 1.2e1.
func wholeOf(text string) (int, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return int(n), true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, false
	}
	return integer(f)
}

func number(raw any) (float64, bool) {
	switch v := raw.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return positiveZero(v), !math.IsInf(v, 0) && !math.IsNaN(v)
	case json.Number:
		f, err := v.Float64()
		return positiveZero(f), err == nil
	}
	return 0, false
}

// positiveZero returns 0 for -0, which would be equal to it and have another text.
func positiveZero(f float64) float64 {
	if f == 0 {
		return 0
	}
	return f
}

func same(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	switch a.(type) {
	case []any, map[string]any:
		return string(Encode(a)) == string(Encode(b))
	}
	return a == b
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
