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
	kindName     = pattern.New(`^(` + strings.Join(schema.Kinds, "|") + `)$`)
	anyShape     = pattern.New(``)
)

// checkShape checks the shape of a name, and offers the nearest that has it.
func (r *reader) checkShape(t Text, what string, shape *pattern.Pattern, allowed string) bool {
	if shape.MatchString(t.Value) {
		return true
	}
	p := r.report(ruleName, t.Range, allowed, "%s is not a name of %s", schema.Show(t.Value), what)
	if near := reshape(t.Value, shape); near != "" {
		p.Help += "; perhaps " + near
	}
	return false
}

// reshape offers the nearest name of the right shape.
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
	identifierShape = "lower-case letters, digits and _, a letter first"
	workflowShape   = "lower-case letters, digits and -, a letter first"
)

// What expressions know already, so that no item of a for_each can have the name. Those that do not have the shape of a name anyway are
// left out; a test compares the lists with what expressions are made of.
var (
	rootNames     = []string{"inputs", "request", "run", "steps", "result", "failure"}
	operatorWords = []string{"and", "or", "not", "in", "matches", "contains", "let", "if", "else", "true", "false", "nil", "null"}
	functionNames = []string{
		"len", "string", "int", "float", "duration", "lower", "upper", "trim", "split", "join", "replace", "repeat", "abs", "ceil", "floor",
		"round", "min", "max", "first", "last", "take", "sort", "reverse", "uniq", "concat",
		"filter", "map", "any", "all", "one", "none", "count", "find", "sum",
	}
)

// reserved says what a name is in every expression already, or "".
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

// Reserved returns what a name is in every expression already, so that no item of a for_each can
// have it; or "".
func Reserved(name string) string { return reserved(name) }
