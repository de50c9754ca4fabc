package temporal

import (
	"context"
	"fmt"
	"strconv"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"errand/engine"
)

// Read implements engine.Reader. If no worker answers, the view has what Temporal shows without one,
// and Trouble.
func (r *Runner) Read(ctx context.Context, run string) (engine.View, error) {
	f, err := r.describe(ctx, run)
	if err != nil {
		return engine.View{}, outward(run, err)
	}
	record, err := r.recordOf(ctx, f)
	if err != nil {
		return r.unread(f, outward(run, err))
	}
	v, err := r.open(record).Read(ctx)
	if v.Status == engine.Running {
		v.Process = f.process()
	}
	return v, outward(run, err)
}

// A flow is a workflow as the server describes it.
type flow struct {
	*client.WorkflowExecutionDescription
	run string
	id  string // of the workflow
}

// describe asks the server for the workflow of a run.
func (r *Runner) describe(ctx context.Context, run string) (flow, error) {
	id, err := r.find(ctx, run)
	if err != nil {
		return flow{}, err
	}
	found, err := r.Client.DescribeWorkflow(ctx, id, "")
	return flow{found, run, id}, err
}

// execution returns the id of the execution that was described.
func (f flow) execution() string { return f.WorkflowExecution.RunID }

// process returns the worker that makes a call of the run, or "" if none does.
func (f flow) process() string {
	for _, a := range f.RawResponse.GetPendingActivities() {
		if a.GetState() == enums.PENDING_ACTIVITY_STATE_STARTED && a.GetActivityType().GetName() == activityName {
			return a.GetLastWorkerIdentity()
		}
	}
	return ""
}

// recordOf returns the record of a run: that with which its workflow began if no worker has taken it up,
// the result of its workflow if that has completed, or else what a worker answers.
func (r *Runner) recordOf(ctx context.Context, f flow) (record Record, err error) {
	if f.HistoryLength < eventsTakenUp && !isClosed(f.Status) {
		record, found, err := r.firstRecord(ctx, f)
		if err != nil {
			return record, err
		}
		if found {
			record.State, err = r.state(f.Memo)
			return record, err
		}
	}
	if f.Status == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		err = r.Client.GetWorkflow(ctx, f.id, f.execution()).Get(ctx, &record)
		if err != nil || !record.Cut {
			return record, err
		}
	}
	record, err = ask(ctx, r.Client, f.id, f.execution())
	if err != nil && ctx.Err() != nil {
		return record, ctx.Err()
	}
	if err != nil {
		if stuck := r.stuck(ctx, f); stuck != nil {
			return record, stuck
		}
		return record, unanswered(f.run, "only a worker can tell how far it is", err)
	}
	if isClosed(f.Status) && f.Status != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		record.State = endedOutside(f)
	}
	nameTurn(record.State.Waits, func() string { return r.turn(ctx, record.Run.Key) })
	return record, nil
}

// eventsTakenUp is the least number of events in the history of a workflow that a worker has taken up: it
// was started, and its first task was scheduled, started and completed.
const eventsTakenUp = 4

// firstRecord returns the record with which a workflow began, unless a worker has taken it up.
func (r *Runner) firstRecord(ctx context.Context, f flow) (record Record, found bool, err error) {
	events := r.Client.GetWorkflowHistory(ctx, f.id, f.execution(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return Record{}, false, err
		}
		switch e.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
			if err := r.Converter.FromPayloads(e.GetWorkflowExecutionStartedEventAttributes().GetInput(), &record); err != nil {
				return Record{}, false, err
			}
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			return Record{}, false, nil
		}
	}
	return record, true, nil
}

// endedOutside is the state of a run whose workflow was ended by an operator or by the server.
func endedOutside(f flow) State {
	return State{Status: engine.Waiting, Waits: []engine.Wait{{
		For: engine.WaitTrouble, Since: closeTime(f), Trouble: engine.TroubleStore,
		Reason: fmt.Sprintf("its workflow in Temporal was ended from outside: %s", f.Status),
	}}}
}

func closeTime(f flow) time.Time {
	if f.WorkflowCloseTime == nil {
		return time.Time{}
	}
	return f.WorkflowCloseTime.UTC()
}

// unread returns the view of a run whose record cannot be had.
func (r *Runner) unread(f flow, why error) (engine.View, error) {
	h, err := r.header(f.Memo)
	if err != nil {
		return engine.View{}, why
	}
	s, err := r.state(f.Memo)
	if err != nil {
		return engine.View{}, why
	}
	v := view(h, s)
	v.Trouble = why
	return v, nil
}

// open prepares a record for reading.
func (r *Runner) open(record Record) *recordReader {
	return openRecord(record, r.Registry, &r.programs)
}

// reader returns the record of a run, prepared for reading.
func (r *Runner) reader(ctx context.Context, run string) (*recordReader, flow, error) {
	f, err := r.describe(ctx, run)
	if err != nil {
		return nil, f, err
	}
	record, err := r.recordOf(ctx, f)
	if err != nil {
		return nil, f, err
	}
	return r.open(record), f, nil
}

// Mark implements engine.Marker. Each change of a run adds to the history of its workflow.
func (r *Runner) Mark(ctx context.Context, run string) (string, error) {
	f, err := r.describe(ctx, run)
	if err != nil {
		return "", outward(run, err)
	}
	return f.mark(), nil
}

func (f flow) mark() string {
	return f.execution() + " " + strconv.FormatInt(int64(f.HistoryLength), 10)
}

// Events implements engine.Historian.
func (r *Runner) Events(ctx context.Context, run string, after engine.EventID) ([]engine.Event, error) {
	reader, _, err := r.reader(ctx, run)
	if err != nil {
		return nil, outward(run, err)
	}
	events, err := reader.Events(ctx, after)
	return events, outward(run, err)
}

// Record implements engine.Historian.
func (r *Runner) Record(ctx context.Context, run string) (engine.Record, error) {
	reader, _, err := r.reader(ctx, run)
	if err != nil {
		return engine.Record{}, outward(run, err)
	}
	record, err := reader.Record(ctx)
	return record, outward(run, err)
}
