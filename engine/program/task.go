package program

import (
	"strings"
	"time"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/task"
)

// A Task calls a task type once, or repeatedly until a condition is true.
type Task struct {
	Type       task.Type
	Credential string
	Input      Template
	Until      *expression.Program // nil means that the first answer counts
	Every      time.Duration
	For        time.Duration // 0 means until the timeout of the step
}

// Form returns the name of the task type.
func (t *Task) Form() string { return t.Type.Name }

// Lists returns nil: a task holds no steps.
func (*Task) Lists() [][]*Step { return nil }

func (t *Task) input() Template { return t.Input }

// task compiles the form `task:`.
func (c *compiler) task(form *definition.Task, d *definition.Step, s *Step, v view) {
	if d.If != nil && s.If == nil { // the broken condition may have been a guard
		defer c.dropMaybeNull(len(c.problems))
	}
	t, known := c.registry.Lookup(form.Type.Value)
	if !known {
		c.unknownTask(form)
		c.checkNames(form.With, c.scope(v, s.If))
		return
	}
	s.Outputs = t.Output
	action := &Task{Type: t, Every: durationOf(form.Every), For: durationOf(form.For)}
	connector, _ := c.registry.Connector(t.Connector())
	if len(connector.Credential) > 0 {
		action.Credential = c.requireCredential(connector.Name, d.Credential.Value)
	} else if d.Credential.Given() {
		c.report(diag.Problem{
			Rule: "needless-credential", Range: d.Credential.Range,
			Message: t.Name + " needs no credential", Help: "remove the line",
		})
	}
	scope := c.scope(v, s.If)
	to := callee{name: t.Name, noun: "parameter", input: t.Input, at: form.Type.Range}
	action.Input = c.parameters(form.With, to, form.Range, form.Partial, scope)
	c.typeRules(t, form, action.Input, scope)
	c.polling(form, t, action, v, s)
	s.Action = action
}

func (c *compiler) unknownTask(form *definition.Task) {
	name := form.Type.Value
	if name == "" {
		return // the parser has reported a problem
	}
	connectorName, operation, _ := strings.Cut(name, ".")
	p := diag.Problem{Rule: "unknown-task", Range: form.Type.Range, Message: `there is no task type "` + name + `"`}
	if connector, ok := c.registry.Connector(connectorName); ok {
		p.Message = `the connector "` + connectorName + `" has no operation "` + operation + `"`
		p.Notes = []string{"operations are " + strings.Join(namesOf(connector.Types), ", ")}
	} else {
		p.Notes = []string{"connectors are " + strings.Join(connectorsOf(c.registry), ", ")}
	}
	near, certain := NearestTask(name, c.registry)
	if near != "" {
		p.Help = `did you mean "` + near + `"?`
	}
	if near != "" && certain {
		p.Fix = &diag.Fix{Title: "write " + near, Range: p.Range, Text: near}
	}
	c.report(p)
}

// checkNames checks the names in the parameters of an unknown task type or workflow. Their
// types are unknown.
func (c *compiler) checkNames(with []definition.Entry, scope expression.Scope) {
	for _, entry := range with {
		c.value(entry.Value, anything, entry.Key.Value, scope)
	}
}

// repeatable reports whether a task may be polled. Tasks that have a new effect with each call must
// not be polled.
func repeatable(e task.Effect) bool { return e != task.Once && e != task.Evident }
