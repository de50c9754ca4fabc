package journal

import (
	"context"
	"errors"

	"errand/engine"
)

// A Counter counts runs.
type Counter interface {
	// CountEnded returns how many runs have ended, without those that were pruned. Its error is a
	// *StoreError.
	CountEnded(ctx context.Context) (map[engine.RunGroup]int, error)
}

// countEnded reads nothing but an index, in its order: see TestCountReadsAnIndex.
const countEnded = `SELECT workflow, status, count(*) FROM runs INDEXED BY runs_ended WHERE ended IS NOT NULL AND pruned IS NULL GROUP BY workflow, status`

// CountEnded implements Counter.
func (s *SQLite) CountEnded(ctx context.Context) (map[engine.RunGroup]int, error) {
	const doing = "count"
	if err := s.here(ctx); err != nil {
		return nil, failure(doing, err)
	}
	rows, err := s.reader.query(countEnded)
	if err != nil {
		return nil, failure(doing, err)
	}
	counts := map[engine.RunGroup]int{}
	for err == nil && rows.Next() {
		var g engine.RunGroup
		var n int
		if err = rows.Scan(&g.Workflow, (*string)(&g.Status), &n); err == nil {
			counts[g] = n
		}
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return nil, failure(doing, err)
	}
	return counts, nil
}

// CountEnded implements Counter.
func (m *Memory) CountEnded(ctx context.Context) (map[engine.RunGroup]int, error) {
	if err := ctx.Err(); err != nil {
		return nil, &StoreError{Doing: "count", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := map[engine.RunGroup]int{}
	for _, r := range m.order {
		if !r.run.Ended.IsZero() && r.run.Pruned.IsZero() {
			counts[engine.RunGroup{Workflow: r.run.Workflow, Status: r.run.Status}]++
		}
	}
	return counts, nil
}
