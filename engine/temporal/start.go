package temporal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"errand/engine"
	"errand/engine/schema"
)

// flowID returns the id of the workflow that carries out an order. An order whose request may have a
// run gets an id that the run would have, so that Temporal keeps the rule that a request has one run.
func flowID(o engine.Order) string {
	if o.Request == "" {
		return o.Program.Name + "/run/" + o.Run
	}
	return o.Program.Name + "/request/" + o.Request
}

// anotherFlowID returns the id of the workflow of the nth further run of a request, by the id of that of
// its first run.
func anotherFlowID(first string, n int) string { return fmt.Sprintf("%s/again/%d", first, n) }

// Accept implements engine.Starter. The rule that a request has one run holds as long as the server
// keeps the workflow: while the run is open, and for the retention of the namespace after its end.
func (r *Runner) Accept(ctx context.Context, o engine.Order) (engine.Receipt, error) {
	receipt, err := r.accept(ctx, o)
	return receipt, outward(o.Run, err)
}

func (r *Runner) accept(ctx context.Context, o engine.Order) (engine.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return engine.Receipt{}, err
	}
	key, err := o.Program.ConcurrencyKey(o.Request, o.Inputs)
	if err != nil {
		return engine.Receipt{}, &engine.Refusal{Code: engine.RefusedKey, Run: o.Run, Reason: err.Error(), Err: err}
	}
	record := newRecord(o, key)
	id, existing, err := r.put(ctx, o, record)
	if err != nil {
		return engine.Receipt{}, err
	}
	if existing != nil {
		if !bytes.Equal(existing.Inputs, record.Run.Inputs) {
			return engine.Receipt{}, &engine.Refusal{Code: engine.RefusedConflict, Run: existing.ID, Inputs: existing.Inputs}
		}
		return engine.Receipt{Run: existing.ID, Existed: true}, nil
	}
	if key != "" {
		_ = r.enter(ctx, key, place{Run: o.Run, Flow: id}) // the order of arrival; the run itself makes sure that it is in the queue
	}
	r.announce(o.Run)
	return engine.Receipt{Run: o.Run, Started: record.Run.Started, Key: key}, nil
}

// put starts the workflow of an order, and returns its id. If the request has a run and the order does not
// ask for another one, put starts nothing, and returns the header of the last run.
func (r *Runner) put(ctx context.Context, o engine.Order, record Record) (id string, existing *Header, err error) {
	id = flowID(o)
	for n := 1; ; n++ {
		err := r.begin(ctx, id, record, "")
		if _, exists := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); !exists {
			return id, nil, err
		}
		h, err := r.headerOf(ctx, id)
		switch {
		case err != nil:
			return "", nil, err
		case h.ID == o.Run && (o.Again || o.Request == ""):
			return "", nil, &engine.Refusal{Code: engine.RefusedMoved, Run: o.Run}
		case !o.Again:
			last, err := r.lastRun(ctx, id, h)
			return "", &last, err
		}
		id = anotherFlowID(flowID(o), n)
	}
}

// lastRun returns the header of the last run of a request. first is the header of its first run, whose
// workflow has the id.
func (r *Runner) lastRun(ctx context.Context, id string, first Header) (Header, error) {
	last := first
	for n := 1; ; n++ {
		h, err := r.headerOf(ctx, anotherFlowID(id, n))
		if isDeleted(err) {
			return last, nil
		}
		if err != nil {
			return Header{}, err
		}
		last = h
	}
}

// startedTo is how precise the start of a run is. Lists select by it, and the databases of Temporal keep a
// time to microseconds or milliseconds.
const startedTo = time.Millisecond

// newRecord returns the record with which the run of an order begins.
func newRecord(o engine.Order, key string) Record {
	return Record{
		Version: recordVersion,
		Run: Header{
			ID: o.Run, Workflow: o.Program.Name, Request: o.Request, StartedBy: o.StartedBy, Requesters: o.Requesters, Owners: o.Owners,
			Key: key, URL: o.URL, Inputs: schema.Encode(o.Inputs), Started: time.Now().UTC().Truncate(startedTo),
			Definition: Definition{File: o.Program.File, Digest: o.Program.Digest, Source: o.Program.Source},
		},
		State: State{Status: engine.Waiting},
	}
}

// begin starts a workflow from a record. If it continues a closed workflow of the run, replaces is the
// status that this one has in lists. If Temporal would not take the record, begin refuses and changes
// nothing.
func (r *Runner) begin(ctx context.Context, id string, record Record, replaces engine.Status) error {
	reuse := enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
	if replaces != "" {
		reuse = enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	}
	if err := r.mustFit(record, replaces); err != nil {
		return err
	}
	h := record.Run
	now := time.Now().Round(0).UTC()
	state := State{Status: engine.Waiting, Waits: []engine.Wait{{For: engine.WaitProcess, Since: now}}, Changed: now}
	options := client.StartWorkflowOptions{
		ID: id, TaskQueue: r.TaskQueue, WorkflowIDReusePolicy: reuse, WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		Memo:                                     map[string]any{memoRun: h.brief(), memoState: state},
		TypedSearchAttributes: temporal.NewSearchAttributes(
			attributeRun.ValueSet(h.ID), attributeWorkflow.ValueSet(h.Workflow), attributeRequest.ValueSet(h.Request), attributeReplaces.ValueSet(string(replaces)), attributeOwners.ValueSet(owners(h.Owners)),
			attributeStarted.ValueSet(h.Started), attributeStatus.ValueSet(string(state.Status)), attributeWaitsFor.ValueSet(waitsFor(state.Waits)),
		),
	}
	_, err := r.Client.ExecuteWorkflow(ctx, options, workflowName, record)
	if err == nil {
		r.remember(h.ID, id)
	}
	return err
}

// owners returns a list that is not nil.
func owners(list []string) []string { return append([]string{}, list...) }

// headerOf returns the header of the run that a workflow carries out.
func (r *Runner) headerOf(ctx context.Context, id string) (Header, error) {
	found, err := r.Client.DescribeWorkflow(ctx, id, "")
	if err != nil {
		return Header{}, err
	}
	h, err := r.header(found.Memo)
	if err == nil {
		r.remember(h.ID, id)
	}
	return h, err
}

// Start implements engine.Starter.
func (r *Runner) Start(ctx context.Context, o engine.Order, f engine.Following) (engine.View, error) {
	receipt, err := r.Accept(ctx, o)
	if err != nil {
		return engine.View{}, err
	}
	return r.Follow(ctx, receipt.Run, f)
}
