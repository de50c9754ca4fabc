package scaffold

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/schema"
	"errand/engine/task"
)

// A writer writes the definition of a first workflow.
type writer struct {
	strings.Builder
	registry *task.Registry
	of       task.Type
	id       string // of the step
}

func (w *writer) line(format string, of ...any) { fmt.Fprintf(w, format+"\n", of...) }

func (w *writer) has(name string) bool {
	_, ok := w.registry.Lookup(name)
	return ok && name != w.of.Name
}

func (w *writer) inputs() {
	fields := Inputs(w.of)
	if len(fields) == 0 {
		return
	}
	w.line("\ninputs:")
	for _, f := range fields {
		w.line("  %s:", f.Name)
		if kind := f.Type.Kind; kind != schema.Any {
			w.line("    type: %s", kind)
		}
		if f.Type.Kind == schema.List && f.Type.Items != nil {
			w.line("    items: {type: %s}", f.Type.Items.Kind)
		}
		if f.Type.Pattern != "" {
			w.line("    pattern: %s", definition.Scalar(f.Type.Pattern))
		}
		if f.Description != "" {
			w.line("    description: %s", definition.Scalar(f.Description))
		}
	}
}

func (w *writer) steps() {
	w.line("\nsteps:")
	if t, ok := checkBefore(w.registry, w.of); ok {
		w.line("  - id: %s\n    name: Check service request\n    task: %s\n    with:\n      ticket: ${{ request.id }}\n", check, t.Name)
	}
	w.line("  - id: %s\n    name: %s\n    task: %s", w.id, definition.Scalar(w.of.Title), w.of.Name)
	given := false
	for _, f := range w.of.Input.Fields {
		var value string
		switch {
		case f.Name == ticket && isInput(w.of, f):
			value = "${{ request.id }}"
		case isInput(w.of, f):
			value = "${{ inputs." + f.Name + " }}"
		case f.Name == w.of.Awaits:
			value = fmt.Sprint(f.Type.Enum[1])
		case f.Name == visibility:
			value = "true"
		default:
			continue
		}
		if !given {
			w.line("    with:")
			given = true
		}
		w.line("      %s: %s", f.Name, value)
	}
	if !given {
		w.line("    with: {}")
	}
	if w.has(format) && w.has(worklog) {
		w.note()
	}
	if w.has(closing) {
		w.line("\n  - id: close\n    name: Close service request\n    task: %s\n    with:\n      ticket: ${{ request.id }}", closing)
	}
}

// note writes the steps that report the result to the requester in a worklog.
func (w *writer) note() {
	w.line("\n  - id: note\n    name: Format worklog text\n    task: %s\n    with:\n      heading: %s\n      fields:", format, definition.Scalar(w.of.Title))
	w.line("        Result: ${{ steps.%s.result_message }}", w.id)
	for _, f := range w.texts() {
		w.line("        %s: ${{ steps.%s.%s%s }}", f.Title, w.id, f.Name, orUnknown(f.Type))
	}
	w.line("\n  - id: worklog\n    name: Add worklog to service request\n    task: %s\n    with:\n      ticket: ${{ request.id }}\n      text: ${{ steps.note.text }}\n      %s: true", worklog, visibility)
}

// internal are outputs that a requester has no use for, or must not see.
var internal = []string{"client_token", "owner_id"}

// texts returns the outputs of the task type that are of interest to people: its own text outputs,
// at most four.
func (w *writer) texts() []schema.Field {
	var fields []schema.Field
	for _, f := range w.of.Output.Fields[len(task.Result):] {
		if f.Type.Kind == schema.String && !slices.Contains(internal, f.Name) && len(fields) < 4 {
			fields = append(fields, f)
		}
	}
	return fields
}

// orUnknown returns the fallback of a text that may be null.
func orUnknown(t schema.Type) string {
	if t.Nullable {
		return ` ?? "unknown"`
	}
	return ""
}

// failure writes the handler on_failure: it adds a worklog for the requester and one that tells
// operators why, and leaves the request open.
func (w *writer) failure() {
	if _, ok := w.registry.Lookup(worklog); !ok {
		return
	}
	w.line("\non_failure:")
	w.report(w.of.Title+" was not completed. The service desk is informed.", true)
	w.line("    on_failure: continue\n")
	w.report(w.of.Title+" failed at step ${{ failure.step }}: ${{ failure.message }}", false)
}

func (w *writer) report(text string, visible bool) {
	w.line("  - task: %s\n    with:\n      ticket: ${{ request.id }}\n      text: \"%s\"\n      %s: %t", worklog, text, visibility, visible)
}

// firstOutput returns the output of the workflow: the first of the texts that is never null.
func (w *writer) firstOutput() (schema.Field, bool) {
	for _, f := range w.texts() {
		if !f.Type.Nullable {
			return f, true
		}
	}
	return schema.Field{}, false
}

// idOf returns the id of the step: the verb of the operation, or the whole operation if another
// step has that id.
func idOf(t task.Type) string {
	_, operation, _ := strings.Cut(t.Name, ".")
	verb, _, _ := strings.Cut(operation, "_")
	if slices.Contains([]string{check, "note", "worklog", "close"}, verb) {
		return operation
	}
	return verb
}

func sorted(m map[string][]byte) []string { return slices.Sorted(maps.Keys(m)) }
