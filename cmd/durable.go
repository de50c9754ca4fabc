package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/local"
	"errand/engine/program"
)

// durable carries out an order so that it survives the process: the run is in the journal under --home.
func (c *Command) durable(x *cli.Context, place *place, r engine.Request, p *program.Program) (engine.Result, error) {
	d, err := c.open(x, place.registry)
	if err != nil {
		return engine.Result{}, err
	}
	defer d.close()
	order := local.Order{Run: r.Run, Request: r.Request, Requester: c.user(), Inputs: r.Inputs, Program: p, Again: x.Bool("again")}
	if x.Bool("detach") {
		run, _, err := d.Accept(x.Context, order)
		if err != nil {
			return engine.Result{}, journalExit(err, run)
		}
		return engine.Result{}, c.detach(d, run)
	}
	run, err := d.Existing(x.Context, order)
	if err != nil {
		return engine.Result{}, journalExit(err, "")
	}
	if run != "" {
		return c.goOn(x, d, run)
	}
	return c.watched(x.Context, d, r, p, func(ctx context.Context) (engine.Result, error) { return d.Start(ctx, order) })
}

// goOn carries on a run that is in the journal, and shows it.
func (c *Command) goOn(x *cli.Context, d *desk, run string) (engine.Result, error) {
	r, p := engine.Request{Run: run}, (*program.Program)(nil)
	if v, err := d.Look(x.Context, run); err == nil {
		r.Request, p = v.Run.Request, v.Program
	}
	return c.watched(x.Context, d, r, p, func(ctx context.Context) (engine.Result, error) { return d.Resume(ctx, run) })
}

// watched shows what a runner does. An interrupt stops the run before its next effect; a second one ends the process.
func (c *Command) watched(ctx context.Context, d *desk, r engine.Request, p *program.Program, do func(context.Context) (engine.Result, error)) (engine.Result, error) {
	show := c.progress(p, r)
	defer show.close()
	d.Watch = show.event
	ctx, done := interruptible(ctx, func() { show.note("stopping before the next effect; interrupt again to end at once") })
	defer done()
	result, err := do(ctx)
	if err != nil {
		return result, journalExit(err, r.Run)
	}
	return result, nil
}

// errTerminated is why work ends when the system asks the process to: its runs are left to the next process.
var errTerminated = errors.New("the process was asked to end")

// interruptible is a context that ends with the first interrupt, which is said, or when the process is asked to end. The next
// interrupt has its usual effect. done must be called.
func interruptible(ctx context.Context, said func()) (_ context.Context, done func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	over := make(chan struct{})
	go func() {
		defer signal.Stop(signals)
		select {
		case s := <-signals:
			if s == os.Interrupt {
				said()
				cancel(local.ErrStop)
			} else {
				cancel(errTerminated)
			}
		case <-over:
		}
	}()
	return ctx, func() {
		close(over)
		cancel(nil)
	}
}
