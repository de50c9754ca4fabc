package temporal

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"

	"errand/engine"
	"errand/engine/journal"
)

// Preview implements engine.Retrier.
func (r *Runner) Preview(ctx context.Context, run string, retry engine.Retry) (engine.RetryPreview, error) {
	reader, _, err := r.reader(ctx, run)
	if err != nil {
		return engine.RetryPreview{}, outward(run, err)
	}
	p, err := reader.Preview(ctx, retry)
	return p, outward(run, err)
}

// Retry implements engine.Retrier. Another workflow with the same id goes on from the record of the
// one that has ended.
func (r *Runner) Retry(ctx context.Context, run string, retry engine.Retry) error {
	return outward(run, r.retry(ctx, run, retry))
}

func (r *Runner) retry(ctx context.Context, run string, retry engine.Retry) error {
	reader, f, err := r.reader(ctx, run)
	if err != nil {
		return err
	}
	next, err := reader.Retry(ctx, retry)
	if err != nil {
		return err
	}
	next.Told = toldAfterRetry(reader.record.Told, next.Entries)
	err = r.begin(ctx, f.id, next, reader.record.State.Status)
	if _, open := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); open { // somebody else was faster
		return &engine.Refusal{Code: engine.RefusedMoved, Run: run, Err: err}
	}
	if err == nil {
		r.announce(run)
	}
	return err
}

// toldAfterRetry returns how many events of each branch were passed on of those that a retry keeps.
// entries end with those of the retry.
func toldAfterRetry(before map[string]int, entries []journal.Entry) map[string]int {
	at := len(entries) - 1
	told := map[string]int{}
	for ; at > 0 && entries[at].Kind == journal.Continued; at-- {
		told[entries[at].Branch] = entries[at].Told
	}
	retried := entries[at]
	journal.Numbers(entries[:at], func(number int, e journal.Entry) {
		if _, continued := told[e.Branch]; !continued && journal.Has(retried.Keep, number) { // the branch is kept as a whole
			told[e.Branch] = before[e.Branch]
		}
	})
	told[""] = retried.Told
	return told
}
