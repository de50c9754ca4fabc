package program_test

import (
	"path/filepath"
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// A run goes on with the definition that it started with, although a task type has got rules since
// which refuse its parameters: the call refuses them.
func TestPinnedDefinitionsBreakRules(t *testing.T) {
	registry := tasks.Registry(task.Environment{})
	for _, name := range []string{"parameters-none-of-several", "parameters-only-one-may-be-null", "parameters-that-exclude-each-other", "value-always-refused"} {
		source := readDefinition(t, filepath.Join(problemsFolder, name+".yaml"))
		if _, problems := program.Load(name+".yaml", source, registry); !diag.HasErrors(problems) {
			t.Errorf("%s has no errors", name)
		}
		p, problems := program.Loader{Registry: registry, Pinned: true}.Load(name+".yaml", source)
		if p == nil {
			t.Errorf("%s, of a run that has started:\n%s", name, render(t, problems, source))
		}
	}
}
