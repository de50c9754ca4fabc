package expression

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"errand/engine/schema"
)

// meteredOperations are the operations whose work depends on the size of values.
var meteredOperations = map[string]func(r *run, arguments []any) (any, error){
	opJoinTexts:    joinTexts,
	opMatches:      matches,
	opEqual:        func(r *run, a []any) (any, error) { return equal(r, a[0], a[1]) },
	opIn:           contains,
	opRange:        rangeOf,
	opSlice:        part,
	opIntOrNull:    asIntOrNull,
	opTick:         func(r *run, a []any) (any, error) { return a[1], r.charge(a[0].(int)) },
	"contains":     textTest(strings.Contains),
	"startsWith":   hasPrefix,
	"endsWith":     hasSuffix,
	"sum int":      sumWith(0, operations["+int"]),
	"sum number":   sumWith(0.0, operations["+"]),
	"sum duration": sumWith(time.Duration(0), operations["+duration"]),
}

func sumWith(zero any, add func([]any) (any, error)) func(*run, []any) (any, error) {
	return func(r *run, a []any) (sum any, err error) {
		sum = zero
		for _, item := range a[0].([]any) {
			if sum, err = add([]any{sum, item}); err != nil {
				return nil, err
			}
		}
		return sum, nil
	}
}

// equal compares values of any shape.
func equal(r *run, a, b any) (bool, error) {
	if err := r.charge(1); err != nil {
		return false, err
	}
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for i := range x {
			if ok, err := equal(r, x[i], y[i]); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for key, item := range x {
			other, ok := y[key]
			if !ok {
				return false, nil
			}
			if ok, err := equal(r, item, other); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	return same(a, b), nil
}

// contains reports whether a value is an element of a list, or the name of a member of an object.
func contains(r *run, a []any) (any, error) {
	switch base := a[1].(type) {
	case []any:
		for _, item := range base {
			if ok, err := equal(r, item, a[0]); ok || err != nil {
				return ok, err
			}
		}
	case map[string]any:
		if name, ok := a[0].(string); ok {
			_, found := base[name]
			return found, nil
		}
	}
	return false, nil
}

func rangeOf(r *run, a []any) (any, error) {
	from, to := a[0].(int), a[1].(int)
	if to < from {
		return []any{}, nil
	}
	if n := to - from; n < 0 || n >= maxRange {
		return nil, errRange
	}
	list := make([]any, 0, to-from+1)
	for i := range to - from + 1 {
		list = append(list, from+i)
	}
	return list, r.charge(len(list))
}

// part returns the part of a list or a text between two places.
func part(r *run, a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		return sliceText(r, s, a[1], a[2])
	}
	items := a[0].([]any)
	from, to := bounds(len(items), a[1], a[2])
	return items[from:to:to], r.charge(1)
}

// bounds moves two places into the range of n elements, the first not after the second. A negative
// place counts from the end. If nil, a place is the beginning or the end.
func bounds(n int, from, to any) (int, int) {
	place := func(v any, otherwise int) int {
		i, ok := v.(int)
		switch {
		case !ok:
			return otherwise
		case i < 0:
			return max(0, i+n)
		}
		return min(i, n)
	}
	last := place(to, n)
	return min(place(from, 0), last), last
}

func length(r *run, a []any) (any, error) {
	switch v := a[0].(type) {
	case string:
		return utf8.RuneCountInString(v), r.charge(1 + len(v)/64)
	case []any:
		return len(v), nil
	}
	return len(a[0].(map[string]any)), nil
}

func first(_ *run, a []any) (any, error) { return element(a[0], 0), nil }
func last(_ *run, a []any) (any, error)  { return element(a[0], -1), nil }

func take(r *run, a []any) (any, error) {
	items := a[0].([]any)
	n := min(max(0, a[1].(int)), len(items))
	return items[:n:n], r.charge(1)
}

// copyList returns a copy of a list, which may be changed.
func copyList(r *run, v any, factor int) ([]any, error) {
	items := v.([]any)
	if err := r.chargeList(len(items)); err != nil {
		return nil, err
	}
	return append(make([]any, 0, len(items)), items...), r.charge(factor * len(items))
}

func sortList(r *run, a []any) (any, error) {
	items, err := copyList(r, a[0], 20)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(items, compare)
	return items, nil
}

func reverseList(r *run, a []any) (any, error) {
	items, err := copyList(r, a[0], 1)
	slices.Reverse(items)
	return items, err
}

func unique(r *run, a []any) (any, error) {
	items := a[0].([]any)
	if err := r.chargeList(len(items)); err != nil {
		return nil, err
	}
	kept, seen := []any{}, map[any]bool{}
	for _, item := range items {
		key, plain := keyOf(item)
		if plain && seen[key] {
			continue
		}
		if plain {
			seen[key] = true
			kept = append(kept, item)
			continue
		}
		found, err := contains(r, []any{item, kept})
		if err != nil {
			return nil, err
		}
		if found == false {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

// keyOf returns a key for a map: equal plain values have the same key.
func keyOf(v any) (any, bool) {
	switch v := v.(type) {
	case []any, map[string]any:
		return nil, false
	case int:
		return float64(v), v > -1<<53 && v < 1<<53
	}
	return v, true
}

func concat(r *run, a []any) (any, error) {
	n := 0
	for _, items := range a {
		n += len(items.([]any))
	}
	if err := r.chargeList(n); err != nil {
		return nil, err
	}
	list := make([]any, 0, n)
	for _, items := range a {
		list = append(list, items.([]any)...)
	}
	return list, nil
}

func extreme(better func(order int) bool) func(*run, []any) (any, error) {
	return func(r *run, a []any) (any, error) {
		if items, ok := a[0].([]any); ok {
			a = items
		}
		if len(a) == 0 {
			return nil, nil
		}
		best := a[0]
		for _, v := range a[1:] {
			if better(compare(v, best)) {
				best = v
			}
		}
		return best, r.charge(len(a))
	}
}

var (
	least    = extreme(func(order int) bool { return order < 0 })
	greatest = extreme(func(order int) bool { return order > 0 })
)

func absolute(_ *run, a []any) (any, error) {
	if n, ok := a[0].(int); ok && n >= 0 {
		return n, nil
	}
	if f, ok := a[0].(float64); ok {
		return math.Abs(f), nil
	}
	return negate(a[0])
}

func roundWith(f func(float64) float64) func(*run, []any) (any, error) {
	return func(_ *run, a []any) (any, error) { return finite(f(toFloat(a[0]))) }
}

var ceil, floor, round = roundWith(math.Ceil), roundWith(math.Floor), roundWith(math.Round)

// asIntOrNull is asInt for a value of any type: a number without an integer beside it gives null.
func asIntOrNull(r *run, a []any) (any, error) {
	n, err := asInt(r, a)
	if errors.Is(err, errInteger) {
		return nil, nil
	}
	return n, err
}

// asInt returns null for a text without an integer, and for a value that is not a number.
func asInt(_ *run, a []any) (any, error) {
	switch v := a[0].(type) {
	case int:
		return v, nil
	case float64:
		if v = math.Trunc(v); v < -1<<63 || v >= 1<<63 {
			return nil, errInteger
		}
		return int(v), nil
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n, nil
		}
	}
	return nil, nil
}

// asList returns null for a value that is not a list.
func asList(_ *run, a []any) (any, error) {
	if items, ok := a[0].([]any); ok {
		return items, nil
	}
	return nil, nil
}

func asFloat(_ *run, a []any) (any, error) {
	switch v := a[0].(type) {
	case int, float64:
		return toFloat(v), nil
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil && strings.Trim(v, "+-.0123456789eE") == "" {
			return finite(f)
		}
	}
	return nil, nil
}

func asJSON(r *run, a []any) (any, error) {
	size := 0
	if !measure(a[0], &size, maxText) {
		return nil, errText
	}
	if err := r.chargeText(size); err != nil {
		return nil, err
	}
	return string(schema.Encode(a[0])), nil
}

func asText(r *run, a []any) (any, error) {
	switch v := a[0].(type) {
	case nil, []any, map[string]any:
		return asJSON(r, a)
	default:
		text, err := Text(v)
		if err != nil {
			return nil, errMisfit
		}
		return text, r.chargeText(len(text))
	}
}
