package program_test

import (
	"slices"
	"strings"
	"testing"

	"errand/engine/definition"
	expr "errand/engine/expression"
	"errand/engine/hosttest"
	"errand/engine/program"
)

// Observe is called for each expression of the definition itself, with the names that it can use.
// It is not called for the workflows that the definition calls.
func TestObserve(t *testing.T) {
	const main = `workflow: main
inputs: {name: {type: string}}
steps:
  - id: first
    workflow: other
    with: {word: "${{ inputs.name }}"}
  - for_each: [a]
    as: letter
    steps:
      - if: letter != inputs.nome
        workflow: other
        with: {word: "${{ letter }}"}
`
	const other = `workflow: other
inputs: {word: {type: string}}
steps:
  - approval: {ask: "${{ inputs.word }}?", by: [x]}
`
	var seen []string
	loader := program.Loader{Registry: hosttest.Registry(func() {}), Find: func(string) (string, []byte, error) { return "other.yaml", []byte(other), nil }}
	loader.Observe = func(e *definition.Expression, scope expr.Scope) {
		var names []string
		for _, root := range scope.Roots {
			names = append(names, root.Name)
			if root.Name == "steps" {
				names = append(names, root.Type.FieldNames()...)
			}
		}
		seen = append(seen, e.Source+": "+strings.Join(names, " "))
	}
	loader.Load("main.yaml", []byte(main))
	want := []string{
		"inputs.name: inputs request run steps",
		"letter != inputs.nome: inputs request run steps first letter",
		"letter: inputs request run steps first letter",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
}
