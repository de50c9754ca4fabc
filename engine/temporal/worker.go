package temporal

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"errand/engine"
)

// WorkerOptions say how this process works as a worker.
type WorkerOptions struct {
	Calls   int           // how many calls are under way at once; 0 means 100
	Drain   time.Duration // how long calls may take to end when the work ends; 0 means 30 s
	Version Version
}

// Work implements engine.Worker: it carries out runs of the task queue until ctx ends or, with drain,
// until no run goes on by itself. The watch receives the events of the runs that this worker carries
// out, without their ids; a worker that takes a run over from another one may pass on the last event
// again.
func (r *Runner) Work(ctx context.Context, drain bool, watch engine.Watch) error {
	flows := &workflows{registry: r.Registry, programs: &r.programs, limits: r.limits, watch: watch}
	calls := &activities{registry: r.Registry, limits: r.limits, size: r.size, beat: func(ctx context.Context, token []byte) error {
		return r.Client.RecordActivityHeartbeat(ctx, token)
	}}
	w := worker.New(r.Client, r.TaskQueue, r.workerOptions())
	w.RegisterWorkflowWithOptions(flows.run, workflow.RegisterOptions{Name: workflowName})
	w.RegisterActivityWithOptions(calls.call, activity.RegisterOptions{Name: activityName})
	turns := &locks{runner: r}
	w.RegisterWorkflowWithOptions(lock, workflow.RegisterOptions{Name: lockName})
	w.RegisterActivityWithOptions(turns.enter, activity.RegisterOptions{Name: enterName})
	w.RegisterActivityWithOptions(turns.open, activity.RegisterOptions{Name: openName})
	if err := w.Start(); err != nil {
		return outward("", err)
	}
	defer w.Stop()
	if !drain {
		<-ctx.Done()
		return nil
	}
	return outward("", r.untilDrained(ctx))
}

func (r *Runner) workerOptions() worker.Options {
	options := worker.Options{
		MaxConcurrentActivityExecutionSize: r.Worker.Calls, WorkerStopTimeout: r.Worker.Drain, Identity: r.About,
		DeadlockDetectionTimeout: 10 * time.Second, // a long record takes more than the default of 1 s on a busy machine
	}
	if options.MaxConcurrentActivityExecutionSize == 0 {
		options.MaxConcurrentActivityExecutionSize = 100
	}
	if options.WorkerStopTimeout == 0 {
		options.WorkerStopTimeout = 30 * time.Second
	}
	options.DeploymentOptions = r.Worker.Version.options()
	return options
}

// drainPoll is how often a worker that drains asks whether runs are left.
const drainPoll = 500 * time.Millisecond

// untilDrained returns when every open run waits for a person, or when ctx ends.
func (r *Runner) untilDrained(ctx context.Context) error {
	for ctx.Err() == nil {
		open, err := r.list(ctx, engine.Query{Open: true, Brief: true})
		if err != nil {
			return err
		}
		left := false
		for _, v := range open {
			left = left || len(v.Waits) == 0 || !v.Due.IsZero() || !needsMending(v.Waits)
		}
		if !left {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(drainPoll):
		}
	}
	return nil
}
