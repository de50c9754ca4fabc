package expression

import (
	"strings"
	"unicode/utf8"
)

// Functions of texts. They count in characters, not bytes, so a result never ends inside a
// character.

// twoTexts returns two texts, and charges for a search for the second in the first.
func twoTexts(r *run, a []any) (string, string, error) {
	s, part := a[0].(string), a[1].(string)
	return s, part, r.charge(1 + (len(s)+len(part))/64)
}

func joinTexts(r *run, a []any) (any, error) {
	left, right := a[0].(string), a[1].(string)
	if err := r.chargeText(len(left) + len(right)); err != nil {
		return nil, err
	}
	return left + right, nil
}

func textTest(f func(s, part string) bool) func(*run, []any) (any, error) {
	return func(r *run, a []any) (any, error) {
		s, part, err := twoTexts(r, a)
		return err == nil && f(s, part), err
	}
}

var hasPrefix, hasSuffix = textTest(strings.HasPrefix), textTest(strings.HasSuffix)

// mapText returns an operation by a function of the standard library. The function's result must
// not be much longer than its argument.
func mapText(f func(s string) string) func(*run, []any) (any, error) {
	return func(r *run, a []any) (any, error) {
		if err := r.chargeText(len(a[0].(string))); err != nil {
			return nil, err
		}
		return f(a[0].(string)), nil
	}
}

var lower, upper = mapText(strings.ToLower), mapText(strings.ToUpper)

func trim(r *run, a []any) (any, error) {
	s := a[0].(string)
	if len(a) == 1 {
		return strings.TrimSpace(s), r.charge(1 + len(s)/64)
	}
	around := a[1].(string)
	if err := r.charge(1 + len(s)/64*(1+len(around)) + len(around)); err != nil {
		return nil, err
	}
	return strings.Trim(s, around), nil
}

func trimPrefix(r *run, a []any) (any, error) {
	s, part, err := twoTexts(r, a)
	return strings.TrimPrefix(s, part), err
}

func trimSuffix(r *run, a []any) (any, error) {
	s, part, err := twoTexts(r, a)
	return strings.TrimSuffix(s, part), err
}

func split(r *run, a []any) (any, error) {
	s, separator, err := twoTexts(r, a)
	if err != nil {
		return nil, err
	}
	if err := r.chargeList(strings.Count(s, separator) + 1); err != nil {
		return nil, err
	}
	parts := strings.Split(s, separator)
	list := make([]any, len(parts))
	for i, part := range parts {
		list[i] = part
	}
	return list, nil
}

func join(r *run, a []any) (any, error) {
	items, separator := a[0].([]any), ""
	if len(a) == 2 {
		separator = a[1].(string)
	}
	size := 0
	for _, item := range items {
		if size += len(item.(string)) + len(separator); size > maxText+len(separator) {
			return nil, errText
		}
	}
	if err := r.charge(len(items)); err != nil {
		return nil, err
	}
	if err := r.chargeText(max(0, size-len(separator))); err != nil {
		return nil, err
	}
	var b strings.Builder
	for i, item := range items {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(item.(string))
	}
	return b.String(), nil
}

func replace(r *run, a []any) (any, error) {
	s, old, err := twoTexts(r, a)
	if err != nil {
		return nil, err
	}
	by := a[2].(string)
	if err := r.chargeText(len(s) + strings.Count(s, old)*(len(by)-len(old))); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s, old, by), nil
}

func repeat(r *run, a []any) (any, error) {
	s, times := a[0].(string), max(0, a[1].(int))
	if len(s) == 0 {
		return "", nil
	}
	if times > maxText {
		return nil, errText
	}
	if err := r.chargeText(len(s) * times); err != nil {
		return nil, err
	}
	return strings.Repeat(s, times), nil
}

func position(find func(s, part string) int) func(*run, []any) (any, error) {
	return func(r *run, a []any) (any, error) {
		s, part, err := twoTexts(r, a)
		if err != nil {
			return nil, err
		}
		at := find(s, part)
		if at < 0 {
			return -1, nil
		}
		return utf8.RuneCountInString(s[:at]), nil
	}
}

var indexOf, lastIndexOf = position(strings.Index), position(strings.LastIndex)

// sliceText returns the part of a text between two characters.
func sliceText(r *run, s string, from, to any) (any, error) {
	if err := r.charge(1 + len(s)/16); err != nil {
		return nil, err
	}
	first, last := bounds(utf8.RuneCountInString(s), from, to)
	start, end, n := len(s), len(s), 0
	for i := range s {
		if n == first {
			start = i
		}
		if n == last {
			end = i
			break
		}
		n++
	}
	return s[min(start, end):end], nil
}
