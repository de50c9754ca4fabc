package temporal

import (
	"context"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/task"
)

// activityName is the type of the activities that call tasks.
const activityName = "errand.call"

// How long calls may take. The server gives a call up when its time is over, or when its worker has
// not answered for so long. The worker ends the request a grace earlier, measured by its own clock, so
// that nothing is sent after the engine looks for what the call did.
const (
	longestCall = 2 * time.Minute  // of a call whose step has no time-out
	grace       = 15 * time.Second // between the end of a request and the end of its activity
	silence     = 30 * time.Second // after so long without a heartbeat, the server gives a worker up
	beat        = 5 * time.Second  // between two heartbeats
	unheard     = 20 * time.Second // after so long without an answer to a heartbeat, a worker ends its request
)

// A callOrder is what an activity is given.
type callOrder struct {
	Call task.Call `json:"call"`

	// Execution is the execution of the workflow that the step's last call belonged to: see reset.go.
	// "" means that the call has no effect.
	Execution string `json:"execution,omitempty"`
}

// A callAnswer is what an activity returns.
type callAnswer struct {
	Reply task.Reply `json:"reply"`

	// Reset is the present execution of a workflow that an operator has reset. The call was not made.
	Reset string `json:"reset,omitempty"`
}

// activity makes a call by an activity. acts says that the call has an effect. Temporal never repeats
// the activity: that is for the engine to decide.
func (h *host) activity(c task.Call, acts bool) task.Reply {
	limit := limitOf(c)
	options := workflow.ActivityOptions{
		StartToCloseTimeout: limit + grace,
		HeartbeatTimeout:    silence,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
		Summary:             c.Step,
	}
	if !c.Deadline.IsZero() { // later the step's time is up
		options.ScheduleToStartTimeout = limit
	}
	order := callOrder{Call: c}
	if acts {
		order.Execution = h.executionOf(c.Step)
	}
	sent := h.clock
	var answer callAnswer
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(h.ctx, options), activityName, order).Get(h.ctx, &answer)
	now := h.wall()
	switch timeout, isTimeout := errors.AsType[*temporal.TimeoutError](err); {
	case isTimeout && timeout.TimeoutType() == enums.TIMEOUT_TYPE_SCHEDULE_TO_START:
		return task.Reply{Failure: &task.Failure{Code: task.CodeUnreachable, Message: "no worker took the call before the step's time was up", Transient: true}}
	case isTimeout:
		return task.Interrupted(task.Unrecorded, now) // its worker died, or its answer did not arrive
	case err != nil:
		return task.Interrupted("the worker failed: "+err.Error(), now)
	case answer.Reset != "":
		h.resets[c.Step] = answer.Reset
		return task.Interrupted(wasReset, now)
	}
	return answer.Reply.SentAt(sent)
}

// limitOf returns how long the request of a call may take.
func limitOf(c task.Call) time.Duration {
	if c.Deadline.IsZero() {
		return longestCall
	}
	return min(longestCall, max(0, c.Deadline.Sub(c.Now)))
}

// activities are what a worker does for workflows.
type activities struct {
	registry *task.Registry

	// beat tells the server that an activity goes on. Its error is a *serviceerror.NotFound if the
	// server has given the activity up.
	beat func(ctx context.Context, token []byte) error
}

// call carries out one call.
func (a *activities) call(ctx context.Context, order callOrder) (callAnswer, error) {
	info := activity.GetInfo(ctx)
	if order.Execution != "" && order.Execution != info.WorkflowExecution.RunID {
		return callAnswer{Reset: info.WorkflowExecution.RunID}, nil
	}
	began := time.Now()
	if err := a.beat(ctx, info.TaskToken); err != nil {
		return a.unconfirmed(err)
	}
	limit := limitOf(order.Call) - max(0, began.Sub(info.StartedTime))
	request, stop := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer stop()
	go a.keepBeating(request, stop, info.TaskToken, began)
	return callAnswer{Reply: engine.Execute(request, a.registry, order.Call)}, nil
}

// unconfirmed answers a call before which the server could not be asked whether it still waits for
// the call. Nothing was sent.
func (a *activities) unconfirmed(err error) (callAnswer, error) {
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return callAnswer{}, err // nobody waits for the answer
	}
	return callAnswer{Reply: task.Reply{Failure: &task.Failure{
		Code: task.CodeUnreachable, Message: "the worker could not reach Temporal, and did not make the call", Transient: true,
	}}}, nil
}

// keepBeating tells the server that an activity goes on, until the request ends. If the server has
// given the activity up, or may have because it does not answer, keepBeating ends the request.
func (a *activities) keepBeating(request context.Context, stop context.CancelFunc, token []byte, heard time.Time) {
	every := time.NewTicker(beat)
	defer every.Stop()
	for {
		select {
		case <-request.Done():
			return
		case <-every.C:
		}
		began := time.Now()
		err := a.beatWithin(request, token, unheard-began.Sub(heard))
		_, gone := errors.AsType[*serviceerror.NotFound](err)
		switch {
		case err == nil:
			heard = began
		case gone, time.Since(heard) >= unheard:
			stop()
			return
		}
	}
}

// beatWithin beats, and gives up after a time.
func (a *activities) beatWithin(ctx context.Context, token []byte, limit time.Duration) error {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	return a.beat(ctx, token)
}
