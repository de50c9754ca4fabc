package temporal

import (
	"bytes"
	"context"
	"errors"
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

// anotherFlowID returns the id of a further workflow for the request of an order.
func anotherFlowID(o engine.Order) string { return flowID(o) + "/again/" + o.Run }

// Accept implements engine.Starter. The rule that a request has one run holds as long as the server
// keeps the workflow: while the run is open, and for the retention of the namespace after its end.
func (r *Runner) Accept(ctx context.Context, o engine.Order) (engine.Receipt, error) {
	receipt, err := r.accept(ctx, o)
	return receipt, outward(o.Run, err)
}

func (r *Runner) accept(ctx context.Context, o engine.Order) (engine.Receipt, error) {
	key, err := o.Program.ConcurrencyKey(o.Request, o.Inputs)
	if err != nil {
		return engine.Receipt{}, &engine.Refusal{Code: engine.RefusedKey, Run: o.Run, Reason: err.Error(), Err: err}
	}
	record := newRecord(o, key)
	id := flowID(o)
	if o.Again {
		id = anotherFlowID(o)
	}
	err = r.begin(ctx, id, record, "")
	if _, exists := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); exists {
		return r.existing(ctx, id, record)
	}
	if err != nil {
		return engine.Receipt{}, err
	}
	if key != "" {
		_ = r.enter(ctx, key, place{Run: o.Run, Flow: id}) // the order of arrival; the run itself makes sure that it is in the queue
	}
	r.announce(o.Run)
	return engine.Receipt{Run: o.Run, Started: record.Run.Started, Key: key}, nil
}

// newRecord returns the record with which the run of an order begins.
func newRecord(o engine.Order, key string) Record {
	return Record{
		Version: recordVersion,
		Run: Header{
			ID: o.Run, Workflow: o.Program.Name, Request: o.Request, StartedBy: o.StartedBy, Requesters: o.Requesters, Owners: o.Owners,
			Key: key, URL: o.URL, Inputs: schema.Encode(o.Inputs), Started: time.Now().Round(0).UTC(),
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

// existing returns the receipt of an order whose workflow exists.
func (r *Runner) existing(ctx context.Context, id string, asked Record) (engine.Receipt, error) {
	found, err := r.Client.DescribeWorkflow(ctx, id, "")
	if err != nil {
		return engine.Receipt{}, err
	}
	h, err := r.header(found.Memo)
	if err != nil {
		return engine.Receipt{}, err
	}
	r.remember(h.ID, id)
	if !bytes.Equal(h.Inputs, asked.Run.Inputs) {
		return engine.Receipt{}, &engine.Refusal{Code: engine.RefusedConflict, Run: h.ID, Inputs: h.Inputs}
	}
	return engine.Receipt{Run: h.ID, Existed: true}, nil
}

// Start implements engine.Starter.
func (r *Runner) Start(ctx context.Context, o engine.Order, f engine.Following) (engine.View, error) {
	receipt, err := r.Accept(ctx, o)
	if err != nil {
		return engine.View{}, err
	}
	return r.Follow(ctx, receipt.Run, f)
}
