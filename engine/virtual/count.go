package virtual

import (
	"context"

	"errand/engine"
)

var _ engine.Counter = (*Runner)(nil)

// Count implements engine.Counter.
func (r *Runner) Count(context.Context) (engine.Counts, error) {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	var c engine.Counts
	for _, x := range r.Runs.runs {
		v, err := x.view()
		switch {
		case err != nil:
			return c, err
		case !v.Pruned.IsZero():
		case !x.ended.IsZero():
			c.Add(engine.RunGroup{Workflow: v.Workflow, Status: v.Status}, 1)
		default:
			c.AddOpen(v, x.changed, r.Runs.Clock.Now())
		}
	}
	return c, nil
}
