package local

import (
	"context"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

var _ engine.Counter = (*Runner)(nil)

// countPage is how many open runs Count reads at once.
const countPage = 1000

// Count implements engine.Counter. An index counts the runs that have ended; the row of each open run is read.
func (r *Runner) Count(ctx context.Context) (engine.Counts, error) {
	var c engine.Counts
	ended, err := r.Journal.CountEnded(ctx)
	if err != nil {
		return c, outward("", err)
	}
	for group, n := range ended {
		c.Add(group, n)
	}
	now := time.Now()
	for q := (journal.Query{Open: true, Limit: countPage}); ; {
		runs, err := r.Journal.List(ctx, q)
		if err != nil {
			return c, outward("", err)
		}
		for _, run := range runs {
			c.AddOpen(r.viewOf(run), run.Changed, now)
		}
		if len(runs) < countPage {
			return c, nil
		}
		q.After = runs[len(runs)-1].ID
	}
}
