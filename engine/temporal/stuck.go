package temporal

import (
	"context"
	"errors"
	"fmt"

	common "go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	"errand/engine"
)

// stuck returns what a worker said that does not fit a run, or nil if the last task of the run's workflow
// has not failed. Such a worker lacks a task type, the key or the definition's language. It fails at each
// task of the workflow, and Temporal offers the task again, so no worker answers.
func (r *Runner) stuck(ctx context.Context, f flow) error {
	ctx, stop := context.WithTimeout(ctx, answerTimeout)
	defer stop()
	last, err := r.Client.WorkflowService().GetWorkflowExecutionHistoryReverse(ctx, &workflowservice.GetWorkflowExecutionHistoryReverseRequest{
		Namespace: r.Namespace, Execution: &common.WorkflowExecution{WorkflowId: f.id, RunId: f.execution()}, MaximumPageSize: 20,
	})
	if err != nil {
		return nil // what kept the worker from answering is said instead
	}
	for _, e := range last.GetHistory().GetEvents() {
		switch e.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			return nil
		case enums.EVENT_TYPE_WORKFLOW_TASK_FAILED:
			said := "it cannot read the run with its key"
			failure := e.GetWorkflowTaskFailedEventAttributes().GetFailure()
			converter := temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: r.Converter, EncodeCommonAttributes: true})
			if err := converter.FailureToError(failure); err != nil && failure.GetMessage() != encodedFailure {
				said = err.Error()
			}
			return &engine.Trouble{
				Code: engine.TroubleUnreachable, Run: f.run,
				Hint: "a worker that fits carries the run on: errand-worker worker starts one",
				Err:  fmt.Errorf("no worker carries run %s on; %s failed: %w", f.run, e.GetWorkflowTaskFailedEventAttributes().GetIdentity(), errors.New(said)),
			}
		}
	}
	return nil
}

// encodedFailure is the message of a failure that could not be decrypted.
const encodedFailure = "Encoded failure"
