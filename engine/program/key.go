package program

import (
	"strconv"
	"strings"
)

// A Key names a step of a run:
//
//	start              the step with the id start
//	steps[2]           a step without an id, by its path in the definition
//	fleet[3].restart   the step restart for item 3 of the loop fleet
//	notify.send        the step send of the workflow that the step notify calls
//
// A key can also be a pattern, in which [] matches every item of a loop: fleet[].restart. The zero
// Key is the run itself. In events, task calls and journals, keys are plain strings.
type Key string

const anyItem = "[]"

// Step returns the key of a step directly inside k. k is the run, an item of a loop or a step that
// calls a workflow. The name of the step is its id, or its path if it has no id.
func (k Key) Step(name string) Key {
	if k == "" {
		return Key(name)
	}
	return k + "." + Key(name)
}

// Item returns the key of an item of the loop k.
func (k Key) Item(i int) Key { return k + "[" + Key(strconv.Itoa(i)) + "]" }

// AnyItem returns the pattern for every item of the loop k.
func (k Key) AnyItem() Key { return k + anyItem }

// Name returns the pattern k as people write it on a command line, without brackets: fleet.restart.
func (k Key) Name() string { return strings.ReplaceAll(string(k), anyItem, "") }

// Shape returns the key with [] in place of each item number. Use it as a map key: all keys that
// match a pattern have the same shape. Two steps without ids can also have the same shape, because
// a path has numbers in brackets, too. Matches distinguishes them.
func (k Key) Shape() Key {
	var b strings.Builder
	rest := string(k)
	for {
		open := strings.IndexByte(rest, '[')
		if open < 0 {
			break
		}
		end := skipDigits(rest, open+1)
		b.WriteString(rest[:open+1])
		if !strings.HasPrefix(rest[end:], "].") {
			b.WriteString(rest[open+1 : end])
		}
		rest = rest[end:]
	}
	if b.Len() == 0 {
		return k
	}
	return Key(b.String() + rest)
}

// Matches reports whether a key matches the pattern k.
func (k Key) Matches(key Key) bool {
	_, ok := k.Match(key)
	return ok
}

// Match returns the item numbers of a key that matches the pattern k, one for each [] of the pattern.
func (k Key) Match(key Key) (items []int, ok bool) {
	pattern, rest := string(k), string(key)
	for {
		before, after, more := strings.Cut(pattern, anyItem)
		if !more {
			return items, pattern == rest
		}
		var ok bool
		if rest, ok = strings.CutPrefix(rest, before+"["); !ok {
			return nil, false
		}
		end := skipDigits(rest, 0)
		item, err := strconv.Atoi(rest[:end])
		if err != nil || strconv.Itoa(item) != rest[:end] || !strings.HasPrefix(rest[end:], "]") {
			return nil, false
		}
		items = append(items, item)
		pattern, rest = after, rest[end+1:]
	}
}

// skipDigits returns the offset of the first byte at or after at that is not a digit.
func skipDigits(text string, at int) int {
	for at < len(text) && '0' <= text[at] && text[at] <= '9' {
		at++
	}
	return at
}
