package intake

import (
	_ "embed"
	"strings"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

//go:embed intake-note.yaml
var noteSource []byte

// NoteWorkflow is the name of the workflow that writes notes. A definition with this name does no
// harm: a note is bound to its ticket by intake's own record, not by the request's runs.
const NoteWorkflow = "intake-note"

// NoteProgram returns the workflow that writes notes. Its error is that of a registry without
// ism.add_worklog.
func NoteProgram(registry *task.Registry) (*program.Program, error) {
	p, problems := program.Load(NoteWorkflow+".yaml", noteSource, registry)
	if diag.HasErrors(problems) {
		return nil, problems[0]
	}
	return p, nil
}

// The longest lists and texts of a note.
const (
	mostReasons   = 20
	longestReason = 500 // in characters
)

// unfitNote is what operators read about a ticket whose values do not fit.
func unfitNote(source string, r Ruling) string {
	return note("Intake did not start the workflow "+r.Workflow.Name+" for this request: its values do not fit.", source, r, r.Misfits) +
		"\n\nThe request stays open. If it is changed so that its values fit, the workflow starts by itself."
}

// conflictNote is what operators read about a ticket whose request has a run with other inputs.
func conflictNote(source string, r Ruling, run string) string {
	return note("Intake did not start the workflow "+r.Workflow.Name+" for this request: the request has the run "+run+" of it already, with other inputs.", source, r, nil)
}

func note(begin, source string, r Ruling, reasons []string) string {
	var b strings.Builder
	b.WriteString(begin + "\n\nSource: " + source + "\nRule: " + diag.Printable(r.Rule))
	for _, reason := range shortened(reasons) {
		b.WriteString("\n- " + reason)
	}
	return b.String()
}

// shortened returns reasons that can be shown and are not too long.
func shortened(reasons []string) []string {
	var short []string
	for i, reason := range reasons {
		if i == mostReasons {
			return append(short, "and more")
		}
		reason = diag.Printable(reason)
		if runes := []rune(reason); len(runes) > longestReason {
			reason = string(runes[:longestReason]) + "…"
		}
		short = append(short, reason)
	}
	return short
}
