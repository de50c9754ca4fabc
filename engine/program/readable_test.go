package program_test

import (
	"bytes"
	"strings"
	"testing"

	"errand/definitions"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// The report of a mistyped output in a shipped workflow shows the line, a mark under the mistake, a
// suggestion and the names of the outputs.
func TestProblemAsADesignerReadsIt(t *testing.T) {
	source, err := definitions.Files.ReadFile("start-instance.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Replace(string(source), "steps.start.current_instance_state }}", "steps.start.curent_instance_state }}", 1)
	file := "definitions/start-instance.yaml"
	p, problems := program.Load(file, []byte(wrong), task.NewRegistry(tasks.Connectors(task.Environment{})...))
	if p != nil {
		t.Error("a definition with an error became a program")
	}
	var shown bytes.Buffer
	if err := diag.Render(&shown, problems, func(string) []byte { return []byte(wrong) }, diag.Style{}); err != nil {
		t.Fatal(err)
	}
	const want = `error[unknown-output]: step "start" has no output "curent_instance_state"
  --> definitions/start-instance.yaml:37:36
   |
37 |         State now: ${{ steps.start.curent_instance_state }}
   |                                    ^^^^^^^^^^^^^^^^^^^^^ not an output of ec2.start_instance
   |
   = help: did you mean "current_instance_state"?
   = note: outputs are success, result_code, result_message, current_instance_state, `
	if !strings.HasPrefix(shown.String(), want) {
		t.Errorf("shown as\n%s\nwant\n%s…", &shown, want)
	}
}
