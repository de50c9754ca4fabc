package program

import (
	"strconv"
	"strings"
)

// A Key names a step of a run:
//
//	start              the step with the id start
//	steps[2]           a step without an id, by its path in the definition
//	fleet[3].restart   the step restart, for item 3 of the loop fleet
//	notify.send        the step send of the workflow that the step notify calls
//
// A key is also a pattern, in which [] stands for every item of a loop: fleet[].restart. The zero
// Key is the run itself. Events, task calls and journals have keys as plain strings.
type Key string

const anyItem = "[]"

// Step returns the key of a step directly within k, which is the run, a loop's item or a step that
// calls a workflow. The name of the step is its id, or its path if it has none.
func (k Key) Step(name string) Key {
	if k == "" {
		return Key(name)
	}
	return k + "." + Key(name)
}

// Item returns the place of an item of the loop k.
func (k Key) Item(i int) Key { return k + "[" + Key(strconv.Itoa(i)) + "]" }

// AnyItem returns the place of every item of the loop k.
func (k Key) AnyItem() Key { return k + anyItem }

// Name returns the pattern k as people write it on a command line, without the marks of items:
// fleet.restart.
func (k Key) Name() string { return strings.ReplaceAll(string(k), anyItem, "") }

// Shape returns the key with [] in place of the number of every item. It is for maps: keys with the
// same pattern have the same shape. Two steps without ids may have the same shape as well, because
// a path has numbers in brackets, too; Matches tells them apart.
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

// Matches reports whether a key is one that k, as a pattern, stands for.
func (k Key) Matches(key Key) bool {
	pattern, rest := string(k), string(key)
	for {
		before, after, more := strings.Cut(pattern, anyItem)
		if !more {
			return pattern == rest
		}
		var ok bool
		if rest, ok = strings.CutPrefix(rest, before+"["); !ok {
			return false
		}
		end := skipDigits(rest, 0)
		if end == 0 || !strings.HasPrefix(rest[end:], "]") {
			return false
		}
		pattern, rest = after, rest[end+1:]
	}
}

// skipDigits returns the offset of the first byte from at on that is not a digit.
func skipDigits(text string, at int) int {
	for at < len(text) && '0' <= text[at] && text[at] <= '9' {
		at++
	}
	return at
}
