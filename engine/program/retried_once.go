package program

import (
	"errand/engine/diag"
	"errand/engine/task"
)

// retriedOnce warns of `retry` on a task that can be neither repeated without harm nor looked up. It is the designer's word that the
// task may be repeated all the same, and not everybody knows that it says so.
func (c *compiler) retriedOnce() {
	for _, s := range c.places() {
		t, ok := s.Action.(*Task)
		if !ok || t.Type.Effect != task.Once || !s.Retry.Stated {
			continue
		}
		c.report(diag.Problem{
			Rule: "retried-once", Severity: diag.Warning, Range: c.written[s.Step].Policy.Retry.Range, Label: "lets it be repeated",
			Message: t.Type.Name + " may happen twice: with `retry` it is called again even where its answer was lost",
			Help:    "remove `retry` where twice is worse than not at all: then a person decides what became of it",
			Notes:   []string{"a call that certainly did nothing, such as a throttled one, is tried again without `retry` too"},
		})
	}
}
