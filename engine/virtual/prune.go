package virtual

import (
	"bytes"
	"context"

	"errand/engine"
)

var _ engine.Pruner = (*Runner)(nil)

// Prune implements engine.Pruner.
func (r *Runner) Prune(ctx context.Context, p engine.Pruning) (engine.Pruned, error) {
	pruned := engine.Pruned{}
	if err := ctx.Err(); err != nil {
		return pruned, err
	}
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	for _, x := range r.Runs.runs {
		if x.ended.IsZero() || !x.ended.Before(p.EndedBefore) || x.isPruned() {
			continue
		}
		pruned[x.order.Program.Name]++
		if !p.DryRun {
			x.prune()
			x.pruned = r.Runs.Clock.Now()
			r.Runs.change(x)
		}
	}
	return pruned, nil
}

// prune deletes the record of a run.
func (x *run) prune() {
	x.digest, x.inputs, x.order.Inputs, x.order.Requesters, x.order.URL = engine.InputsDigest(x.inputs), nil, nil, nil, ""
	x.memory, x.past, x.rounds, x.result, x.inbox = NewMemory(), nil, nil, nil, nil
}

// isPruned reports whether the record of a run was deleted.
func (x *run) isPruned() bool { return x.digest != nil }

// hasInputs reports whether a run has these inputs, or had them before it was pruned.
func (x *run) hasInputs(inputs []byte) bool {
	if !x.isPruned() {
		return bytes.Equal(x.inputs, inputs)
	}
	return bytes.Equal(x.digest, engine.InputsDigest(inputs))
}

// onRecord returns a run whose record was not deleted, or a refusal. The caller holds the mutex.
func (r *Runs) onRecord(id string) (*run, error) {
	x, err := r.find(id)
	if err != nil || !x.isPruned() {
		return x, err
	}
	return nil, &engine.Refusal{
		Code: engine.RefusedPruned, Run: id, Workflow: x.order.Program.Name, Request: x.order.Request, Status: x.status, Ended: x.ended,
	}
}
