package program_test

import (
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// A new rule of the language does not refuse a definition with which a run has started.
func TestPinnedDefinitionsKeepTheirRules(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	for _, c := range []struct{ name, head, inputs string }{
		{"a directive", "%YAML 1.1\n---\n", ""},
		{"a large bound", "", "inputs: {size: {type: integer, maximum: 9223372036854775807, required: false}}\n"},
		{"no integer fits", "", "inputs: {size: {type: integer, minimum: 1.5, maximum: 1.6, required: false}}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := []byte(c.head + "workflow: pinned\n" + c.inputs + "steps:\n  - {task: timer.delay, with: {duration: 1s}}\n")
			if _, problems := (program.Loader{Registry: registry}).Load("pinned.yaml", source); !diag.HasErrors(problems) {
				t.Error("a new definition is accepted")
			}
			if p, problems := (program.Loader{Registry: registry, Pinned: true}).Load("pinned.yaml", source); p == nil {
				t.Errorf("a pinned definition is refused: %v", problems)
			}
		})
	}
}
