package local_test

import (
	"strings"

	"errand/engine/program"
)

// find returns the step with a key, as calls have it: with the items of the loops and the steps
// that call workflows before it. It reports whether the step belongs to on_failure, finally or an
// undo.
func find(p *program.Program, key string) (found *program.Step, ending bool) {
	if found, ending = findWithin(p, key); found == nil {
		panic("there is no step " + key)
	}
	return found, ending
}

// findWithin is find for a key that may belong to another program: a step that calls a workflow can
// also have a handler of its own.
func findWithin(p *program.Program, key string) (found *program.Step, ending bool) {
	if found, ending = findExactly(p, key); found != nil {
		return found, ending
	}
	for i := range len(key) {
		if key[i] != '.' {
			continue
		}
		around, rest := key[:i], key[i+1:]
		if step, ends := findExactly(p, around); step != nil {
			if call, ok := step.Action.(*program.Subworkflow); ok {
				if found, ending = findWithin(call.Program, rest); found != nil {
					return found, ending || ends
				}
			}
		}
		if loop, _, ok := cutLast(around, "["); ok {
			if step, _ := findExactly(p, loop); step != nil {
				if _, ok := step.Action.(*program.ForEach); ok {
					if found, ending = findWithin(p, rest); found != nil {
						return found, ending
					}
				}
			}
		}
	}
	return nil, false
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func findExactly(p *program.Program, key string) (found *program.Step, ending bool) {
	var in func(steps []*program.Step, ends bool)
	in = func(steps []*program.Step, ends bool) {
		for _, s := range steps {
			if s.Key == key {
				found, ending = s, ends
			}
			for _, list := range append(s.Lists(), s.OnFailure) {
				in(list, ends)
			}
			in(s.Undo, true)
		}
	}
	in(p.Steps, false)
	in(p.OnFailure, true)
	in(p.Finally, true)
	return found, ending
}
