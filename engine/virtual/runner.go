package virtual

import (
	"context"
	"errors"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/schema"
	"errand/engine/task"
)

// A Runner carries out Runs on their clock, and moves the clock when a run waits for a time. It
// keeps everything in memory.
type Runner struct {
	Runs     *Runs
	Registry *task.Registry
	About    string // describes this process for people
}

var _ engine.Runner = (*Runner)(nil)

// Accept implements engine.Starter.
func (r *Runner) Accept(ctx context.Context, o engine.Order) (engine.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return engine.Receipt{}, err
	}
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	inputs := schema.Encode(o.Inputs)
	for _, x := range slices.Backward(r.Runs.runs) {
		if o.Request == "" || o.Again || x.order.Request != o.Request || x.order.Program.Name != o.Program.Name {
			continue
		}
		if !x.hasInputs(inputs) {
			return engine.Receipt{}, &engine.Refusal{Code: engine.RefusedConflict, Run: x.order.Run, Inputs: x.inputs}
		}
		return engine.Receipt{Run: x.order.Run, Existed: true}, nil
	}
	if _, err := r.Runs.find(o.Run); err == nil {
		return engine.Receipt{Run: o.Run}, &engine.Refusal{Code: engine.RefusedMoved, Run: o.Run}
	}
	key, err := o.Program.ConcurrencyKey(o.Request, o.Inputs)
	if err != nil {
		return engine.Receipt{}, &engine.Refusal{Code: engine.RefusedKey, Run: o.Run, Reason: err.Error(), Err: err}
	}
	x := &run{runs: r.Runs, order: o, key: key, inputs: inputs, started: r.Runs.Clock.Now(), memory: NewMemory(), status: engine.Waiting}
	x.uncancel()
	r.Runs.runs = append(r.Runs.runs, x)
	r.Runs.queue(x, x.started)
	r.Runs.change(x)
	return engine.Receipt{Run: o.Run, Started: x.started, Key: key}, nil
}

// Start implements engine.Starter.
func (r *Runner) Start(ctx context.Context, o engine.Order, f engine.Following) (engine.View, error) {
	receipt, err := r.Accept(ctx, o)
	if err != nil {
		return engine.View{}, err
	}
	return r.Follow(ctx, receipt.Run, f)
}

// Follow implements engine.Follower.
func (r *Runner) Follow(ctx context.Context, id string, f engine.Following) (engine.View, error) {
	w := newWatcher(f.Watch)
	var turn string
	for again := false; ; again = true {
		v, err := r.work(ctx, id, w)
		if again && isHeld(err) { // another process was faster
			if !r.wait(ctx, id) {
				return r.Read(context.Background(), id)
			}
			continue
		}
		queues := err == nil && waitsForTurn(v.Waits)
		if queues && f.Turn != nil && v.Waits[0].Run != turn {
			turn = v.Waits[0].Run
			f.Turn(turn)
		}
		asks := engine.WaitsForPerson(v.Waits)
		switch {
		case queues && len(v.Waits) == 1:
			if !r.wait(ctx, id) { // a person may have stopped it
				return r.work(ctx, id, w)
			}
		case err != nil, !v.Ended.IsZero(), asks && !f.Stay, !asks && v.Due.IsZero():
			return v, err
		case !r.wait(ctx, id):
			return v, nil
		}
	}
}

// isHeld reports whether an error is the refusal of a run that another process works on.
func isHeld(err error) bool {
	refusal, ok := errors.AsType[*engine.Refusal](err)
	return ok && refusal.Code == engine.RefusedHeld
}

// wait returns true when a run is due or has changed. It returns false if ctx ends before.
func (r *Runner) wait(ctx context.Context, id string) bool {
	r.Runs.mu.Lock()
	x, err := r.Runs.find(id)
	changes := r.Runs.changes()
	var due time.Time
	var held bool
	if err == nil {
		due, held = x.due, x.worker != nil
	}
	r.Runs.mu.Unlock()
	if held {
		select {
		case <-changes:
		case <-ctx.Done():
		}
		return ctx.Err() == nil
	}
	return err == nil && r.await(ctx, due, changes)
}

// await returns true when the clock has moved, to the time or to an alarm before it, or after a
// change. It returns false if ctx ends before.
func (r *Runner) await(ctx context.Context, due time.Time, changes <-chan struct{}) bool {
	if ctx.Err() != nil || r.Runs.Clock.next(due) {
		return ctx.Err() == nil
	}
	select {
	case <-changes:
		return true
	case <-ctx.Done():
		return false
	}
}

// work carries a run on until it has to wait.
func (r *Runner) work(ctx context.Context, id string, w *watcher) (engine.View, error) {
	r.Runs.mu.Lock()
	x, err := r.Runs.onRecord(id)
	switch {
	case err != nil:
	case !x.ended.IsZero():
		return r.emitAgain(x, w)
	case x.worker == r:
		err = &engine.Refusal{Code: engine.RefusedBusy, Run: id}
	case x.worker == nil && x.isBlocked():
		defer r.Runs.mu.Unlock()
		r.Runs.leaveToTurn(ctx, x)
		return x.view()
	case x.worker != nil:
		err = &engine.Refusal{Code: engine.RefusedHeld, Run: id, Process: x.worker.About}
	default:
		x.worker, x.status = r, engine.Running
	}
	if err != nil {
		r.Runs.mu.Unlock()
		return engine.View{}, err
	}
	p := x.order.Program
	request, err := x.request(p)
	if x.key != "" {
		x.memory.begin(r.Runs.Clock.Now())
	}
	l := &Life{Memory: x.memory, keyed: x.key != "", Tell: w.receive, Canceller: func() engine.Person {
		r.Runs.mu.Lock()
		defer r.Runs.mu.Unlock()
		return x.canceller
	}}
	s := &schedule{clock: r.Runs.Clock, work: ctx}
	h := &Host{Context: x.cancelled, Clock: r.Runs.Clock, Registry: r.Registry, schedule: s}
	r.Runs.mu.Unlock()
	var result engine.Result
	if err == nil {
		result, err = engine.Run(l.Host(h, x.started), request, p)
	}
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	defer r.Runs.change(x)
	x.nameCanceller(&result)
	if err := x.leave(result, err, l, s.over, r.Runs.Clock.Now()); err != nil {
		return engine.View{}, err
	}
	if !x.ended.IsZero() {
		r.Runs.passTurn(x, r.Runs.Clock.Now())
	}
	v, err := x.view()
	if x.ended.IsZero() {
		v.Steps = result.Steps
		v.Failure = result.Failure
	}
	return v, err
}

// emitAgain passes on the events of a run that has ended. The caller holds the mutex, and emitAgain
// releases it.
func (r *Runner) emitAgain(x *run, w *watcher) (engine.View, error) {
	v, err := x.view()
	seen := *x
	memory := x.memory.clone()
	r.Runs.mu.Unlock()
	if err != nil {
		return v, err
	}
	told, err := r.replay(seen, memory, seen.order.Program)
	for _, e := range told.events {
		w.receive(e)
	}
	return v, err
}
