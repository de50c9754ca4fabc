package expression

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine/schema"
)

// Each name in a source is reported with its text and its path.
func TestNames(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"steps.start.instance_id", "steps start=steps.start instance_id=steps.start.instance_id"},
		{"steps?.start?.x ?? inputs.y", "steps start=steps.start x=steps.start.x inputs y=inputs.y"},
		{`steps["start"].x`, "steps start=steps.start x=steps.start.x"},
		{`"ü" + inputs.größe`, "inputs größe=inputs.größe"},
		{"let start = inputs.a; start + inputs.b", "inputs a=inputs.a inputs b=inputs.b"},
		{"let s = steps.start; s.x", "steps start=steps.start x=steps.start.x"},
		{"map(steps.each.items, #.stop.success)", "steps each=steps.each items=steps.each.items stop=steps.each.items.*.stop success=steps.each.items.*.stop.success"},
		{"map(steps.each.items, .stop)", "steps each=steps.each items=steps.each.items stop=steps.each.items.*.stop"},
		{"first(filter(steps.each.items, true)).stop", "steps each=steps.each items=steps.each.items stop=steps.each.items.*.stop"},
		{"steps.each.items[0].stop", "steps each=steps.each items=steps.each.items stop=steps.each.items.*.stop"},
		{"any(inputs.a, any(inputs.b, # == inputs.c))", "inputs a=inputs.a inputs b=inputs.b inputs c=inputs.c"},
		{`{"steps": item}`, "item"},
		{"item.steps.start", "item steps=item.steps start=item.steps.start"},
	} {
		t.Run(test.source, func(t *testing.T) {
			names, ok := Names(test.source)
			if !ok {
				t.Fatal("the source cannot be parsed")
			}
			var words []string
			for _, n := range names {
				word := test.source[n.From:n.To]
				if path := strings.Join(n.Path, "."); path != word {
					word += "=" + path
				}
				words = append(words, word)
			}
			if made := strings.Join(words, " "); made != test.want {
				t.Errorf("names are %s\nwant      %s", made, test.want)
			}
		})
	}
	if _, ok := Names("steps."); ok {
		t.Error("an incomplete expression was accepted")
	}
}

// Every part has its type; the conditions around a part count.
func TestParts(t *testing.T) {
	text := schema.Of(schema.String)
	scope := Scope{Roots: []schema.Field{
		{Name: "a", Type: text.OrNull()},
		{Name: "n", Type: schema.ListOf(schema.Of(schema.Integer))},
	}}
	for _, test := range []struct{ source, want string }{
		{"a != nil ? a : 'x'", "a != nil ? a : 'x' is string; a != nil is boolean; a is string or null; nil is null; a is string; 'x' is string"},
		{"map(n, # + 1)", "map(n, # + 1) is list of integers; n is list of integers; # + 1 is integer; # is integer; 1 is integer"},
		{"b == a", "b == a is boolean; a is string or null"},
		{"a ==", ""},
	} {
		var words []string
		for _, p := range Parts(test.source, scope) {
			words = append(words, fmt.Sprintf("%s is %s", test.source[p.From:p.To], p.Type))
		}
		if made := strings.Join(words, "; "); made != test.want {
			t.Errorf("%s: parts are %s\nwant %s", test.source, made, test.want)
		}
	}
}
