package temporal

import (
	"context"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"errand/engine"
)

// remember keeps which workflow carries out a run.
func (r *Runner) remember(run, flow string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flows == nil || len(r.flows) >= maxFlows {
		r.flows = map[string]string{}
	}
	r.flows[run] = flow
}

// maxFlows is how many ids are kept.
const maxFlows = 10_000

// appearsWithin is how long a new workflow may take until lists have it. Then a run of another process
// counts as unknown.
const appearsWithin = 2 * time.Second

// find returns the id of the workflow that carries out a run.
func (r *Runner) find(ctx context.Context, run string) (string, error) {
	r.mu.Lock()
	id := r.flows[run]
	r.mu.Unlock()
	if id != "" {
		return id, nil
	}
	if !isRunID(run) {
		return "", &engine.Refusal{Code: engine.RefusedNotFound, Run: run}
	}
	for until := time.Now().Add(appearsWithin); ; {
		found, err := r.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: r.Namespace, PageSize: 1, Query: attributeRun.GetName() + " = " + literal(run)})
		switch {
		case err != nil:
			return "", err
		case len(found.GetExecutions()) > 0:
			id := found.GetExecutions()[0].GetExecution().GetWorkflowId()
			r.remember(run, id)
			return id, nil
		case time.Now().After(until):
			return "", &engine.Refusal{Code: engine.RefusedNotFound, Run: run}
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// isRunID reports whether a text may be the id of a run: letters and digits, as every face makes them.
// Faces also ask for a run by its request, which should not take long to be answered.
func isRunID(text string) bool {
	const length = 16
	return len(text) == length && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// literal returns a text as a query of Temporal has it.
func literal(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
