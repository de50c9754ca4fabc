package program

import (
	"slices"
	"strings"
	"unicode"

	"errand/engine/diag"
	"errand/engine/task"
)

// NearestTask returns the task type that a name was most likely meant to be, or "" if none is near.
// Its verb is the one that is written, or a correction of it: update_service_request must not suggest
// create_service_request, although most letters are equal. certain reports whether nothing else can be
// meant.
func NearestTask(name string, registry *task.Registry) (near string, certain bool) {
	written := name
	if name = snake(name); name != written && slices.Contains(registry.Names(), name) {
		return name, true
	}
	var own, others []string
	connector, operation, _ := strings.Cut(name, ".")
	for _, other := range registry.Names() {
		if strings.HasPrefix(other, connector+".") {
			own = append(own, other)
		} else {
			others = append(others, other)
		}
	}
	if len(own) == 0 {
		connectors := connectorsOf(registry)
		if other := diag.Nearest(connector, connectors); slices.Contains(registry.Names(), other+"."+operation) {
			return other + "." + operation, diag.Certain(connector, connectors) == other
		}
	}
	verbs := map[string]bool{}
	for _, other := range registry.Names() {
		verbs[verbOf(other)] = true
	}
	for _, names := range [][]string{own, others} {
		related := slices.DeleteFunc(slices.Clone(names), func(other string) bool { return !hasVerb(name, other, verbs) })
		if near := diag.Nearest(name, related); near != "" {
			return near, diag.Certain(name, names) == near || diag.Certain(operation, sameNoun(operation, names)) == near
		}
	}
	return "", false
}

// sameNoun returns the task types that do something else with the same thing.
func sameNoun(operation string, names []string) []string {
	_, noun, _ := strings.Cut(operation, "_")
	return slices.DeleteFunc(slices.Clone(names), func(other string) bool {
		_, theirs, _ := strings.Cut(other, "_")
		return theirs != noun
	})
}

// verbOf returns the first word of an operation, given the name of a task type.
func verbOf(name string) string {
	_, operation, _ := strings.Cut(name, ".")
	verb, _, _ := strings.Cut(operation, "_")
	return verb
}

// hasVerb reports whether a name has the verb of a task type, or one that can be a misspelling of it.
func hasVerb(name, other string, verbs map[string]bool) bool {
	verb, theirs := verbOf(name), verbOf(other)
	if _, operation, _ := strings.Cut(name, "."); verb == operation { // there is no _
		for known := range verbs {
			if strings.HasPrefix(operation, known) && len(known) > 0 && (verb == operation || len(known) > len(verb)) {
				verb = known
			}
		}
	}
	return verb == theirs || !verbs[verb] && diag.Nearest(verb, []string{theirs}) != ""
}

// snake returns a name as task types are written: ISM.addWorklog is ism.add_worklog.
func snake(name string) string {
	var b strings.Builder
	previous := '.'
	for _, r := range name {
		if unicode.IsUpper(r) && (unicode.IsLower(previous) || unicode.IsDigit(previous)) {
			b.WriteByte('_')
		}
		previous = r
		if r == '-' || r == ' ' {
			r = '_'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func namesOf(types []task.Type) []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name
	}
	return names
}

// connectorsOf returns the names of the connectors that have task types.
func connectorsOf(registry *task.Registry) []string {
	var names []string
	for _, connector := range registry.Connectors() {
		if len(connector.Types) > 0 {
			names = append(names, connector.Name)
		}
	}
	return names
}
