package expression

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"errand/engine/schema"
)

// An expression reads only the paths that Paths returns: without all other values the result is the
// same.
func TestPathsAreAllThatIsRead(t *testing.T) {
	tried, compared := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		scope := testScope()
		source := grammar{t, 0, 0}.expression(rapid.SampledFrom(kinds).Draw(t, "kind"), 4)
		tried++
		p, _ := Compile(source, scope)
		if p == nil {
			return
		}
		for range 2 {
			env := randomEnv(t, scope.Roots, nil)
			read := map[string]any{}
			for _, path := range p.Paths() {
				keep(env, read, Members(path))
			}
			v, err := p.Eval(env)
			again, same := p.Eval(read)
			if !errors.Is(same, err) || err == nil && string(schema.Encode(again)) != string(schema.Encode(v)) {
				t.Fatalf("%s reads more than %q:\n%v (%v) and %v (%v)\nenv %v", source, p.Paths(), v, err, again, same, env)
			}
			compared++
		}
	})
	if compared*4 < tried {
		t.Errorf("only %d evaluations of %d expressions were compared: the generator tests too little", compared, tried)
	}
}

// keep copies the value at a path.
func keep(from any, to map[string]any, members []string) {
	object, ok := from.(map[string]any)
	if !ok {
		return
	}
	value, there := object[members[0]]
	if !there {
		return
	}
	inner, nested := value.(map[string]any)
	if len(members) == 1 || !nested {
		to[members[0]] = value
		return
	}
	kept, ok := to[members[0]].(map[string]any)
	if !ok {
		kept = map[string]any{}
		to[members[0]] = kept
	}
	keep(inner, kept, members[1:])
}
