package journal

import (
	"context"
	"slices"
	"time"

	"errand/engine"
)

// Prune implements Pruner.
func (m *Memory) Prune(ctx context.Context, endedBefore, at time.Time) (map[string]int, error) {
	if err := ctx.Err(); err != nil {
		return nil, &StoreError{Doing: "prune", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var pruned map[string]int
	runs, entries := 0, 0
	for _, r := range m.prunable(endedBefore) {
		if runs > 0 && (runs == mostPruned || entries+r.run.Next > mostPrunedEntries) {
			break
		}
		runs, entries = runs+1, entries+r.run.Next
		pruned = countOne(pruned, r.run.Workflow)
		r.prune(at)
		m.due.put(r)
	}
	return pruned, nil
}

// Prunable implements Pruner.
func (m *Memory) Prunable(ctx context.Context, endedBefore time.Time) (found map[string]int, err error) {
	if err := ctx.Err(); err != nil {
		return nil, &StoreError{Doing: "look for runs to prune", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.prunable(endedBefore) {
		found = countOne(found, r.run.Workflow)
	}
	return found, nil
}

// prunable returns the runs that can be pruned, in the order in which they ended.
func (m *Memory) prunable(endedBefore time.Time) (found []*record) {
	for _, r := range m.order {
		if !r.run.Ended.IsZero() && r.run.Pruned.IsZero() && r.run.Ended.Before(storable(endedBefore)) && r.run.Holder == "" {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *record) int { return a.run.Ended.Compare(b.run.Ended) })
	return found
}

// prune deletes what is on record of a run.
func (r *record) prune(at time.Time) {
	r.entries, r.inbox = nil, nil
	r.run.Pruned, r.run.InputsDigest = storable(at), engine.InputsDigest(r.run.Inputs)
	r.run.Changed, r.run.Requesters, r.run.Inputs, r.run.Key, r.run.URL = r.run.Pruned, nil, nil, "", ""
	r.run.Wake, r.run.Waits, r.run.Result = time.Time{}, nil, nil
	r.run.Next, r.run.Cancel = 0, false
}

func countOne(counts map[string]int, name string) map[string]int {
	if counts == nil {
		counts = map[string]int{}
	}
	counts[name]++
	return counts
}
