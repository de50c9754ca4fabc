package local

import (
	"bytes"
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/schema"
)

// existing returns the run that an order has already, or "". Its error is a refusal if that run has
// other inputs.
func (r *Runner) existing(ctx context.Context, o engine.Order) (string, error) {
	if o.Request == "" || o.Again {
		return "", nil
	}
	asked := schema.Encode(o.Inputs)
	run, inputs, err := r.Journal.Latest(ctx, o.Program.Name, o.Request)
	same := bytes.Equal(inputs, asked)
	if pruned, ok := errors.AsType[*journal.PrunedError](err); ok {
		run, err = pruned.Run.ID, nil
		same = bytes.Equal(pruned.Run.InputsDigest, engine.InputsDigest(asked))
	}
	if err != nil || run == "" {
		return "", err
	}
	if !same {
		return "", &engine.Refusal{Code: engine.RefusedConflict, Run: run, Inputs: inputs}
	}
	return run, nil
}

var _ engine.Auditor = (*Runner)(nil)

// Audits implements engine.Auditor.
func (r *Runner) Audits() {}

// Accept implements engine.Starter.
func (r *Runner) Accept(ctx context.Context, o engine.Order) (engine.Receipt, error) {
	r.accepting.Add(1)
	defer r.accepting.Add(-1)
	receipt, err := r.accept(ctx, o)
	return receipt, outward(o.Run, err)
}

func (r *Runner) accept(ctx context.Context, o engine.Order) (engine.Receipt, error) {
	if run, err := r.existing(ctx, o); run != "" || err != nil {
		return engine.Receipt{Run: run, Existed: run != ""}, err
	}
	change, err := r.admit(ctx, o)
	if err != nil {
		return engine.Receipt{}, err
	}
	if o.Audit != nil {
		entry := *o.Audit
		entry.Run = o.Run
		change.Audit = journal.NewAddition(ctx, entry, r.Sealer)
	}
	if err = r.store(change); err != nil {
		r.waitNoMore(1)
	}
	if _, exists := errors.AsType[*journal.ExistsError](err); exists { // somebody was faster
		run, err := r.existing(ctx, o)
		return engine.Receipt{Run: run, Existed: true}, err
	}
	if err != nil { // nobody knows whether the run is on record
		return engine.Receipt{}, err
	}
	r.due.send()
	return engine.Receipt{Run: o.Run, Started: change.Create.Started, Key: change.Create.Key}, nil
}

// admit returns the change that puts a new order on record. The run then counts as one that waits for
// a process: if the change is not made, the caller takes that back (waitNoMore). The error is a refusal,
// or the journal's.
func (r *Runner) admit(ctx context.Context, o engine.Order) (journal.Change, error) {
	if err := r.mayBegin(ctx, o); err != nil {
		return journal.Change{}, err
	}
	created := newRun(o)
	var err error
	if created.Key, err = key(o); err != nil {
		return journal.Change{}, err
	}
	return journal.Change{Run: o.Run, Create: &created, Again: o.Again, State: dueNow(created.Started)}, r.mayWait()
}

// dueNow is the state of a run that waits for a process to take it up.
func dueNow(at time.Time) journal.State {
	return journal.State{Status: engine.Waiting, Wake: at, Waits: []engine.Wait{{For: engine.WaitProcess, Since: at}}}
}

// Start implements engine.Starter. A new run is on record from its first effect on; one with a
// concurrency key has a place in the queue of its key before that.
func (r *Runner) Start(ctx context.Context, o engine.Order, f engine.Following) (engine.View, error) {
	v, err := r.start(ctx, o, f)
	return v, outward(o.Run, err)
}

func (r *Runner) start(ctx context.Context, o engine.Order, f engine.Following) (engine.View, error) {
	if o.Program.Concurrency != nil {
		receipt, err := r.accept(ctx, o)
		if err != nil {
			return engine.View{}, err
		}
		return r.Follow(ctx, receipt.Run, f)
	}
	run, err := r.existing(ctx, o)
	if err != nil {
		return engine.View{}, err
	}
	if run != "" {
		return r.Follow(ctx, run, f)
	}
	if err := r.mayBegin(ctx, o); err != nil {
		return engine.View{}, err
	}
	w := newWatcher(f.Watch)
	s, err := r.begin(ctx, o, w)
	if exists, ok := errors.AsType[*journal.ExistsError](err); ok { // somebody was faster
		if _, err := r.existing(ctx, o); err != nil {
			return engine.View{}, err
		}
		return r.Follow(ctx, exists.Run, f)
	}
	return r.onward(ctx, s, err, f, w)
}

// begin works on a new run.
func (r *Runner) begin(ctx context.Context, o engine.Order, w *watcher) (standing, error) {
	me, err := r.join()
	if err != nil {
		return standing{}, err
	}
	if !r.take(o.Run) {
		return standing{}, &engine.Refusal{Code: engine.RefusedBusy, Run: o.Run}
	}
	defer r.release(o.Run)
	r.keep(o.Program)
	run := newRun(o)
	h := newHost(r, run, nil, o.Program)
	h.create, h.again = &run, o.Again
	h.ctx, h.me, h.watch = ctx, me, w
	s, err := r.carry(h, o.Program, o.Inputs)
	if err != nil && h.create != nil { // nobody knows whether the run is on record; nothing was sent
		s = standing{}
	}
	return s, err
}

// newRun returns the record of the run that an order begins.
func newRun(o engine.Order) journal.Run {
	return journal.Run{
		ID: o.Run, Version: journal.Version, Workflow: o.Program.Name, Request: o.Request, StartedBy: o.StartedBy, Requesters: o.Requesters, Owners: o.Owners, URL: o.URL, Inputs: schema.Encode(o.Inputs),
		Started: time.Now().Round(0).UTC(), Source: o.Program.Source, File: o.Program.File, Digest: o.Program.Digest,
	}
}
