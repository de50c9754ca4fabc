package journal

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Due implements Queue.
func (m *Memory) Due(ctx context.Context, at time.Time, each int) ([]Queued, error) {
	taken := map[string]int{} // by workflow
	return m.queued(ctx, at, func(r *Run) bool {
		if r.Holder != "" || taken[r.Workflow] == each {
			return false
		}
		taken[r.Workflow]++
		return true
	})
}

// Held implements Queue.
func (m *Memory) Held(ctx context.Context, at time.Time) ([]Queued, error) {
	return m.queued(ctx, at, func(r *Run) bool { return r.Holder != "" })
}

// queued returns the runs that are due and selected, in the order of a Queue.
func (m *Memory) queued(ctx context.Context, at time.Time, selects func(*Run) bool) (runs []Queued, err error) {
	if err := ctx.Err(); err != nil {
		return nil, &StoreError{Doing: "read the queue", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.due.each(storable(at), func(r *record) (more bool) {
		if selects(&r.run) {
			runs = append(runs, Queued{r.run.ID, r.run.Workflow, r.run.Wake, r.run.Holder})
		}
		return true
	})
	slices.SortStableFunc(runs, func(a, b Queued) int { return strings.Compare(a.Workflow, b.Workflow) })
	return runs, nil
}

// Waiting implements Queue.
func (m *Memory) Waiting(ctx context.Context, at time.Time) (waiting int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, &StoreError{Doing: "count the queue", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.due.each(storable(at), func(r *record) (more bool) {
		if r.run.Holder == "" {
			waiting++
		}
		return true
	})
	return waiting, nil
}
