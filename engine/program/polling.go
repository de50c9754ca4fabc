package program

import (
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

// polling compiles `until`, which sees the task's outputs as `result`.
func (c *compiler) polling(form *definition.Task, t task.Type, action *Task, v view, s *Step) {
	if form.Until == nil {
		return
	}
	if !repeatable(t.Effect) {
		c.report(diag.Problem{
			Rule: "poll-acts", Range: form.Until.Range, Label: "would call it again and again",
			Message: t.Name + " cannot be polled: each call acts anew",
			Help:    "poll in a step of its own, with a task that reads, such as ec2.get_instance_status",
		})
		return
	}
	if form.For != nil && form.Every != nil && form.Every.Value > form.For.Value {
		c.report(diag.Problem{
			Rule: "poll-looks-once", Severity: diag.Warning, Range: form.Every.Range, Label: "longer than `for`",
			Message: "this poll looks only once: its time is up before the second look", Help: "write a shorter `every`, or a longer `for`",
		})
	}
	result := schema.Field{Name: "result", Type: t.Output.NotNull()}
	action.Until = c.boolean(form.Until, "until", c.scope(v, s.If, result))
}
