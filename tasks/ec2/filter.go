package ec2

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// filterBy returns a filter of EC2, which matches if any of its values does.
func filterBy(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

// filtersByTags returns one filter for each tag. An instance must match all of them.
func filtersByTags(tags map[string]string) []types.Filter {
	var filters []types.Filter
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		filters = append(filters, filterBy("tag:"+name, tags[name]))
	}
	return filters
}

// hasTags reports whether an instance has tags that match all patterns. EC2 compares them, too, but
// not every endpoint does, and what is found may be stopped next.
func hasTags(has, patterns map[string]string) bool {
	for name, pattern := range patterns {
		if value, ok := has[name]; !ok || !matches([]rune(pattern), []rune(value)) {
			return false
		}
	}
	return true
}

// matches reports whether a text matches the value of a filter: * stands for any text, ? for one
// character, and a backslash takes away the meaning of the next character.
func matches(pattern, text []rune) bool {
	p, t := 0, 0
	star, from := -1, 0 // the last *, and how much of the text it did not take
	for t < len(text) {
		switch one, size := element(pattern[p:]); {
		case size == 1 && one == '*':
			star, from = p, t
			p++
			continue
		case size > 0 && (size == 1 && one == '?' || one == text[t]):
			p += size
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// element returns the first character that a pattern asks for, and its size in the pattern, which
// is 2 if a backslash stands before it, and 0 at the end.
func element(pattern []rune) (rune, int) {
	switch {
	case len(pattern) == 0:
		return 0, 0
	case pattern[0] == '\\' && len(pattern) > 1:
		return pattern[1], 2
	}
	return pattern[0], 1
}
