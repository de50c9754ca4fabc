package cmd

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"errand/engine/home"
	"errand/engine/metrics"
	"errand/engine/observe"
	"errand/engine/service"
	"errand/engine/trace"
)

// Working says how a worker works.
type Working struct {
	Drain   time.Duration // how long calls that are under way may take to end
	Metrics Listening     // where the worker shows its figures; nowhere if the address is empty
}

// Work carries on the runs of the home until ctx ends, and then waits for the calls that are under way.
// It logs what the runs do, and sends traces of them if the environment says where to. The command must
// have a log (Extra.Logs).
func (u *Use) Work(ctx context.Context, how Working) error {
	tracer, err := trace.New(ctx, u.Getenv, release(), u.Log)
	if err != nil {
		return &Exit{Code: ExitConfiguration, Message: err.Error()}
	}
	defer closeTracer(tracer, u.Log)
	o, err := u.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = o.Close() }()
	manager := service.Manager{Log: u.Log}
	figures := metrics.New(o.Registry.Names())
	unserve, err := u.serveMetrics(ctx, how.Metrics, figures)
	if err != nil {
		return err
	}
	defer unserve()
	watch := observe.New(observe.LogRuns(u.Log), figures.Observe, tracer.Observe).Watch

	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	worked := make(chan error, 1)
	u.Log.Info("the worker carries on runs", slog.String("home", o.Folder))
	go func() { worked <- o.Work(working, false, watch) }()
	manager.Ready()
	select {
	case err := <-worked:
		return err
	case <-ctx.Done():
	}
	manager.Stopping()
	u.Log.Info("the worker ends", slog.Duration("within", how.Drain))
	stop()
	return u.drain(o, worked, how.Drain)
}

// drainGrace is how much longer than its own limit a runner may take to end its calls.
const drainGrace = 5 * time.Second

// drain waits for the end of the work. If that takes longer than the given time, calls are interrupted.
func (u *Use) drain(o *home.Opened, worked <-chan error, within time.Duration) error {
	over := time.NewTimer(within + drainGrace)
	defer over.Stop()
	select {
	case err := <-worked:
		return ended(err)
	case <-over.C:
	}
	u.Log.Warn(service.ErrDrain.Error())
	if i, ok := o.Runner.(interface{ Interrupt() }); ok {
		i.Interrupt()
		return ended(<-worked)
	}
	return nil // the end of the process interrupts them
}

// ended returns the error of a work that was ended on purpose.
func ended(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// closeTracer sends the last traces.
func closeTracer(tracer *trace.Tracer, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := tracer.Close(ctx); err != nil && !errors.Is(err, context.Canceled) {
		log.Warn("the last traces were not sent", slog.Any("error", err))
	}
}
