package temporal

import (
	"context"
	"slices"
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
	w.RegisterWorkflowWithOptions(lock, r.Worker.Version.lockOptions())
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

// untilDrained returns when no run of the task queue goes on by itself, or when ctx ends. It looks twice,
// because the server's lists have a change only after moments.
func (r *Runner) untilDrained(ctx context.Context) error {
	for quiet := 0; quiet < 2 && ctx.Err() == nil; {
		left, err := r.isLeft(ctx)
		if err != nil {
			return err
		}
		if quiet++; left {
			quiet = 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(drainPoll):
		}
	}
	return nil
}

// isLeft reports whether a run of the task queue goes on by itself.
func (r *Runner) isLeft(ctx context.Context) (bool, error) {
	open, _, err := r.between(ctx, engine.Query{Open: true}, dawn, time.Now().Add(time.Hour), true)
	if err != nil {
		return false, err
	}
	isOpen := func(run string) bool {
		return slices.ContainsFunc(open, func(one listing) bool { return one.view.Run == run })
	}
	for _, one := range open {
		v := one.view
		switch {
		case one.GetTaskQueue() != r.TaskQueue:
		case len(v.Waits) == 0 || !v.Due.IsZero():
			return true, nil
		case waitsForTurn(v.Waits):
			if !isOpen(r.turn(ctx, v.Key)) { // the turn is about to pass on
				return true, nil
			}
		case !needsMending(v.Waits):
			return true, nil
		}
	}
	return false, nil
}
