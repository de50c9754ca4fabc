package temporal

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
)

// workflowName is the type of Temporal's workflows that carry out runs.
const workflowName = "errand.run"

// workflows are the workflow functions of a worker.
type workflows struct {
	registry *task.Registry
	programs *programs
	prepare  func(workflow.Context, *ledger) // of tests; may be nil
}

// run carries out a run from where a record stops, and returns the record at the run's end. What a
// definition does is decided by the interpreter alone; this function only brings together what comes
// from Temporal.
//
// A fault of the interpreter, or a record that does not fit the worker, makes the workflow task fail,
// which Temporal tries again: the run waits for a worker that fits, and nothing is lost.
func (w *workflows) run(ctx workflow.Context, r Record) (Record, error) {
	p, err := w.programs.of(r)
	if err != nil {
		panic(err)
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
	if w.prepare != nil {
		w.prepare(h.ctx, l)
	}
	answer := func() (Record, error) { return l.record(r), nil }
	if err := workflow.SetQueryHandler(ctx, queryRecord, answer); err != nil {
		return Record{}, err
	}
	workflow.GoNamed(ctx, "cancel", func(ctx workflow.Context) {
		ctx.Done().Receive(ctx, nil) // an operator cancels the workflow
		l.cancel = true
	})
	var result engine.Result
	done := false
	workflow.GoNamed(h.ctx, "run", func(ctx workflow.Context) {
		h.ctx = ctx
		result = h.interpret(p, decoded.(map[string]any))
		done = true
	})
	for !done {
		h.await(func() bool { return done || l.rests() && l.mustContinue(ctx) && workflow.AllHandlersFinished(ctx) })
		if done {
			break
		}
		next := l.record(r)
		if next.fits() {
			return Record{}, workflow.NewContinueAsNewError(ctx, workflowName, next)
		}
		l.tooLong = true
	}
	return l.ended(r, result)
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

// ended returns the record of a run that has ended.
func (l *ledger) ended(r Record, result engine.Result) (Record, error) {
	r = l.base(r)
	encoded, err := json.Marshal(result)
	if err != nil {
		return Record{}, err
	}
	r.State = State{Status: result.Status, Ended: result.Ended, Result: encoded}
	return r, nil
}
