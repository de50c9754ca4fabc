package definition

import (
	"slices"
	"testing"

	"errand/engine/expression"
	"errand/engine/schema"
)

// The reserved names are the functions of the expression language and the words that cannot be
// names there.
func TestReservedNames(t *testing.T) {
	for _, f := range expression.Functions() {
		if identifier.MatchString(f.Name) && !slices.Contains(functionNames, f.Name) {
			t.Errorf("the function %s is not reserved", f.Name)
		}
	}
	if n := len(functionNames); n > len(expression.Functions()) {
		t.Errorf("%d functions are reserved, but only %d exist", n, len(expression.Functions()))
	}
	usable := func(name string) bool {
		_, problems := expression.Compile("lower("+name+")", expression.Scope{Roots: []schema.Field{{Name: name, Type: schema.Of(schema.String), Required: true}}})
		return len(problems) == 0
	}
	for _, word := range operatorWords {
		if usable(word) {
			t.Errorf("%s is reserved, but can be a name", word)
		}
	}
	for _, name := range []string{"item", "name", "part", "every", "switch", "as", "for", "with", "index", "e", "x1", "a_b"} {
		if reserved(name) != "" || !usable(name) {
			t.Errorf("%s: reserved is %q and usable is %t, want an empty text and true", name, reserved(name), usable(name))
		}
	}
}
