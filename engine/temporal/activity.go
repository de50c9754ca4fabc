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
	"errand/engine/local"
	"errand/engine/task"
)

// activityName is the type of the activities that call tasks.
const activityName = "errand.call"

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

	// Took is how long the call took. It may have waited for a worker before that.
	Took time.Duration `json:"took,omitempty"`

	// Later is how long the call has to wait, and Why the reason: the pace of its credential, or a worker
	// that does not have its task type. The call was not made.
	Later time.Duration `json:"later,omitempty"`
	Why   string        `json:"why,omitempty"`
}

// activity makes a call by an activity. acts says that the call has an effect. Temporal never repeats
// the activity: that is for the engine to decide.
func (h *host) activity(c task.Call, acts bool) task.Reply {
	if size := len(c.Input); size > mostBytes { // not as it is sent: a replay may compress it otherwise
		return task.Reply{Failure: tooLarge("request", size)}
	}
	order := callOrder{Call: c}
	if acts {
		order.Execution = h.executionOf(c.Step)
	}
	for {
		answer, failed := h.once(order)
		switch {
		case failed != nil:
			return *failed
		case answer.Reset != "":
			h.resets[c.Step] = answer.Reset
			return task.Interrupted(wasReset, h.wall())
		case answer.Later == 0:
			return answer.Reply.SentAt(h.wall().Add(-answer.Took))
		}
		if unmade := h.comeBack(&order.Call, answer); unmade != nil {
			return task.Reply{Failure: unmade}
		}
	}
}

// once has one activity made. failed is the reply to the call if the activity has no answer.
func (h *host) once(order callOrder) (answer callAnswer, failed *task.Reply) {
	limit := h.limits.of(order.Call)
	options := workflow.ActivityOptions{
		StartToCloseTimeout: limit + h.limits.grace,
		HeartbeatTimeout:    h.limits.silence,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
		Summary:             order.Call.Step,
	}
	if !order.Call.Deadline.IsZero() { // later the step's time is up
		options.ScheduleToStartTimeout = limit
	}
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(h.ctx, options), activityName, order).Get(h.ctx, &answer)
	timeout, isTimeout := errors.AsType[*temporal.TimeoutError](err)
	switch {
	case err == nil:
		return answer, nil
	case isTimeout && timeout.TimeoutType() == enums.TIMEOUT_TYPE_SCHEDULE_TO_START:
		return answer, &task.Reply{Failure: &task.Failure{Code: task.CodeUnreachable, Message: "no worker took the call before the step's time was up", Transient: true}}
	case isTimeout: // its worker died, or its answer did not arrive
		return answer, new(task.Interrupted(task.Unrecorded, h.wall()))
	}
	return answer, new(task.Interrupted("the worker failed: "+err.Error(), h.wall()))
}

// comeBack waits until a call may be made that was not made before. It returns why the call is not made
// at all, or nil.
func (h *host) comeBack(c *task.Call, answer callAnswer) (unmade *task.Failure) {
	w := engine.Wait{For: engine.WaitRetry, Step: c.Step, Since: h.wall(), Due: h.wall().Add(answer.Later), Reason: answer.Why}
	if !c.Deadline.IsZero() && w.Due.After(c.Deadline) {
		w.Due = c.Deadline
	}
	h.rest(w, h.toCancel)
	switch c.Now = h.wall(); {
	case h.toCancel() || h.over:
		return &task.Failure{Code: task.CodeUnreachable, Message: "the call was not made, because the run was cancelled before", Transient: true}
	case !c.Deadline.IsZero() && !c.Now.Before(c.Deadline):
		return &task.Failure{Code: task.CodeTimeout, Message: "the step's time was up before the call could be made", Transient: true}
	}
	return nil
}

// anotherWorker is after how long a call is offered again that a worker without its task type took.
const anotherWorker = 10 * time.Second

// activities are what a worker does for workflows.
type activities struct {
	registry *task.Registry
	limits   limits
	paces    local.Paces

	// beat tells the server that an activity goes on. Its error is a *serviceerror.NotFound if the
	// server has given the activity up.
	beat func(ctx context.Context, token []byte) error

	// size returns how many bytes an answer has as Temporal gets it. It may be nil: then any answer may
	// be sent.
	size func(any) (int, error)
}

// call carries out one call.
func (a *activities) call(ctx context.Context, order callOrder) (callAnswer, error) {
	info := activity.GetInfo(ctx)
	if order.Execution != "" && order.Execution != info.WorkflowExecution.RunID {
		return callAnswer{Reset: info.WorkflowExecution.RunID}, nil
	}
	if _, has := a.registry.Lookup(order.Call.Type); !has {
		return callAnswer{Later: anotherWorker, Why: "the worker that took the call does not have the task type " + order.Call.Type}, nil
	}
	if later := a.paces.MayCall(order.Call); later > 0 {
		return callAnswer{Later: later, Why: local.PacedReason}, nil
	}
	began := time.Now()
	if err := a.beatWithin(ctx, info.TaskToken, a.limits.unheard); err != nil {
		return a.unconfirmed(err)
	}
	end := began.Add(a.limits.of(order.Call))
	request, stop := context.WithDeadline(context.WithoutCancel(ctx), end)
	defer stop()
	l := &lease{unheard: a.limits.unheard, stop: stop, end: end, heard: began}
	if l.isOver() {
		return unmade("the worker was paused, and did not make the call"), nil
	}
	go a.keepBeating(request, l, info.TaskToken)
	left := time.Now()
	reply := engine.Execute(l.guard(request), a.registry, order.Call)
	a.paces.Called(order.Call, left, reply)
	return a.fitting(callAnswer{Reply: reply, Took: time.Since(left)}, order.Execution != "")
}

// unconfirmed answers a call before which the server could not be asked whether it still waits for
// the call. Nothing was sent.
func (a *activities) unconfirmed(err error) (callAnswer, error) {
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return callAnswer{}, err // nobody waits for the answer
	}
	return unmade("the worker could not reach Temporal, and did not make the call"), nil
}

// unmade answers a call that was not made.
func unmade(why string) callAnswer {
	return callAnswer{Reply: task.Reply{Failure: &task.Failure{Code: task.CodeUnreachable, Message: why, Transient: true}}}
}

// keepBeating tells the server that an activity goes on, until the request ends. If the server has
// given the activity up, or may have because it does not answer, keepBeating ends the request.
func (a *activities) keepBeating(request context.Context, l *lease, token []byte) {
	every := time.NewTicker(a.limits.beat)
	defer every.Stop()
	for {
		select {
		case <-request.Done():
			return
		case <-every.C:
		}
		began := time.Now()
		err := a.beatWithin(request, token, l.left())
		_, gone := errors.AsType[*serviceerror.NotFound](err)
		switch {
		case err == nil:
			l.renew(began)
		case gone:
			l.stop()
			return
		case l.isOver():
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
