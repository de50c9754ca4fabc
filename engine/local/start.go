package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
	"errand/engine/schema"
)

// An Order asks for a run.
type Order struct {
	Run       string // the run's id, should there be a new one
	Request   string // the service request's id; may be empty, and then each order is another run
	Requester string // who asks; may be empty
	Inputs    map[string]any
	Program   *program.Program
	Again     bool // a new run, although the request has one
}

// A ConflictError says that the request has a run with other inputs.
type ConflictError struct {
	Run    string
	Inputs json.RawMessage // of that run
}

func (e *ConflictError) Error() string {
	return "the request has the run " + e.Run + " with other inputs: " + string(e.Inputs)
}

// Existing finds the run that an order has already: "" where it has none. Its error is a *ConflictError, or the journal's.
func (r *Runner) Existing(ctx context.Context, o Order) (string, error) {
	if o.Request == "" || o.Again {
		return "", nil
	}
	found, err := r.Journal.List(ctx, journal.Query{Workflow: o.Program.Name, Request: o.Request, Limit: 1})
	if err != nil || len(found) == 0 {
		return "", err
	}
	run := found[0]
	if !bytes.Equal(run.Inputs, schema.Encode(o.Inputs)) {
		return "", &ConflictError{Run: run.ID, Inputs: run.Inputs}
	}
	return run.ID, nil
}

// Accept puts an order on record and does no more. It returns the run's id, and whether it existed before.
func (r *Runner) Accept(ctx context.Context, o Order) (run string, existed bool, err error) {
	if run, err = r.Existing(ctx, o); run != "" || err != nil {
		return run, run != "", err
	}
	created := o.run()
	state := journal.State{Status: string(engine.Waiting), Wake: created.Started}
	err = r.store(journal.Change{Run: o.Run, Create: &created, Again: o.Again, State: state})
	if _, exists := errors.AsType[*journal.ExistsError](err); exists { // somebody was faster
		run, err = r.Existing(ctx, o)
		return run, true, err
	}
	return o.Run, false, err
}

// Start carries out an order as Resume does: a new run, or the one that it has already. A new run is on record from its first
// effect on.
func (r *Runner) Start(ctx context.Context, o Order) (engine.Result, error) {
	run, err := r.Existing(ctx, o)
	if err != nil {
		return engine.Result{}, err
	}
	if run != "" {
		return r.Resume(ctx, run)
	}
	w := r.watcher()
	s, err := r.begin(ctx, o, w)
	if exists, ok := errors.AsType[*journal.ExistsError](err); ok { // somebody was faster
		if _, err := r.Existing(ctx, o); err != nil {
			return engine.Result{}, err
		}
		return r.Resume(ctx, exists.Run)
	}
	if err != nil || s.rests() {
		return s.result, err
	}
	return r.follow(ctx, s, w)
}

// begin works on a new run.
func (r *Runner) begin(ctx context.Context, o Order, w *watcher) (standing, error) {
	me, err := r.join()
	if err != nil {
		return standing{}, err
	}
	if !r.take(o.Run) {
		return standing{}, errBusy
	}
	defer r.release(o.Run)
	r.keep(o.Program)
	run := o.run()
	h := newHost(r, run, nil, o.Program)
	h.create, h.again = &run, o.Again
	h.ctx, h.me, h.watch = ctx, me, w
	return r.carry(h, o.Program, o.Inputs)
}

func (o Order) run() journal.Run {
	return journal.Run{
		ID: o.Run, Version: journal.Version, Workflow: o.Program.Name, Request: o.Request, Requester: o.Requester, Inputs: schema.Encode(o.Inputs),
		Started: time.Now().Round(0).UTC(), Source: o.Program.Source, File: o.Program.File, Digest: o.Program.Digest,
	}
}
