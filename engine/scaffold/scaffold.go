// Package scaffold writes a first workflow for a designer to extend: a check of the request, a step
// of a task type, a worklog of its result, and the closing of the request.
package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/schema"
	"errand/engine/task"
)

// The task types of the other steps, if the registry has them.
const (
	format  = "worklog.format"
	worklog = "ism.add_worklog"
	closing = "ism.close_service_request"
)

// Types lists the task types of a connector that a first workflow can be about: those that act on a
// system.
func Types(registry *task.Registry, connector string) []task.Type {
	c, _ := registry.Connector(connector)
	return slices.DeleteFunc(slices.Clone(c.Types), func(t task.Type) bool { return t.Effect == task.Pure })
}

// Definition returns the text of a workflow with a step of the task type. Each parameter that must
// be given is an input of the workflow, except the ticket, which is the request.
func Definition(registry *task.Registry, name string, t task.Type) []byte {
	w := &writer{registry: registry, of: t, id: idOf(t)}
	w.line("# yaml-language-server: $schema=schema.json")
	w.line("workflow: %s", name)
	w.line("title: %s", definition.Scalar(t.Title))
	w.line("description: %s", definition.Scalar(t.Doc))
	w.inputs()
	w.steps()
	w.failure()
	if f, ok := w.firstOutput(); ok {
		w.line("\noutputs:\n  %s: ${{ steps.%s.%s }}", f.Name, w.id, f.Name)
	}
	return []byte(w.String())
}

// Inputs returns the parameters of a task type that are inputs of its first workflow.
func Inputs(t task.Type) []schema.Field {
	var fields []schema.Field
	for _, f := range t.Input.Fields {
		if isInput(t, f) && f.Name != ticket {
			fields = append(fields, f)
		}
	}
	return fields
}

const (
	ticket     = "ticket"          // the parameter whose value is the request
	visibility = "client_viewable" // the parameter that says whether the requester sees a worklog
	check      = "check"           // the id of the step that checks the request
)

// checkBefore returns the task type that checks the request before a step of the task type. ok is
// false if the step needs no check, or if the registry has no such type.
func checkBefore(registry *task.Registry, of task.Type) (found task.Type, ok bool) {
	if of.Effect == task.Reads || of.Effect == task.Pure {
		return task.Type{}, false
	}
	for _, name := range registry.Names() {
		if t, _ := registry.Lookup(name); t.Checks {
			return t, true
		}
	}
	return task.Type{}, false
}

// isInput reports whether a parameter must be given, or has a default value that is discouraged. If
// one of several must be given, it is the first.
func isInput(t task.Type, f schema.Field) bool {
	first := func(r task.Rule) bool { return r.Kind == task.AnyOfKind && r.Parameters[0] == f.Name }
	return f.Required || slices.ContainsFunc(t.Rules, first) || slices.ContainsFunc(f.Type.Discouraged, func(c schema.Caution) bool { return c.Value == f.Default })
}

// A Kind is a kind of test case.
type Kind struct {
	Prose  string
	Status string // the expected status of the run
}

// The kinds of the two first cases.
var (
	Succeeds = Kind{"All steps succeed.", "succeeded"}
	Refused  = Kind{"The system refuses the operation: the request stays open, and a worklog says why.", "failed"}
)

// Case returns a test case of the workflow, with its inputs as JSON. The case has no trace yet.
func Case(kind Kind, name, request string, inputs map[string][]byte) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n-- case.yaml --\nworkflow: %s\nrequest: %s\n", kind.Prose, name, request)
	if len(inputs) > 0 {
		b.WriteString("inputs:\n")
	}
	for _, key := range sorted(inputs) {
		fmt.Fprintf(&b, "  %s: %s\n", key, inputs[key])
	}
	fmt.Fprintf(&b, "expect:\n  status: %s\n", kind.Status)
	return []byte(b.String())
}

// Mocks returns the mocks of a case: the answers of the task type and of the steps after it. If the
// case is Refused, the step fails, and only the worklogs that report it follow. Otherwise every
// answer is a success with example values.
func (k Kind) Mocks(registry *task.Registry, t task.Type) []byte {
	var b strings.Builder
	b.WriteString("-- mocks.yaml --\n")
	types, following := []task.Type{t}, []string{worklog, closing}
	if k == Refused {
		fmt.Fprintf(&b, "- step: %s\n  fails: {code: Refused, message: it is not allowed, status: 403}\n", idOf(t))
		types, following = nil, []string{worklog, worklog}
	}
	for _, name := range following {
		if other, ok := registry.Lookup(name); ok && (name != t.Name || k == Refused) {
			types = append(types, other)
		}
	}
	if before, ok := checkBefore(registry, t); ok {
		types = append(types, before)
	}
	for _, t := range types {
		fmt.Fprintf(&b, "- task: %s\n  returns:", t.Name)
		none := true
		for _, f := range t.Output.Fields[len(task.Result):] {
			if !f.Type.Nullable {
				none = false
				fmt.Fprintf(&b, "\n    %s: %s", f.Name, Example(f.Type))
			}
		}
		if none {
			b.WriteString(" {}")
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

// ExampleOf returns a value of a parameter, as JSON.
func ExampleOf(f schema.Field) []byte {
	if f.Example != nil {
		return schema.Encode(f.Example)
	}
	return Example(f.Type)
}

// Example returns a value of a type, as JSON.
func Example(t schema.Type) []byte {
	if len(t.Enum) > 0 {
		return schema.Encode(t.Enum[0])
	}
	switch t.Kind {
	case schema.Integer, schema.Number:
		if t.Minimum != nil {
			return schema.Encode(*t.Minimum)
		}
		return []byte("1")
	case schema.Boolean:
		return []byte("true")
	case schema.Duration:
		return []byte(`"1m"`)
	case schema.List:
		return []byte("[]")
	case schema.Object:
		return exampleObject(t)
	}
	return []byte(`"example"`)
}

// exampleObject returns an object with the members that it needs.
func exampleObject(t schema.Type) []byte {
	b := []byte("{")
	for _, f := range t.Fields {
		if f.Required && f.Default == nil {
			if len(b) > 1 {
				b = append(b, ", "...)
			}
			b = append(append(schema.AppendString(b, f.Name), ": "...), ExampleOf(f)...)
		}
	}
	return append(b, '}')
}
