package temporal

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	enums "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"errand/engine"
)

// List implements engine.Reader. A list shows a change of a run when it was published and the server's
// index has it, within moments.
func (r *Runner) List(ctx context.Context, q engine.Query) ([]engine.View, error) {
	views, err := r.list(ctx, q)
	return views, outward("", err)
}

// The server returns open workflows before closed ones, and cannot sort. So a list is read in windows
// of the time at which runs started, the newest first.
const (
	firstWindow = 24 * time.Hour
	pageSize    = 200 // how many workflows one request returns
	mostAtOnce  = 1000
)

func (r *Runner) list(ctx context.Context, q engine.Query) ([]engine.View, error) {
	until := time.Now().Add(time.Hour) // other machines may have another time
	if q.After != "" {
		after, err := r.describe(ctx, q.After)
		if err != nil {
			return nil, err
		}
		h, err := r.header(after.Memo)
		if err != nil {
			return nil, err
		}
		until = h.Started
	}
	views := []engine.View{}
	for window := firstWindow; ; {
		from := until.Add(-window)
		last := q.Limit == 0 || from.Before(q.Since)
		if last {
			from = q.Since
		} else {
			n, err := r.count(ctx, selection(q, from, until))
			if err != nil {
				return nil, err
			}
			if n > mostAtOnce && window > time.Second {
				window /= 4
				continue
			}
			if n == 0 {
				older, err := r.count(ctx, selection(q, q.Since, from))
				if err != nil || older == 0 {
					return views, err
				}
			}
			window *= 4
		}
		found, err := r.between(ctx, q, from, until)
		if err != nil {
			return nil, err
		}
		for _, v := range found {
			if views = append(views, v); len(views) == q.Limit {
				return views, nil
			}
		}
		if last {
			return views, nil
		}
		until = from
	}
}

// count returns how many workflows a query selects.
func (r *Runner) count(ctx context.Context, query string) (int64, error) {
	n, err := r.Client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: r.Namespace, Query: query})
	return n.GetCount(), err
}

// between returns the selected runs that started in a window, the newest first.
func (r *Runner) between(ctx context.Context, q engine.Query, from, until time.Time) ([]engine.View, error) {
	var views []engine.View
	for page := []byte(nil); ; {
		found, err := r.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: r.Namespace, PageSize: pageSize, NextPageToken: page, Query: selection(q, from, until),
		})
		if err != nil {
			return nil, err
		}
		for _, info := range found.GetExecutions() {
			v, changed, err := r.listed(ctx, info, q.Brief)
			if err != nil {
				return nil, err
			}
			if !q.Selects(v) || changed.Before(q.Changed) || v.Run == q.After {
				continue
			}
			if replaced, err := r.isReplaced(ctx, info, v.Status); err != nil {
				return nil, err
			} else if replaced {
				continue
			}
			views = append(views, v)
		}
		if page = found.GetNextPageToken(); len(page) == 0 {
			break
		}
	}
	slices.SortFunc(views, func(a, b engine.View) int { return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.Run, b.Run)) })
	return views, nil
}

// isReplaced reports whether another workflow continues the run of one that has closed. Only of a run
// that did not succeed can there be one.
func (r *Runner) isReplaced(ctx context.Context, info *workflowpb.WorkflowExecutionInfo, s engine.Status) (bool, error) {
	if s == engine.Succeeded || !isClosed(info.GetStatus()) {
		return false, nil
	}
	last, err := r.Client.DescribeWorkflow(ctx, info.GetExecution().GetWorkflowId(), "")
	if err != nil {
		return false, err
	}
	return last.WorkflowExecution.RunID != info.GetExecution().GetRunId(), nil
}

// selection returns the query of Temporal for runs that started in a window: from its beginning up to
// before its end.
func selection(q engine.Query, from, until time.Time) string {
	conditions := []string{"WorkflowType = " + literal(workflowName), "ExecutionStatus != 'ContinuedAsNew'"}
	equal := func(name, value string) {
		if value != "" {
			conditions = append(conditions, name+" = "+literal(value))
		}
	}
	equal(attributeWorkflow.GetName(), q.Workflow)
	equal(attributeRequest.GetName(), q.Request)
	equal(attributeRun.GetName(), q.Run)
	equal(attributeStatus.GetName(), string(q.Status))
	equal(attributeWaitsFor.GetName(), string(q.WaitsFor))
	if q.Owners != nil {
		owners := []string{"''"}
		for _, owner := range q.Owners {
			owners = append(owners, literal(owner))
		}
		conditions = append(conditions, attributeOwners.GetName()+" IN ("+strings.Join(owners, ", ")+")")
	}
	if q.Open {
		conditions = append(conditions, "ExecutionStatus = 'Running'")
	}
	if !q.Changed.IsZero() {
		conditions = append(conditions, "(ExecutionStatus = 'Running' OR CloseTime >= "+instant(q.Changed)+")")
	}
	if !from.IsZero() {
		conditions = append(conditions, attributeStarted.GetName()+" >= "+instant(from))
	}
	return strings.Join(append(conditions, attributeStarted.GetName()+" < "+instant(until)), " AND ")
}

// instant returns a time as a query of Temporal has it.
func instant(t time.Time) string { return literal(t.UTC().Format(time.RFC3339Nano)) }

// listed returns the view of a run in a list, and when the run changed. The result of a run that has
// ended is read unless the view is brief.
func (r *Runner) listed(ctx context.Context, info *workflowpb.WorkflowExecutionInfo, brief bool) (v engine.View, changed time.Time, err error) {
	id := info.GetExecution().GetWorkflowId()
	h, err := r.header(info.GetMemo())
	if err != nil {
		return v, changed, fmt.Errorf("workflow %s: %w", id, err)
	}
	s, err := r.state(info.GetMemo())
	if err != nil {
		return v, changed, fmt.Errorf("workflow %s: %w", id, err)
	}
	r.remember(h.ID, id)
	if !brief && info.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		var record Record
		if err := r.Client.GetWorkflow(ctx, id, info.GetExecution().GetRunId()).Get(ctx, &record); err != nil {
			return v, changed, err
		}
		s.Result = record.State.Result
	}
	v = view(h, s)
	if brief {
		v = v.Brief()
	}
	return v, s.Changed, nil
}

// view returns how a run stands by what its memo has.
func view(h Header, s State) engine.View {
	v := engine.View{
		Result: engine.Result{
			Version: 1, Run: h.ID, Workflow: h.Workflow, Request: h.Request, Outputs: engine.Values{},
			Started: h.Started, Steps: []engine.StepResult{},
		},
		StartedBy: h.StartedBy, URL: h.URL, Requesters: h.Requesters, Key: h.Key, Inputs: h.Inputs, Waits: s.Waits, Due: due(s.Waits),
	}
	if s.Result != nil {
		_ = json.Unmarshal(s.Result, &v.Result) // the state stands, whatever the result says
	}
	v.Status, v.Ended = s.Status, s.Ended
	return v
}
