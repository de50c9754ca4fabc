package program

import (
	"slices"
	"strings"

	"errand/engine/expression"
)

// An Unknown stands in an environment for a value that is not known yet. An expression that reads
// an Unknown must not be evaluated.
type Unknown struct {
	From string // its source, such as ‹steps.start.instance_id›; text around it may be known
}

// ComesFrom returns an Unknown with a source.
func ComesFrom(place string) Unknown { return Unknown{"‹" + place + "›"} }

// allKnown reports whether an environment has all values that an expression reads.
func allKnown(env map[string]any, e *expression.Program) bool {
	return !slices.ContainsFunc(e.Paths(), func(path string) bool {
		v, _ := resolve(env, path)
		return holdsUnknown(v)
	})
}

// EvalCondition evaluates a condition. A null result counts as false. known is false if the
// condition cannot be evaluated.
func EvalCondition(env map[string]any, condition *expression.Program) (holds, known bool, err error) {
	if !allKnown(env, condition) {
		return false, false, nil
	}
	v, err := condition.Eval(env)
	return v == true, err == nil, err
}

// resolve follows a path up to its first Unknown. rest is the rest of the path after it.
func resolve(env map[string]any, path string) (v any, rest string) {
	v = env
	at := 0
	members := expression.Members(path)
	for i, name := range members {
		object, ok := v.(map[string]any)
		if !ok {
			if _, unknown := v.(Unknown); unknown {
				at = i
				break
			}
			return nil, ""
		}
		v, at = object[name], len(members)
	}
	if _, unknown := v.(Unknown); unknown && at < len(members) {
		rest = strings.Join(members[at:], ".")
	}
	return v, rest
}

func holdsUnknown(v any) bool {
	switch v := v.(type) {
	case Unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, holdsUnknown)
	case map[string]any:
		for _, member := range v {
			if holdsUnknown(member) {
				return true
			}
		}
	}
	return false
}

// sourceOf returns the source of an expression's value. For a path, it is the source of the path's
// Unknown with the rest of the path; otherwise, it is the expression itself.
func sourceOf(env map[string]any, e *expression.Program) Unknown {
	paths := e.Paths()
	source := strings.Join(strings.Fields(e.Source()), " ")
	if len(paths) != 1 || paths[0] != source {
		return ComesFrom(source)
	}
	v, rest := resolve(env, source)
	u, ok := v.(Unknown)
	switch {
	case !ok:
		return ComesFrom(source)
	case rest != "":
		return Unknown{strings.TrimSuffix(u.From, "›") + "." + rest + "›"}
	}
	return u
}
