package program

import (
	"errand/engine/diag"
	"errand/engine/task"
)

// retriedOnce warns of `retry` on a task that cannot safely be repeated and whose effect cannot be
// looked up. With `retry`, a designer permits Errand to repeat the task after an unknown outcome.
// Not every designer knows this.
func (c *compiler) retriedOnce() {
	for _, s := range c.places() {
		t, ok := s.Action.(*Task)
		if !ok || t.Type.Effect != task.Once || !s.Retry.Stated {
			continue
		}
		c.report(diag.Problem{
			Rule: "retried-once", Severity: diag.Warning, Range: c.written[s.Step].Policy.Retry.Range, Label: "permits a repetition",
			Message: t.Type.Name + " may take effect twice: with `retry` it is called again even if its outcome is unknown",
			Help:    "remove `retry` if a second effect does harm; then a person decides whether the call took effect",
			Notes:   []string{"a call that certainly had no effect, such as a throttled one, is tried again even without `retry`"},
		})
	}
}
