package temporal

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

// workflowName is the type of Temporal's workflows that carry out runs.
const workflowName = "errand.run"

// workflows are the workflow functions of a worker.
type workflows struct {
	registry *task.Registry
	programs *local.Programs
	limits   limits
	watch    engine.Watch                    // may be nil
	prepare  func(workflow.Context, *ledger) // of tests; may be nil
}

// run carries out a run from where a record stops, and returns the record at the run's end. What a
// definition does is decided by the interpreter alone; this function only brings together what comes
// from Temporal.
//
// A fault of the interpreter, or a record that does not fit the worker, makes the workflow task fail,
// which Temporal tries again: the run waits for a worker that fits, and nothing is lost.
func (w *workflows) run(ctx workflow.Context, r Record) (Record, error) {
	d := r.Run.Definition
	p, err := w.programs.Compile(w.registry, d.File, d.Source, d.Digest)
	if err != nil {
		panic(fmt.Errorf("run %s cannot go on: %w", r.Run.ID, err))
	}
	decoded, err := p.Inputs.Decode(r.Run.Inputs)
	if err != nil {
		panic(fmt.Errorf("the inputs of run %s do not fit its definition: %w", r.Run.ID, err))
	}
	h := newLedger(ctx, w.registry, r, p)
	if err := h.listen(ctx); err != nil {
		return Record{}, err
	}
	l := h.ledger
	l.limits = w.limits
	if w.prepare != nil {
		w.prepare(h.ctx, l)
	}
	answer := func(asked pageRequest) (page, error) { return l.page(r, asked), nil }
	if err := workflow.SetQueryHandler(ctx, queryRecord, answer); err != nil {
		return Record{}, err
	}
	workflow.GoNamed(ctx, "cancel", func(ctx workflow.Context) {
		ctx.Done().Receive(ctx, nil) // an operator cancels the workflow
		l.cancel = true
	})
	if w.watch != nil {
		l.watch = w.watchLive(ctx)
	}
	workflow.GoNamed(h.ctx, "publish", func(ctx workflow.Context) { l.publish(ctx) })
	var result engine.Result
	done := false
	workflow.GoNamed(h.ctx, "run", func(ctx workflow.Context) {
		h.ctx = ctx
		h.awaitTurn(workflow.Now(ctx))
		result = h.interpret(p, decoded.(map[string]any))
		done = true
	})
	main, _ := workflow.NewDisconnectedContext(ctx)
	for !done {
		await(main, func() bool { return done || l.rests() && l.mustContinue(ctx) && workflow.AllHandlersFinished(ctx) })
		if done {
			break
		}
		next := l.record(r)
		if next.State = l.published; next.fits() {
			return Record{}, workflow.NewContinueAsNewError(ctx, workflowName, next)
		}
		l.tooLong = true
	}
	if err := l.end(result); err != nil {
		return Record{}, err
	}
	upsert(main, *l.ended)
	h.leaveTurn(main)
	last := l.record(r)
	if !last.fits() {
		last = last.cut(result)
	}
	return last, nil
}

// watchLive returns a watch that receives no event again when a worker replays the workflow's history.
func (w *workflows) watchLive(ctx workflow.Context) engine.Watch {
	return func(e engine.Event) {
		if !workflow.IsReplaying(ctx) {
			w.watch(e)
		}
	}
}

// mustContinue reports whether the history of the workflow has become so long that the run has to
// continue as new. A run that has done nothing since it last continued would do that for ever.
func (l *ledger) mustContinue(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && !l.tooLong && l.last() > l.began
}

// interpret carries out the program.
func (h *host) interpret(p *program.Program, inputs map[string]any) engine.Result {
	var asked engine.Host = h
	if h.wrap != nil {
		asked = h.wrap(h)
	}
	request := engine.Request{Run: h.run.ID, Request: h.run.Request, URL: h.run.URL, Inputs: inputs, Started: h.run.Started}
	result, _ := engine.Run(asked, request, p) // an error means that all branches gave up, which only tests make them do
	if result.Status == engine.Cancelled {
		result.CancelledBy = h.canceller()
	}
	return result
}

// end keeps how the run has ended.
func (l *ledger) end(result engine.Result) error {
	encoded, err := json.Marshal(result)
	l.ended = &State{Status: result.Status, Ended: result.Ended, Result: encoded}
	return err
}
