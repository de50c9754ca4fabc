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

// TestListOfAnything tests that toList of a value of any type is the list or null, and that its elements
// can be used as values of any type.
func TestListOfAnything(t *testing.T) {
	for source, want := range map[string]any{
		"len(toList(v.list) ?? [])":                            2,
		"len(toList(v.text) ?? [1])":                           1,
		"len(toList(v.none) ?? [1])":                           1,
		`join(map(toList(v.list) ?? [], string(#.name)), " ")`: `a null`,
		`len(filter(toList(v.list) ?? [], #.name == "a"))`:     1,
		`len(take(toList(v.list) ?? [], 1))`:                   1,
		`len(concat(toList(v.list) ?? [], toList(["x"])))`:     3,
		`toList(v.list) == nil`:                                false,
		`string((toList(v.list) ?? [])[0].name ?? "")`:         "a",
	} {
		p, problems := Compile(source, Scope{Roots: []schema.Field{{Name: "v", Type: schema.Type{Kind: schema.Object, Open: true}}}})
		if problems != nil {
			t.Errorf("%s: %v", source, problems)
			continue
		}
		env := map[string]any{"v": map[string]any{"list": []any{map[string]any{"name": "a"}, 1}, "text": "ab"}}
		if got, err := p.Eval(env); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", source, got, err, want)
		}
	}
}
