package expression

import (
	"testing"

	"errand/engine/schema"
)

// TestIntegerOfAnything tests that int of a value of any type is an integer or null, as its help
// says, also for a number that no integer is near to.
func TestIntegerOfAnything(t *testing.T) {
	p, problems := Compile("int(v) ?? -1", Scope{Roots: []schema.Field{{Name: "v", Type: schema.Of(schema.Any)}}})
	if problems != nil {
		t.Fatal(problems)
	}
	for _, c := range []struct{ v, want any }{{5e40, -1}, {-5e40, -1}, {7, 7}, {2.9, 2}, {"12", 12}, {"x", -1}, {nil, -1}, {true, -1}, {[]any{1}, -1}} {
		if got, err := p.Eval(map[string]any{"v": c.v}); err != nil || got != c.want {
			t.Errorf("int(%v) is %v, %v; want %v", c.v, got, err, c.want)
		}
	}
}

// TestOneZero tests that no calculation has a negative zero, which would be equal to 0 and have
// another text.
func TestOneZero(t *testing.T) {
	for _, source := range []string{"-(0 * v)", "-1 * (v - v)", "round(-v / 10)", "ceil(-v / 10)", "-0.0", "0 / -v", `float("-0") ?? 1`, "abs(-(v - v))"} {
		p, problems := Compile("string("+source+")", Scope{Roots: []schema.Field{{Name: "v", Type: schema.Of(schema.Number)}}})
		if problems != nil {
			t.Fatal(problems)
		}
		if got, err := p.Eval(map[string]any{"v": 0.5}); err != nil || got != "0" {
			t.Errorf("%s is %v, %v", source, got, err)
		}
	}
}
