package temporal

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	common "go.temporal.io/api/common/v1"
	enums "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"errand/engine"
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
		return errIdle
	}
	_, err = r.Client.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: r.Namespace, WorkflowExecution: &common.WorkflowExecution{WorkflowId: flow, RunId: execution},
		Reason: "the test", WorkflowTaskFinishEventId: ends[choose(len(ends))], RequestId: rand.Text(),
	})
	return err
}

var errIdle = errors.New("the workflow has done nothing")

// toFirst chooses the first workflow task.
func toFirst(int) int { return 0 }

// reset resets an execution of a run to its first workflow task. An empty execution is the present one.
func (b *bench) reset(run, execution string) {
	b.Helper()
	for {
		err := reset(b.Context(), b.runner, run, execution, toFirst)
		if err == nil {
			return
		}
		if !errors.Is(err, errIdle) {
			b.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// executions returns the executions of the workflow of a run, the first one first.
func (b *bench) executions(run string) (all []string) {
	b.Helper()
	f, err := b.runner.describe(b.Context(), run)
	if err != nil {
		b.Fatal(err)
	}
	for !slices.Contains(all, f.execution()) { // lists have it after moments
		all = nil
		found, err := b.runner.Client.ListWorkflow(b.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: b.runner.Namespace, Query: "WorkflowId = " + literal(f.id),
		})
		if err != nil {
			b.Fatal(err)
		}
		list := found.GetExecutions()
		slices.SortFunc(list, func(x, y *workflowpb.WorkflowExecutionInfo) int {
			return x.GetStartTime().AsTime().Compare(y.GetStartTime().AsTime())
		})
		for _, one := range list {
			all = append(all, one.GetExecution().GetRunId())
		}
	}
	return all
}

// listed checks that a list has certain runs. Lists show a change after moments.
func (b *bench) listed(q engine.Query, runs ...string) {
	b.Helper()
	var got []string
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		views, err := b.runner.List(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		got = nil
		for _, v := range views {
			got = append(got, v.Run)
		}
		if slices.Equal(got, runs) {
			return
		}
		if time.Now().After(until) {
			b.Errorf("the list %+v has %q; want %q", q, got, runs)
			return
		}
	}
}
