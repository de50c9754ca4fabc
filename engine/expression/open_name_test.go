package expression

import (
	"testing"

	"errand/engine/schema"
)

// TestOpenNames compiles expressions with a name whose type the scope leaves open, because the
// reason is reported elsewhere. There is neither a program nor a problem.
func TestOpenNames(t *testing.T) {
	scope := Scope{Roots: []schema.Field{{Name: "x"}, {Name: "n", Type: schema.Of(schema.Integer)}}}
	for _, source := range []string{
		"x", "not (x >= 0.5)", "!x", "x && true", "true || x", "x in [1]", "1 in x", "x ?? 1", "{a: x}.a == 1", "[x][0] == nil", "len(x) > 1", "x == 1",
		"let v = x; v == 1", "map([1], x)", "filter(x, true)", "x ? 1 : 2", "n > 1 ? x : 2", "x.a.b", "x[0]", "x + n", "-x", "string(x)", "x matches 'a'", "1..x", "[1, 2][x:]",
	} {
		if p, problems := Compile(source, scope); p != nil || len(problems) > 0 {
			t.Errorf("%s: a program: %t, and the problems %v", source, p != nil, problems)
		}
	}
}
