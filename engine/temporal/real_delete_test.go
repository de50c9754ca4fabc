package temporal

import (
	"fmt"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/temporal/temporaltest"
)

// An operator deletes a workflow that continued one which the index still has. Lists show the other runs.
func TestListAfterADeletion(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	at := install(t, temporaltest.Options{ShortestTimer: 20 * time.Millisecond})
	registry := hosttest.Registry(func() {})
	r := at.runner(t, "deletion", registry)
	work(t, r)
	p := compile(t, registry, `steps: [{id: a, task: stub.once, with: {script: "refused"}}]`)
	var runs []string
	for i := range 2 {
		o := engine.Order{Run: fmt.Sprintf("run%013d", i), Request: fmt.Sprint("100-", i), Inputs: map[string]any{}, Program: p}
		v, err := r.Start(t.Context(), o, engine.Following{})
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, v.Run)
	}
	if err := r.Retry(t.Context(), runs[1], engine.Retry{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Follow(t.Context(), runs[1], engine.Following{}); err != nil {
		t.Fatal(err)
	}
	f, err := r.describe(t.Context(), runs[1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Client.WorkflowService().DeleteWorkflowExecution(t.Context(), &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: r.Namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: f.id, RunId: f.execution()},
	}); err != nil {
		t.Fatal(err)
	}
	for ; err == nil; _, err = r.describe(t.Context(), runs[1]) {
		time.Sleep(50 * time.Millisecond)
	}
	if !isDeleted(err) {
		t.Fatal(err)
	}
	for _, brief := range []bool{true, false} {
		all, err := r.List(t.Context(), engine.Query{Brief: brief})
		if err != nil || len(all) != 1 || all[0].Run != runs[0] {
			t.Errorf("the list is %+v, %v, want the run %s", all, err, runs[0])
		}
	}
}
