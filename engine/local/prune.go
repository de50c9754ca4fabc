package local

import (
	"context"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

var _ engine.Pruner = (*Runner)(nil)

// Prune implements engine.Pruner.
func (r *Runner) Prune(ctx context.Context, p engine.Pruning) (engine.Pruned, error) {
	pruned := engine.Pruned{}
	for {
		began := time.Now()
		some, err := r.pruneSome(ctx, p)
		for workflow, n := range some {
			pruned[workflow] += n
		}
		if err != nil || len(some) == 0 || p.DryRun {
			return pruned, outward("", err)
		}
		giveWay(ctx, time.Since(began)) // half of the time the journal belongs to others
	}
}

// pruneSome prunes a limited number of runs.
func (r *Runner) pruneSome(ctx context.Context, p engine.Pruning) (map[string]int, error) {
	standing, _, err := r.Journal.Standing(ctx)
	switch {
	case err != nil:
		return nil, err
	case standing == journal.Copied:
		return nil, &engine.Refusal{Code: engine.RefusedCopy}
	case p.DryRun:
		return r.Journal.Prunable(ctx, p.EndedBefore)
	}
	return r.Journal.Prune(ctx, p.EndedBefore, time.Now().Round(0).UTC())
}

// giveWay waits for a time, or until ctx ends.
func giveWay(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// prunedRefusal returns the refusal of whatever needs the record of a pruned run.
func prunedRefusal(e *journal.PrunedError) error {
	run := e.Run
	return &engine.Refusal{
		Code: engine.RefusedPruned, Run: run.ID, Workflow: run.Workflow, Request: run.Request, Status: run.Status, Ended: run.Ended, Err: e,
	}
}
