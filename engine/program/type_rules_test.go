package program_test

import (
	"path/filepath"
	"strings"
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

// A constant that is too long is reported before a run: it is refused, or it is shortened.
func TestLongConstants(t *testing.T) {
	registry := tasks.Registry(task.Environment{})
	for _, test := range []struct {
		name, step, want string
		length           int
	}{
		{"a worklog as long as it may be", "task: ism.add_worklog\n    with: {ticket: 100-291, client_viewable: false, text: %s}", "", task.TextLimit},
		{"a worklog that is shortened", "task: ism.add_worklog\n    with: {ticket: 100-291, client_viewable: false, text: %s}", "discouraged-value: ism.add_worklog shortens `text` to 32768 bytes", task.TextLimit + 1},
		{"a formatted text that is shortened", "id: a\n    task: worklog.format\n    with: {template: %s}\noutputs: {text: \"${{ steps.a.text }}\"}", "discouraged-value: worklog.format shortens `template` to 32768 bytes", task.TextLimit + 1},
		{"a description that is refused", "task: ism.create_service_request\n    with: {description: %s}", "wrong-value: ism.create_service_request always refuses this value of `description`", task.TextLimit + 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			source := "workflow: long\nsteps:\n  - " + strings.Replace(test.step, "%s", strings.Repeat("x", test.length), 1) + "\n"
			_, problems := program.Load("long.yaml", []byte(source), registry)
			var got []string
			for _, p := range problems {
				got = append(got, p.Rule+": "+p.Message)
			}
			if strings.Join(got, "; ") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
