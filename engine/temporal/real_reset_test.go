package temporal

import (
	"context"
	"crypto/rand"
	"fmt"

	common "go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// tasksOf returns the ids of the events at which an execution of a workflow can be reset: the ends of
// its workflow tasks. An empty execution means the present one, whose id it returns too.
func tasksOf(ctx context.Context, r *Runner, flow, execution string) (ends []int64, present string, err error) {
	if execution == "" {
		found, err := r.Client.DescribeWorkflow(ctx, flow, "")
		if err != nil {
			return nil, "", err
		}
		execution = found.WorkflowExecution.RunID
	}
	history := r.Client.GetWorkflowHistory(ctx, flow, execution, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		e, err := history.Next()
		if err != nil {
			return nil, "", err
		}
		if e.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			ends = append(ends, e.GetEventId())
		}
	}
	return ends, execution, nil
}

// reset resets an execution of the workflow of a run to the end of one of its workflow tasks, as an
// operator does. choose gets how many there are, and returns the number of one.
func reset(ctx context.Context, r *Runner, run, execution string, choose func(tasks int) int) error {
	flow, err := r.find(ctx, run)
	if err != nil {
		return err
	}
	ends, execution, err := tasksOf(ctx, r, flow, execution)
	if err != nil {
		return err
	}
	if len(ends) == 0 {
		return fmt.Errorf("the workflow %s has done nothing", flow)
	}
	_, err = r.Client.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: r.Namespace, WorkflowExecution: &common.WorkflowExecution{WorkflowId: flow, RunId: execution},
		Reason: "the test", WorkflowTaskFinishEventId: ends[choose(len(ends))], RequestId: rand.Text(),
	})
	return err
}

// toFirst chooses the first workflow task.
func toFirst(int) int { return 0 }
