package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"errand/engine"
)

// A Process is a service from its start to its end: it answers requests, and its Worker carries on the runs.
type Process struct {
	Server   *Server
	HTTP     *http.Server // its handler is the server, or passes requests on to it
	Listener net.Listener
	Worker   engine.Worker // does nothing if other processes carry on the runs
	Watch    engine.Watch  // receives the events of the runs; may be nil
	Manager  Manager
	Drain    time.Duration // how long the end may take
	Log      *slog.Logger

	// Beside are further parts, which run until their context ends.
	Beside []func(context.Context)
}

// ErrDrain says that calls of runs were still under way when the time for the end was over. They
// count as interrupted: whoever carries the runs on finds out what became of them.
var ErrDrain = errors.New("calls of runs were still under way when the time for the end was over")

// Run serves until ctx ends, or until the worker or the listener fails. Then the port closes, open
// requests are answered, and the runs at work come to their next wait, for at most the time of Drain.
func (p *Process) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorking()

	failed := make(chan error, 2)
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		if err := p.Worker.Work(working, false, p.Watch); err != nil {
			failed <- err
		}
	}()
	go func() {
		if err := p.HTTP.Serve(p.Listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	var beside sync.WaitGroup
	for _, part := range p.Beside {
		beside.Go(func() { part(ctx) })
	}
	beside.Go(func() { p.Manager.Watchdog(ctx, p.well) })
	p.Manager.Ready()

	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	p.Manager.Stopping()
	p.Log.Info("the service ends", slog.Duration("within", p.Drain))
	p.Server.Drain()
	stop()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.Drain)
	defer cancel()
	stopWorking()
	if err := p.HTTP.Shutdown(last); err != nil {
		_ = p.HTTP.Close()
	}
	beside.Wait()
	select {
	case <-worked:
		return cause
	case <-last.Done():
	}
	if i, ok := p.Worker.(interrupter); ok {
		i.Interrupt()
		select {
		case <-worked:
		case <-time.After(interruptTakes):
		}
	}
	return errors.Join(cause, ErrDrain)
}

// An interrupter is a worker that can end its calls as a crash would. The runs are released in order
// then, and whoever carries them on finds out what became of the calls.
type interrupter interface{ Interrupt() }

// interruptTakes is how long a worker may take to release its runs after an interrupt.
const interruptTakes = 2 * time.Second

// well reports whether the runs can be read.
func (p *Process) well(ctx context.Context) error {
	_, err := p.Server.Runner.List(ctx, engine.Query{Limit: 1})
	return err
}
