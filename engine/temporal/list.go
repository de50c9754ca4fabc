package temporal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
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

// The server returns open workflows before closed ones, and cannot sort. A short list is read at once
// and sorted here. If there are too many runs for that, the list is read in windows of the time at
// which runs started, the newest first. A namespace takes few requests for lists: by default 10 a
// second.
const (
	firstWindow = 24 * time.Hour
	leastWindow = time.Second
	mostAtOnce  = 1000 // workflows in one answer
)

// dawn is before every run.
var dawn = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (r *Runner) list(ctx context.Context, q engine.Query) ([]engine.View, error) {
	l := lister{Runner: r, query: q, turns: map[string]string{}}
	until := time.Now().Add(time.Hour) // other machines may have another time
	if q.After != "" {
		after, err := r.describe(ctx, q.After)
		if refused, ok := errors.AsType[*engine.Refusal](err); ok && refused.Code == engine.RefusedNotFound {
			return []engine.View{}, nil
		}
		if err != nil {
			return nil, err
		}
		if l.after, err = r.header(after.Memo); err != nil {
			return nil, err
		}
		until = l.after.Started.Add(1) // others may have started at that time
	}
	since := q.Since
	if since.Before(dawn) {
		since = dawn
	}
	found, more, err := r.between(ctx, q, since, until, q.Limit == 0)
	if err != nil {
		return nil, err
	}
	if !more {
		err := l.add(ctx, found)
		return l.views, err
	}
	for window := firstWindow; ; {
		from := until.Add(-window)
		if from.Before(since) {
			from = since
		}
		found, more, err = r.between(ctx, q, from, until, window <= leastWindow)
		switch {
		case err != nil:
			return nil, err
		case more:
			window /= 4
			continue
		}
		if err := l.add(ctx, found); err != nil || len(l.views) == q.Limit || !from.After(since) {
			return l.views, err
		}
		if until = from; len(found) < mostAtOnce/4 {
			window *= 4
		}
	}
}

// A listing is what a list has of a workflow.
type listing struct {
	*workflowpb.WorkflowExecutionInfo
	view    engine.View // without the result
	changed time.Time
}

// between returns the workflows of the selected runs that started in a window, the newest first, and
// whether there are more. With all, there are none.
func (r *Runner) between(ctx context.Context, q engine.Query, from, until time.Time, all bool) (found []listing, more bool, err error) {
	for page := []byte(nil); ; {
		answer, err := r.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: r.Namespace, PageSize: mostAtOnce, NextPageToken: page, Query: selection(q, from, until),
		})
		if err != nil {
			return nil, false, err
		}
		for _, info := range answer.GetExecutions() {
			one, err := r.listed(info)
			if err != nil {
				return nil, false, err
			}
			found = append(found, one)
		}
		if page = answer.GetNextPageToken(); len(page) == 0 || !all {
			more = len(page) > 0
			break
		}
	}
	slices.SortFunc(found, func(a, b listing) int {
		return cmp.Or(b.view.Started.Compare(a.view.Started), cmp.Compare(b.view.Run, a.view.Run))
	})
	return found, more, nil
}

// A lister collects the views of a list.
type lister struct {
	*Runner
	query engine.Query
	after Header // of the run that the list follows; zero if there is none
	views []engine.View
	turns map[string]string // by key: the run that has the turn
}

// add adds the views of workflows, up to the limit.
func (l *lister) add(ctx context.Context, found []listing) error {
	if l.views == nil {
		l.views = []engine.View{}
	}
	last, err := l.lastOf(ctx, found)
	if err != nil {
		return err
	}
	for _, one := range found {
		if one.GetStartTime().AsTime().Before(last[one.GetExecution().GetWorkflowId()]) {
			continue // an operator has reset the workflow
		}
		if err := l.addOne(ctx, one); err != nil || len(l.views) == l.query.Limit && l.query.Limit > 0 {
			return err
		}
	}
	return nil
}

// addOne adds the view of a workflow, if the list has it.
func (l *lister) addOne(ctx context.Context, one listing) error {
	v := one.view
	if !l.follows(v) || !l.query.Selects(v) || v.Started.Before(l.query.Since) || // the server compares less precisely
		one.changed.Before(l.query.Changed) {
		return nil
	}
	if replaced, err := l.isReplaced(ctx, one); err != nil || replaced {
		return err
	}
	nameTurn(v.Waits, func() string { return l.turnOnce(ctx, v.Key) })
	if l.query.Brief {
		v = v.Brief()
	} else if err := l.addResult(ctx, one, &v); err != nil {
		if isDeleted(err) {
			return nil
		}
		return err
	}
	l.views = append(l.views, v)
	return nil
}

// turnOnce returns the run that has the turn of a key. It asks once for each key.
func (l *lister) turnOnce(ctx context.Context, key string) string {
	turn, known := l.turns[key]
	if !known {
		turn = l.turn(ctx, key)
		l.turns[key] = turn
	}
	return turn
}

