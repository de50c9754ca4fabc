package temporal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"errand/engine"
)

var _ engine.Counter = (*Runner)(nil)

// statuses are all states of a run; waitable is all that a run can wait for here.
var (
	statuses = []engine.Status{engine.Waiting, engine.Running, engine.Uncertain, engine.Succeeded, engine.Failed, engine.Cancelled}
	waitable = []engine.WaitFor{engine.WaitTime, engine.WaitRetry, engine.WaitPoll, engine.WaitEvidence, engine.WaitPerson, engine.WaitTurn, engine.WaitProcess, engine.WaitTrouble}
)

// Count implements engine.Counter. The server counts by one attribute only, so that there are three
// requests for each workflow and status that has runs. A run that waits for a process waits for a
// worker.
func (r *Runner) Count(ctx context.Context) (engine.Counts, error) {
	c := engine.Counts{Waiting: map[engine.WaitFor]int{}}
	for _, status := range statuses {
		if err := r.countStatus(ctx, status, &c); err != nil {
			return c, outward("", err)
		}
	}
	end := time.Now().Add(time.Hour)
	for _, what := range waitable {
		n, err := r.count(ctx, selection(engine.Query{WaitsFor: what, Open: true}, time.Time{}, end))
		if err != nil {
			return c, outward("", err)
		}
		if n > 0 {
			c.Waiting[what] = int(n)
		}
	}
	if c.Due = c.Waiting[engine.WaitProcess]; c.Due == 0 {
		return c, nil
	}
	queue, err := r.list(ctx, engine.Query{WaitsFor: engine.WaitProcess, Open: true, Brief: true})
	if len(queue) > 0 {
		c.DueSince = queue[len(queue)-1].Started
	}
	return c, outward("", err)
}

// countStatus counts the runs with a status, by workflow.
func (r *Runner) countStatus(ctx context.Context, status engine.Status, c *engine.Counts) error {
	end := time.Now().Add(time.Hour)
	var known []string
	for {
		query := selection(engine.Query{Status: status}, time.Time{}, end)
		if len(known) > 0 {
			query += fmt.Sprintf(" AND %s NOT IN (%s)", attributeWorkflow.GetName(), strings.Join(known, ", "))
		}
		one, err := r.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: r.Namespace, PageSize: 1, Query: query})
		if err != nil || len(one.GetExecutions()) == 0 {
			return err
		}
		h, err := r.header(one.GetExecutions()[0].GetMemo())
		if err != nil {
			return err
		}
		n, err := r.count(ctx, selection(engine.Query{Status: status, Workflow: h.Workflow}, time.Time{}, end))
		if err != nil {
			return err
		}
		continued, err := r.count(ctx, selection(engine.Query{Workflow: h.Workflow}, time.Time{}, end)+" AND "+attributeReplaces.GetName()+" = "+literal(string(status)))
		if err != nil {
			return err
		}
		if n > continued {
			c.Add(engine.RunGroup{Workflow: h.Workflow, Status: status}, int(n-continued))
		}
		known = append(known, literal(h.Workflow))
	}
}
