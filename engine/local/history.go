package local

import (
	"context"
	"slices"

	"errand/engine"
	"errand/engine/journal"
)

// Events implements engine.Historian.
func (r *Runner) Events(ctx context.Context, id string, after engine.EventID) ([]engine.Event, error) {
	run, entries, err := r.Journal.Load(ctx, id)
	if err != nil {
		return nil, outward(id, err)
	}
	events, err := r.history(run, entries)
	if err != nil && len(events) == 0 {
		return nil, outward(id, err)
	}
	if after.IsZero() {
		return events, outward(id, err)
	}
	at, found := slices.BinarySearchFunc(events, after, func(e engine.Event, id engine.EventID) int { return e.ID.Compare(id) })
	if !found && !isFolded(entries, after.Seq) {
		return nil, &engine.Refusal{Code: engine.RefusedEvent, Run: id, Reason: after.String()}
	}
	if found {
		at++
	}
	return events[at:], outward(id, err)
}

// isFolded reports whether an entry with this number was there, and is gone since a fold.
func isFolded(entries []journal.Entry, seq int) (is bool) {
	journal.Numbers(entries, func(number int, e journal.Entry) {
		is = is || number-e.Skipped <= seq && seq < number
	})
	return is
}

// Record implements engine.Historian. What it returns comes from the entries alone.
func (r *Runner) Record(_ context.Context, id string) (engine.Record, error) {
	var placed []engine.Placed
	seen, err := r.replayRun(id, &watcher{tell: func(p engine.Placed) { placed = append(placed, p) }})
	if err != nil {
		return engine.Record{}, outward(id, err)
	}
	record := engine.Record{View: r.viewOf(seen.run), Events: engine.Number(placed)}
	seen.complete(&record.View)
	record.Moments = momentsOf(seen.entries)
	return record, nil
}
