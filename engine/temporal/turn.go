package temporal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/journal"
)

// Of the open runs with one concurrency key, one works at a time. A workflow for each key, the lock,
// has the queue of these runs in order of arrival. It sends a signal to the first of them, and goes on
// to the next when that one has left or its workflow has closed.

const (
	lockName    = "errand.turn" // the type of the workflows that are locks
	signalEnter = "enter"       // takes a place: a run enters the queue
	signalLeave = "leave"       // takes a place: a run leaves the queue
	signalTurn  = "turn"        // to a run: its turn has come
	memoTurn    = "turn"        // of a lock: the id of the run that has the turn

	enterName = "errand.enter" // the type of the activities by which a run enters the queue
	openName  = "errand.open"  // the type of the activities that look whether a workflow is open
)

// A place is that of a run in a queue.
type place struct {
	Run  string `json:"run"`
	Flow string `json:"flow"` // the id of its workflow
}

// lockID returns the id of the lock of a key. It does not show the key, which may contain inputs.
func lockID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return lockName + "/" + hex.EncodeToString(sum[:16])
}

// lock is the workflow of a key. It ends when the queue is empty.
func lock(ctx workflow.Context, queue []place) error {
	holder := place{} // the run that was sent the signal
	enter, leave := workflow.GetSignalChannel(ctx, signalEnter), workflow.GetSignalChannel(ctx, signalLeave)
	drop := func(p place) {
		queue = slices.DeleteFunc(queue, func(q place) bool { return q == p })
		if p == holder {
			holder = place{} // it may come again
		}
	}
	receive := func() (some bool) {
		for p := (place{}); enter.ReceiveAsync(&p); p, some = (place{}), true {
			if !slices.Contains(queue, p) {
				queue = append(queue, p)
			}
		}
		for p := (place{}); leave.ReceiveAsync(&p); p, some = (place{}), true {
			drop(p)
		}
		return some
	}
	for {
		for receive() {
		}
		switch {
		case len(queue) == 0:
			return nil
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return workflow.NewContinueAsNewError(ctx, lockName, queue)
		case queue[0] != holder:
			holder = queue[0]
			if err := workflow.UpsertMemo(ctx, map[string]any{memoTurn: holder.Run}); err != nil {
				return err
			}
			err := workflow.SignalExternalWorkflow(ctx, holder.Flow, "", signalTurn, holder.Run).Get(ctx, nil)
			if err != nil && !isOpen(ctx, holder.Flow) {
				drop(holder)
			}
			continue
		}
		patience := time.Duration(0) // without a limit
		if len(queue) > 1 {
			patience = lookEvery
		}
		if !awaitSignal(ctx, enter, leave, patience) && !isOpen(ctx, holder.Flow) {
			drop(holder)
		}
	}
}

// lookEvery is how often a lock looks whether the workflow that has the turn is open, if others wait.
const lookEvery = time.Minute

// awaitSignal waits for a signal. It returns false if none came within a time; 0 means no limit.
func awaitSignal(ctx workflow.Context, enter, leave workflow.ReceiveChannel, limit time.Duration) bool {
	came := func() bool { return enter.Len() > 0 || leave.Len() > 0 }
	if limit == 0 {
		return workflow.Await(ctx, came) == nil
	}
	ok, err := workflow.AwaitWithTimeout(ctx, limit, came)
	return ok && err == nil
}

// isOpen reports whether a workflow has not closed. If that cannot be found out, it counts as open.
func isOpen(ctx workflow.Context, flow string) bool {
	open := true
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, lockActivity), openName, flow).Get(ctx, &open)
	return err != nil || open
}

// lockActivity are the options of the activities about locks: Temporal repeats them until they succeed.
var lockActivity = workflow.ActivityOptions{StartToCloseTimeout: 30 * time.Second}

// locks are the activities about locks.
type locks struct{ runner *Runner }

// enter puts a run into the queue of its key, unless it is there.
func (a *locks) enter(ctx context.Context, key string, p place) error {
	return a.runner.enter(ctx, key, p)
}

// enter puts a run into the queue of a key.
func (r *Runner) enter(ctx context.Context, key string, p place) error {
	id := lockID(key)
	_, err := r.Client.SignalWithStartWorkflow(ctx, id, signalEnter, p, client.StartWorkflowOptions{ID: id, TaskQueue: r.TaskQueue}, lockName, []place{})
	return err
}

// open reports whether a workflow has not closed.
func (a *locks) open(ctx context.Context, flow string) (bool, error) {
	found, err := a.runner.Client.DescribeWorkflow(ctx, flow, "")
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return !isClosed(found.Status), nil
}

// awaitTurn waits until the turn of a run with a concurrency key comes, and records it. A run that is
// to be cancelled does not wait: it does nothing but its handlers.
func (h *host) awaitTurn(began time.Time) {
	if h.run.Key == "" || len(journal.Beginnings(h.entries(), began)) == 0 {
		return
	}
	p := place{Run: h.run.ID, Flow: workflow.GetInfo(h.ctx).WorkflowExecution.ID}
	turn := workflow.GetSignalChannel(h.ctx, signalTurn)
	mine := false
	workflow.GoNamed(h.ctx, "turn", func(ctx workflow.Context) {
		for !mine {
			var run string
			turn.Receive(ctx, &run)
			mine = mine || run == h.run.ID
		}
	})
	_ = workflow.ExecuteActivity(workflow.WithActivityOptions(h.ctx, lockActivity), enterName, h.run.Key, p).Get(h.ctx, nil) // it is repeated until it succeeds
	for !mine && !h.cancel && !h.over {
		h.rest(engine.Wait{For: engine.WaitTurn, Since: h.run.Started}, func() bool { return mine || h.cancel })
	}
	for _, e := range journal.Beginnings(h.entries(), workflow.Now(h.ctx).UTC()) {
		i := h.add(e)
		h.branches[e.Branch] = append(h.branches[e.Branch], i)
	}
	h.mine = h.branches[""]
}

// leaveTurn passes the turn on.
func (h *host) leaveTurn(ctx workflow.Context) {
	if h.run.Key == "" {
		return
	}
	p := place{Run: h.run.ID, Flow: workflow.GetInfo(ctx).WorkflowExecution.ID}
	_ = workflow.SignalExternalWorkflow(ctx, lockID(h.run.Key), "", signalLeave, p).Get(ctx, nil) // a lock that has closed has no queue
}

// nameTurn adds to the waits of a run which run has the turn.
func nameTurn(waits []engine.Wait, turn func() string) {
	for i := range waits {
		if waits[i].For == engine.WaitTurn {
			waits[i].Run = turn()
		}
	}
}

// turn returns the run that has the turn of a key, or "" if there is none or it cannot be read.
func (r *Runner) turn(ctx context.Context, key string) (run string) {
	found, err := r.Client.DescribeWorkflow(ctx, lockID(key), "")
	if err != nil || isClosed(found.Status) {
		return ""
	}
	_ = r.fromMemo(found.Memo, memoTurn, &run) // a new lock has none yet
	return run
}
