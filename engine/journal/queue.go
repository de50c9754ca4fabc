package journal

import (
	"context"
	"time"
)

// A Queue finds the runs that are due. Those that nobody holds wait for a process.
type Queue interface {
	// Due returns runs that are due at a time and that nobody holds: of each workflow the first ones,
	// at most that many. The workflows are in the order of their names, and the runs of one in that
	// of their Wakes; of two with the same Wake the older one is first. The time that Due takes depends
	// on the number of workflows and of the runs that it returns, not on how many others are due. Its
	// error is a *StoreError.
	Due(ctx context.Context, at time.Time, each int) ([]Queued, error)
	// Held returns the runs that are due at a time although somebody holds them: the holder works on
	// them, or is dead. Their order is that of Due.
	Held(ctx context.Context, at time.Time) ([]Queued, error)
	// Waiting returns how many runs that nobody holds are due at a time. Its error is a *StoreError.
	Waiting(ctx context.Context, at time.Time) (int, error)
}

// A Queued run is due. A queue is read often, so it has no more than is needed to choose from it.
type Queued struct {
	ID       string
	Workflow string
	Wake     time.Time
	Holder   string // "" if nobody holds the run
}

// free is the condition of the index runs_due, which has the workflows side by side. So their names
// are found by one search each, and the first runs of each by another. A run that somebody holds is
// not in that index, so the commits of a run at work do not change it.
const free = `wake IS NOT NULL AND holder = ''`

// freeWorkflows is the table of the workflows that have runs which nobody holds.
const freeWorkflows = `WITH RECURSIVE workflows (name) AS (
	SELECT min(workflow) FROM runs WHERE ` + free + `
	UNION ALL
	SELECT (SELECT min(workflow) FROM runs WHERE ` + free + ` AND workflow > workflows.name) FROM workflows WHERE workflows.name IS NOT NULL)
`

const (
	dueQuery = freeWorkflows + `SELECT r.id, r.workflow, r.wake, r.holder FROM workflows w
	CROSS JOIN runs r ON r.number IN (SELECT number FROM runs INDEXED BY runs_due WHERE workflow = w.name AND wake <= ? AND holder = '' ORDER BY wake, number LIMIT ?)
	WHERE w.name IS NOT NULL ORDER BY w.name, r.wake, r.number`
	heldQuery = `SELECT r.id, r.workflow, r.wake, r.holder FROM runs r INDEXED BY runs_held
	WHERE r.holder <> '' AND r.wake <= ? ORDER BY r.workflow, r.wake, r.number`
	waitingQuery = freeWorkflows + `SELECT coalesce(sum((SELECT count(*) FROM runs INDEXED BY runs_due WHERE workflow = w.name AND wake <= ? AND holder = '')), 0)
	FROM workflows w WHERE w.name IS NOT NULL`
)

// Due implements Queue.
func (s *SQLite) Due(ctx context.Context, at time.Time, each int) ([]Queued, error) {
	return s.queued(ctx, dueQuery, instant(at), each)
}

// Held implements Queue.
func (s *SQLite) Held(ctx context.Context, at time.Time) ([]Queued, error) {
	return s.queued(ctx, heldQuery, instant(at))
}

func (s *SQLite) queued(ctx context.Context, query string, args ...any) (runs []Queued, err error) {
	err = s.each(ctx, query, args, func(scan func(...any) error) error {
		var q Queued
		var wake *int64
		err := scan(&q.ID, &q.Workflow, &wake, &q.Holder)
		q.Wake = fromInstant(wake)
		runs = append(runs, q)
		return err
	})
	if err != nil {
		return nil, failure("read the queue", err)
	}
	return runs, nil
}

// Waiting implements Queue.
func (s *SQLite) Waiting(ctx context.Context, at time.Time) (waiting int, err error) {
	const doing = "count the queue"
	if err := s.here(ctx); err != nil {
		return 0, failure(doing, err)
	}
	rows, err := s.reader.query(waitingQuery, instant(at))
	if err != nil {
		return 0, failure(doing, err)
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		err = rows.Scan(&waiting)
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		return 0, failure(doing, err)
	}
	return waiting, nil
}
