package temporal

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
)

// A comparedRunner also asks the Record of a run what it does to the run.
type comparedRunner struct {
	*local.Runner
	c *comparison
}

// Decide implements engine.Decider.
func (r *comparedRunner) Decide(ctx context.Context, id, step string, d engine.Decision) error {
	record, found := r.c.snapshot(id)
	if !found {
		return r.Runner.Decide(ctx, id, step, d)
	}
	message, err := openRecord(again(r.c.t, record), r.Registry, &r.c.programs).Decide(ctx, step, d)
	wantErr := r.Runner.Decide(ctx, id, step, d)
	after, _ := r.c.snapshot(id)
	if wantErr != nil && mark(r.c.t, record) != mark(r.c.t, after) {
		return wantErr // somebody was faster
	}
	if problem := differs(wantErr, err); problem != "" {
		r.c.t.Errorf("Decide %s %s: %s", step, d.Verdict, problem)
	} else if err == nil && !slices.ContainsFunc(after.Messages, func(m journal.Message) bool { return reflect.DeepEqual(m, message) }) {
		r.c.t.Errorf("Decide %s %s: the message is %+v, and the inbox has %+v", step, d.Verdict, message, after.Messages)
	}
	return wantErr
}

// Retry implements engine.Retrier.
func (r *comparedRunner) Retry(ctx context.Context, id string, retry engine.Retry) error {
	record, found := r.c.snapshot(id)
	if !found {
		return r.Runner.Retry(ctx, id, retry)
	}
	got, err := openRecord(again(r.c.t, record), r.Registry, &r.c.programs).Retry(ctx, retry)
	wantErr := r.Runner.Retry(ctx, id, retry)
	if refused, ok := errors.AsType[*engine.Refusal](wantErr); ok && refused.Code == engine.RefusedMoved {
		return wantErr // somebody was faster
	}
	if problem := differs(wantErr, err); problem != "" {
		r.c.t.Errorf("Retry from %q: %s", retry.From, problem)
	} else if err == nil {
		r.c.mu.Lock()
		want := r.c.retried[id]
		r.c.mu.Unlock()
		if len(want.State.Waits) > 0 && want.State.Waits[0].For == engine.WaitTurn {
			got.State = want.State // which run has the turn, the record does not know
		}
		if a, b := plain(r.c.t, want), plain(r.c.t, got); !bytes.Equal(a, b) {
			r.c.t.Errorf("Retry from %q: - is the journal's, + the record's:\n%s\n%s", retry.From, a, b)
		}
		r.c.counts.add(func(c *counts) { c.retries++ })
	}
	return wantErr
}
