package definition

import (
	"slices"
	"strings"

	"errand/engine/pattern"
	"errand/engine/schema"
)

var (
	workflowName = pattern.New(`^[a-z][a-z0-9-]*$`)
	identifier   = pattern.New(`^[a-z][a-z0-9_]*$`)
	taskType     = pattern.New(`^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*$`)
	anyTaskType  = pattern.New(`^[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z][A-Za-z0-9_-]*$`) // also in the style of other tools
	kindName     = pattern.New(`^(` + strings.Join(schema.Kinds, "|") + `)$`)
	anyShape     = pattern.New(``)
)

// checkShape reports a name with a wrong shape and suggests the nearest valid name.
func (r *reader) checkShape(t Text, what string, shape *pattern.Pattern, allowed string) bool {
	if shape.MatchString(t.Value) {
		return true
	}
	p := r.report(ruleName, t.Range, allowed, "%s is not a valid name for %s", schema.Show(t.Value), what)
	if near := reshape(t.Value, shape); near != "" {
		p.Help += ", such as " + near
	}
	return false
}

// reshape returns the nearest valid name, or "".
func reshape(name string, shape *pattern.Pattern) string {
	other, wanted := "-", "_"
	if shape == workflowName {
		other, wanted = "_", "-"
	}
	near := strings.NewReplacer(other, wanted, " ", wanted).Replace(strings.ToLower(strings.TrimSpace(name)))
	if !shape.MatchString(near) {
		return ""
	}
	return near
}

const (
	identifierShape = "use lower-case letters, digits and _, and start with a letter"
	workflowShape   = "use lower-case letters, digits and -, and start with a letter"
)

// The names that expressions already use. An item of a for_each must not have such a name. Names
// that are not valid identifiers are left out. A test compares the lists with the expression
// language.
var (
	rootNames     = []string{"inputs", "request", "run", "steps", "result", "failure"}
	operatorWords = []string{"and", "or", "not", "in", "matches", "contains", "let", "if", "else", "true", "false", "nil", "null"}
	functionNames = []string{
		"len", "string", "int", "float", "duration", "lower", "upper", "trim", "split", "join", "replace", "repeat", "abs", "ceil", "floor",
		"round", "min", "max", "first", "last", "take", "sort", "reverse", "uniq", "concat",
		"filter", "map", "any", "all", "one", "none", "count", "find", "sum",
	}
)

// reserved returns what a name already is in every expression: "a name", "a word" or "a function".
// It returns "" if the name is free.
func reserved(name string) string {
	switch {
	case slices.Contains(rootNames, name):
		return "a name"
	case slices.Contains(operatorWords, name):
		return "a word"
	case slices.Contains(functionNames, name):
		return "a function"
	}
	return ""
}

// IsIdentifier reports whether a text can name an input, a step, a branch or an item.
func IsIdentifier(name string) bool { return identifier.MatchString(name) }

// NearestIdentifier returns the valid name that the message about a wrong name of an input, a step, a
// branch or an item suggests, or "".
func NearestIdentifier(name string) string { return reshape(name, identifier) }

// Reserved returns what a name already is in every expression, or "" if it is free. An item of a
// for_each must not have a reserved name.
func Reserved(name string) string { return reserved(name) }
