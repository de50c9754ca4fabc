package home

import (
	"context"
	"time"

	"errand/engine"
)

// Retain prunes the runs of a home, at once and then every hour, until ctx ends: those that ended
// longer ago than keep. If keep is shorter than an hour, Retain prunes as often as that, and at most
// once a second. It calls told after each pruning that pruned something or failed. A home that is a
// copy is not pruned before it is adopted, and told gets the refusal.
func Retain(ctx context.Context, p engine.Pruner, keep time.Duration, told func(engine.Pruned, error)) {
	every := time.NewTicker(max(time.Second, min(keep, time.Hour)))
	defer every.Stop()
	for {
		pruned, err := p.Prune(ctx, engine.Pruning{EndedBefore: time.Now().Add(-keep)})
		if ctx.Err() != nil {
			err = nil // the end of the work is no failure
		}
		if len(pruned) > 0 || err != nil {
			told(pruned, err)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}
