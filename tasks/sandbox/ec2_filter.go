package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A filter is one Filter.N. It matches what has one of its values. Values may contain the wildcards
// * and ?; a backslash takes away their meaning.
type filter struct {
	name   string
	values []string
}

// filters reads the Filter.N of an action. Their names must be among the known names. A known name
// that ends in a colon stands for every name with this prefix.
func (p *params) filters(known ...string) []filter {
	var all []filter
	for _, m := range p.members("Filter") {
		f := filter{name: m.required("Name"), values: m.list("Value")}
		if len(f.values) == 0 {
			m.refuse("InvalidParameterValue", "The filter '%s' has no value", f.name)
		}
		if !slices.ContainsFunc(known, func(k string) bool { return f.name == k || strings.HasSuffix(k, ":") && strings.HasPrefix(f.name, k) }) {
			m.refuse(sandboxLimit, "The sandbox does not know the filter %s of %s; it knows %s", f.name, p.action, strings.Join(known, ", "))
		}
		p.merge(m)
		all = append(all, f)
	}
	return all
}

// matchAll reports whether all filters match something. has returns its values for a filter's name.
func matchAll(filters []filter, has func(name string) []string) bool {
	return !slices.ContainsFunc(filters, func(f filter) bool {
		return !slices.ContainsFunc(has(f.name), func(value string) bool {
			return slices.ContainsFunc(f.values, func(pattern string) bool { return wild(pattern, value) })
		})
	})
}

// wild reports whether a text matches a pattern, in which * is any text, ? any byte, and a backslash
// makes the next byte an ordinary one.
func wild(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		rest := strings.TrimLeft(pattern, "*")
		return slices.ContainsFunc(suffixes(text), func(s string) bool { return wild(rest, s) })
	}
	if pattern[0] == '\\' && len(pattern) > 1 {
		return text != "" && pattern[1] == text[0] && wild(pattern[2:], text[1:])
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && wild(pattern[1:], text[1:])
}

func suffixes(text string) []string {
	var all []string
	for n := range len(text) + 1 {
		all = append(all, text[n:])
	}
	return all
}

// A page is a part of a list: its first index, and its size, which is 0 for all the rest.
type page struct{ from, size int }

// page reads MaxResults and NextToken. They must not be combined with identifiers, which the named
// parameter lists.
func (p *params) page(named string, ids []string, least int) page {
	size, token := p.text("MaxResults"), p.text("NextToken")
	if size == "" && token == "" {
		return page{}
	}
	if len(ids) > 0 {
		p.refuse("InvalidParameterCombination", "The parameter %s cannot be used with the parameter maxResults", named)
	}
	var g page
	if size != "" {
		if g.size = p.number("MaxResults", size, least); g.size > 1000 {
			p.refuse("InvalidParameterValue", "Invalid value '%s' for MaxResults. Expecting a value of at most 1000.", size)
		}
	}
	if token != "" {
		from, err := strconv.Atoi(strings.TrimPrefix(token, "from-"))
		if err != nil || from < 1 || token != g.token(from) {
			p.refuse("InvalidPaginationToken", "The specified pagination token is not valid or is expired")
		}
		g.from = from
	}
	return g
}

func (page) token(from int) string { return fmt.Sprintf("from-%d", from) }

// cut returns a page of a list, and the token of the next page, which is empty after the last page.
func cut[T any](g page, all []T) ([]T, string) {
	all = all[min(g.from, len(all)):]
	if g.size == 0 || g.size >= len(all) {
		return all, ""
	}
	return all[:g.size], g.token(g.from + g.size)
}
