package program

import (
	"slices"
	"strings"

	"errand/engine/expression"
)

// An Unknown stands in an environment for a value that nobody knows yet. Nothing is evaluated that reads one.
type Unknown struct {
	From string // where it will come from, such as ‹steps.start.instance_id›; a text around it may be known
}

// ComesFrom is the value that will come from a place.
func ComesFrom(place string) Unknown { return Unknown{"‹" + place + "›"} }

// Knows reports whether an environment has all that an expression reads.
func Knows(env map[string]any, e *expression.Program) bool {
	return !slices.ContainsFunc(e.Paths(), func(path string) bool {
		v, _ := reach(env, path)
		return holdsUnknown(v)
	})
}

// Judge evaluates a condition, of which null counts as false. Where it cannot, known is false.
func Judge(env map[string]any, condition *expression.Program) (holds, known bool, err error) {
	if !Knows(env, condition) {
		return false, false, nil
	}
	v, err := condition.Eval(env)
	return v == true, err == nil, err
}

// reach follows a path, as far as its first Unknown. rest is what is left of it there.
func reach(env map[string]any, path string) (v any, rest string) {
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

// from says where the value of an expression will come from: that of a path from where this comes from, else the expression itself.
func from(env map[string]any, e *expression.Program) Unknown {
	paths := e.Paths()
	source := strings.Join(strings.Fields(e.Source()), " ")
	if len(paths) != 1 || paths[0] != source {
		return ComesFrom(source)
	}
	v, rest := reach(env, source)
	u, ok := v.(Unknown)
	switch {
	case !ok:
		return ComesFrom(source)
	case rest != "":
		return Unknown{strings.TrimSuffix(u.From, "›") + "." + rest + "›"}
	}
	return u
}
