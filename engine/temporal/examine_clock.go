package temporal

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
)

const (
	// clockQueue is the task queue with which the clocks are compared. Nothing else uses it.
	clockQueue = "errand-clock"

	// pollTime is how long a poll for the comparison may take: servers refuse less than 2 s.
	pollTime = 10 * time.Second

	// largeDifference is the difference of the clocks above which Examine warns. No
	// promise depends on the clocks, but lists and pages compare times of both machines.
	largeDifference = 5 * time.Second
)

// clock compares the clock of this machine with the server's. No answer of the server has its time,
// but a description of a task queue says when somebody asked for work. So this asks for work that
// nobody has, and reads when that was.
func (x examination) clock(ctx context.Context) Fact {
	const what = "clock"
	difference, uncertain, err := x.compareClocks(ctx)
	switch {
	case err != nil:
		return warning(what, "", "the server's clock cannot be read: %s", plainMessage(err))
	case difference.Abs() > largeDifference+uncertain:
		return warning(what, "timedatectl shows whether this machine sets its clock", "this machine and the server differ by %s; waits end by the server's clock", difference.Abs().Round(time.Second))
	}
	return good(what, "this machine and the server differ by less than %s", max(time.Second, (difference.Abs()+uncertain).Round(time.Second)))
}

// compareClocks returns how much the clock of this machine is ahead of the server's.
func (x examination) compareClocks(ctx context.Context) (difference, uncertain time.Duration, err error) {
	ctx, stop := context.WithTimeout(ctx, pollTime)
	defer stop()
	me := "errand doctor " + rand.Text()
	before := time.Now()
	polled := make(chan error, 1)
	var polling sync.WaitGroup
	polling.Go(func() {
		_, err := x.client.WorkflowService().PollActivityTaskQueue(ctx, &workflowservice.PollActivityTaskQueueRequest{
			Namespace: x.options.Namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: clockQueue, Kind: enumspb.TASK_QUEUE_KIND_NORMAL}, Identity: me,
		})
		polled <- err
	})
	defer func() { stop(); polling.Wait() }()
	for {
		found, err := x.pollers(ctx, clockQueue, enumspb.TASK_QUEUE_TYPE_ACTIVITY)
		after := time.Now()
		if err != nil {
			return 0, 0, err
		}
		for _, p := range found {
			if p.GetIdentity() == me {
				middle := before.Add(after.Sub(before) / 2)
				return middle.Sub(p.GetLastAccessTime().AsTime()), after.Sub(before) / 2, nil
			}
		}
		select {
		case err := <-polled:
			if err == nil {
				err = context.DeadlineExceeded
			}
			return 0, 0, err
		case <-time.After(50 * time.Millisecond):
		}
	}
}
