package program

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/task"
)

// taskForm compiles the form `task:`.
func (c *compiler) taskForm(d *definition.Step, s *Step, v view) {
	form, ok := d.Form.(*definition.Task)
	if !ok {
		return
	}
	if d.If != nil && s.If == nil { // nobody knows what the broken condition was to make sure of
		defer c.forget(len(c.problems), "maybe-null")
	}
	t, known := c.registry.Lookup(form.Type.Value)
	if !known {
		c.unknownTask(form)
		c.looseExpressions(form, s, v)
		return
	}
	s.Outputs = t.Output
	action := &Task{Type: t, Every: durationOf(form.Every), For: durationOf(form.For)}
	connector, _ := c.registry.Connector(t.Connector())
	if len(connector.Credential) > 0 {
		action.Credential = c.use(connector.Name, d.Credential.Value)
	} else if d.Credential.Given() {
		c.report(diag.Problem{
			Rule: "needless-credential", Range: d.Credential.Range,
			Message: t.Name + " needs no credential", Help: "remove the line",
		})
	}
	scope := c.scope(v, s.If)
	action.Input = c.parameters(form, t, scope)
	c.polling(form, t, action, v, s)
	s.Action = action
}

func (c *compiler) unknownTask(form *definition.Task) {
	name := form.Type.Value
	if name == "" {
		return // the parser said so
	}
	connectorName, operation, _ := strings.Cut(name, ".")
	p := diag.Problem{Rule: "unknown-task", Range: form.Type.Range, Message: `there is no task type "` + name + `"`}
	near := ""
	if connector, ok := c.registry.Connector(connectorName); ok {
		p.Message = `the connector "` + connectorName + `" has no operation "` + operation + `"`
		var names, operations []string
		for _, t := range connector.Types {
			names = append(names, t.Name)
			operations = append(operations, strings.TrimPrefix(t.Name, connectorName+"."))
		}
		if own := nearestOperation(operation, operations); own != "" {
			near = connectorName + "." + own
		}
		p.Notes = []string{"operations are " + strings.Join(names, ", ")}
	} else {
		var connectors []string
		for _, connector := range c.registry.Connectors() {
			connectors = append(connectors, connector.Name)
		}
		if other := diag.Nearest(connectorName, connectors); slices.Contains(c.registry.Names(), other+"."+operation) {
			near = other + "." + operation
		}
		p.Notes = []string{"connectors are " + strings.Join(connectors, ", ")}
	}
	if near == "" {
		near = diag.Nearest(name, slices.DeleteFunc(c.registry.Names(), func(n string) bool { return strings.HasPrefix(n, connectorName+".") }))
	}
	if near != "" {
		p.Help = `did you mean "` + near + `"?`
		p.Fix = &diag.Fix{Title: "write " + near, Range: p.Range, Text: near}
	}
	c.report(p)
}

// nearestOperation compares the verb alone where the noun is right: remove_instance is not meant to be create_instance, though most
// of their letters are the same.
func nearestOperation(operation string, operations []string) string {
	at := strings.LastIndex(operation, "_")
	var verbs []string
	for _, o := range operations {
		if verb, ok := strings.CutSuffix(o, operation[at+1:]); ok && at > 0 && strings.HasSuffix(verb, "_") {
			verbs = append(verbs, verb)
		}
	}
	if len(verbs) == 0 {
		return diag.Nearest(operation, operations)
	}
	if verb := diag.Nearest(operation[:at+1], verbs); verb != "" {
		return verb + operation[at+1:]
	}
	return ""
}

// looseExpressions checks the expressions of a step whose task type is not known, for nothing but names.
func (c *compiler) looseExpressions(form *definition.Task, s *Step, v view) {
	scope := c.scope(v, s.If)
	for _, entry := range form.With {
		c.value(entry.Value, anything, entry.Key.Value, scope)
	}
}

// repeatable keeps polling away from tasks that do something anew each time.
func repeatable(e task.Effect) bool { return e != task.Once && e != task.Evident }
