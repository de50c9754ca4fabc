package journal

import (
	"context"
	"time"
)

// A Pruner deletes what is on record of runs that ended long ago. What stays of a pruned run is who
// started it, for which request, who sees it, and how it ended: the request does not get another
// run. A digest of its inputs shows whether an order asks for the same.
//
// Definitions stay. Each process remembers the numbers of those that it has stored, and retries
// name those that they replaced.
type Pruner interface {
	// Prune prunes runs that ended before a time, the one that ended first to begin with, and that
	// nobody holds. It prunes a limited number of them, so that other writers wait for a moment only,
	// and returns how many they are, by workflow; nil means that there are no more. at is the present
	// time. The error is a *StoreError.
	Prune(ctx context.Context, endedBefore, at time.Time) (pruned map[string]int, err error)
	// Prunable returns how many runs Prune would prune in all, by workflow. Its error is a
	// *StoreError.
	Prunable(ctx context.Context, endedBefore time.Time) (map[string]int, error)
}

// The most that one transaction prunes: a number of runs, and of their entries. At least one run is
// pruned, however many entries it has.
const (
	mostPruned        = 100
	mostPrunedEntries = 5000
)

// A PrunedError says that a run's record was deleted. Run has what is left of it.
type PrunedError struct{ Run Run }

func (e *PrunedError) Error() string { return "the record of run " + e.Run.ID + " was deleted" }
