package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// A listing is how an action lists resources of one kind. A resource that has no tags has no filters
// for tags.
type listing[T any] struct {
	parameter string                   // the list of identifiers, such as VolumeId; empty if the action has none
	form      form                     // of the identifiers; nil allows any text
	malformed string                   // the code for an identifier of another form
	missing   func(id string) *refusal // the refusal of an identifier that does not exist
	id        func(T) string
	filters   map[string]func(T) string // the value that a filter is compared with, by name
	tags      func(T) map[string]string // nil if resources of this kind have no tags
	pageSize  int                       // the smallest MaxResults; 0 if the action has no pages
}

// list reads the parameters of an action and returns the resources that it asks for, with the token
// of the next page: those with the given identifiers, or all, as far as they match the filters. Every
// given identifier must exist.
func (l listing[T]) list(p *params, all []T) ([]T, string, *refusal) {
	var ids []string
	if l.parameter != "" {
		ids = p.list(l.parameter)
	}
	for _, id := range ids {
		if l.form != nil && !l.form(id) {
			p.refuse(l.malformed, "Invalid id: \"%s\"", id)
		}
	}
	known := slices.Sorted(maps.Keys(l.filters))
	if l.tags != nil {
		known = append(known, "tag-key", "tag:")
	}
	filters := p.filters(known...)
	var g page
	if l.pageSize > 0 {
		g = p.page(l.parameter, ids, l.pageSize)
	}
	if refusal := p.finish(); refusal != nil {
		return nil, "", refusal
	}
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(r T) bool { return l.id(r) == id }) {
			return nil, "", l.missing(id)
		}
	}
	var found []T
	for _, r := range all {
		if (len(ids) == 0 || slices.Contains(ids, l.id(r))) && matchAll(filters, func(name string) []string { return l.values(r, name) }) {
			found = append(found, r)
		}
	}
	found, next := cut(g, found)
	return found, next, nil
}

// notFound returns the refusals of identifiers that do not exist. The message has a verb for the
// identifier.
func notFound(code, message string) func(id string) *refusal {
	return func(id string) *refusal { return newRefusal(code, message, id) }
}

// values returns the values of a resource that a filter is compared with.
func (l listing[T]) values(r T, filter string) []string {
	if value, ok := l.filters[filter]; ok {
		return []string{value(r)}
	}
	if l.tags == nil {
		return nil
	}
	return tagValues(l.tags(r), filter)
}

// tagValues returns the values that a filter for tags is compared with: "tag-key", or "tag:KEY".
func tagValues(tags map[string]string, filter string) []string {
	if filter == "tag-key" {
		return slices.Collect(maps.Keys(tags))
	}
	if key, ok := strings.CutPrefix(filter, "tag:"); ok {
		if value, ok := tags[key]; ok {
			return []string{value}
		}
	}
	return nil
}

// fixed returns a filter whose value is the same for all resources of a kind.
func fixed[T any](value string) func(T) string { return func(T) string { return value } }

// itself is the identifier of a resource that is only an identifier.
func itself(id string) string { return id }
