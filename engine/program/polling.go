package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
	"errand/engine/task"
)

// polling compiles `until`. In it, `result` is the output of the task.
func (c *compiler) polling(form *definition.Task, t task.Type, action *Task, v view, s *Step) {
	if form.Until == nil {
		return
	}
	if !repeatable(t.Effect) {
		c.report(diag.Problem{
			Rule: "poll-acts", Range: form.Until.Range, Label: "would repeat the call",
			Message: t.Name + " cannot be polled: each call may have a new effect",
			Help:    "poll in a separate step, with a task that reads, such as ec2.get_instance_status",
		})
		return
	}
	if form.For != nil && form.Every != nil && form.Every.Value > form.For.Value {
		c.report(diag.Problem{
			Rule: "poll-looks-once", Severity: diag.Warning, Range: form.Every.Range, Label: "longer than `for`",
			Message: "this poll calls the task only once: its time limit ends before the second call", Help: "write a shorter `every`, or a longer `for`",
		})
	}
	result := schema.Field{Name: "result", Type: t.Output.NotNull()}
	action.Until = c.boolean(form.Until, "until", c.scope(v, s.If, result))
}

// shown returns the type of the step's outputs if it succeeds: a poll has made its condition true.
func (s *Step) shown() schema.Type {
	t := s.Outputs
	if poll, ok := s.Action.(*Task); ok && poll.Until != nil {
		for _, path := range poll.Until.NotNull() {
			if members := expression.Members(path); members[0] == "result" {
				t = withMember(t, members[1:])
			}
		}
	}
	return t
}

// withMember returns the type of an object of which a member, or a member's member, is not null.
func withMember(t schema.Type, members []string) schema.Type {
	t = t.NotNull()
	if len(members) == 0 || t.Kind != schema.Object {
		return t
	}
	t.Fields = slices.Clone(t.Fields)
	for i, f := range t.Fields {
		if f.Name == members[0] {
			t.Fields[i].Type = withMember(f.Type, members[1:])
		}
	}
	return t
}