// lastOf returns when the last execution of each workflow started that has several in a list: the runs of
// those that an operator has reset are not over, or ended another time. They have the same window, but
// another status.
func (l *lister) lastOf(ctx context.Context, found []listing) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	take := func(info *workflowpb.WorkflowExecutionInfo) {
		if id, at := info.GetExecution().GetWorkflowId(), info.GetStartTime().AsTime(); at.After(last[id]) {
			last[id] = at
		}
	}
	for _, one := range found {
		take(one.WorkflowExecutionInfo)
	}
	if l.query.Status != engine.Succeeded { // isReplaced asks for others
		return last, nil
	}
	for some := range slices.Chunk(found, mostAtOnce/2) {
		ids := make([]string, len(some))
		for i, one := range some {
			ids[i] = literal(one.GetExecution().GetWorkflowId())
		}
		query := "ExecutionStatus != 'ContinuedAsNew' AND WorkflowId IN (" + strings.Join(ids, ", ") + ")"
		for page := []byte(nil); ; {
			answer, err := l.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
				Namespace: l.Namespace, PageSize: mostAtOnce, NextPageToken: page, Query: query,
			})
			if err != nil {
				return nil, err
			}
			for _, info := range answer.GetExecutions() {
				take(info)
			}
			if page = answer.GetNextPageToken(); len(page) == 0 {
				break
			}
		}
	}
	return last, nil
}

// follows reports whether a run comes after the one that the list follows.
func (l *lister) follows(v engine.View) bool {
	return l.after.ID == "" || cmp.Or(v.Started.Compare(l.after.Started), cmp.Compare(v.Run, l.after.ID)) < 0
}

// isReplaced reports whether another workflow continues the run of one that has closed. Only of a run
// that did not succeed can there be one.
func (r *Runner) isReplaced(ctx context.Context, one listing) (bool, error) {
	if one.view.Status == engine.Succeeded || !isClosed(one.GetStatus()) {
		return false, nil
	}
	last, err := r.Client.DescribeWorkflow(ctx, one.GetExecution().GetWorkflowId(), "")
	if isDeleted(err) {
		return true, nil // and nobody knows the run any more
	}
	if err != nil {
		return false, err
	}
	return last.WorkflowExecution.RunID != one.GetExecution().GetRunId(), nil
}

// isDeleted reports whether a workflow that the index has is not there. The server deletes one after the
// retention, and an operator may at any time.
func isDeleted(err error) bool {
	_, gone := errors.AsType[*serviceerror.NotFound](err)
	return gone
}

// addResult adds the result of a run that has ended to its view.
func (r *Runner) addResult(ctx context.Context, one listing, v *engine.View) error {
	if one.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		return nil
	}
	var record Record
	if err := r.Client.GetWorkflow(ctx, one.GetExecution().GetWorkflowId(), one.GetExecution().GetRunId()).Get(ctx, &record); err != nil {
		return err
	}
	return json.Unmarshal(record.State.Result, &v.Result)
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
	open := q.Open
	if q.Status == engine.Running || q.Status == engine.Waiting { // a wait that has ended stays published for a while
		open = true
	} else {
		equal(attributeStatus.GetName(), string(q.Status))
	}
	equal(attributeWaitsFor.GetName(), string(q.WaitsFor))
	if q.Owners != nil {
		owners := []string{"''"}
		for _, owner := range q.Owners {
			owners = append(owners, literal(owner))
		}
		conditions = append(conditions, attributeOwners.GetName()+" IN ("+strings.Join(owners, ", ")+")")
	}
	if open {
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

// listed returns the listing of a workflow.
func (r *Runner) listed(info *workflowpb.WorkflowExecutionInfo) (listing, error) {
	id := info.GetExecution().GetWorkflowId()
	h, err := r.header(info.GetMemo())
	if err != nil {
		return listing{}, fmt.Errorf("workflow %s: %w", id, err)
	}
	s, err := r.state(info.GetMemo())
	if err != nil {
		return listing{}, fmt.Errorf("workflow %s: %w", id, err)
	}
	r.remember(h.ID, id)
	return listing{info, view(h, s), s.Changed}, nil
}

// view returns how a run stands by what its memo has. A run whose wait is over is at work.
func view(h Header, s State) engine.View {
	if onlyTime(s.Waits) && !due(s.Waits).After(time.Now()) {
		s.Status, s.Waits = engine.Running, nil
	}
	v := engine.View{
		Result: engine.Result{
			Version: 1, Run: h.ID, Workflow: h.Workflow, Request: h.Request, Outputs: engine.Values{},
			Started: h.Started, Steps: []engine.StepResult{},
		},
		StartedBy: h.StartedBy, URL: h.URL, Requesters: h.Requesters, Key: h.Key, Inputs: h.Inputs, Waits: s.Waits, Due: due(s.Waits),
	}
	v.Status, v.Ended = s.Status, s.Ended
	return v
}
