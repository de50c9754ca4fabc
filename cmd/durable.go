package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"errand/engine"
	"errand/engine/local"
	"errand/engine/program"
)

// goOn goes on with a run that is in the journal, and shows it.
func (d *desk) goOn(ctx context.Context, run string) (engine.Result, error) {
	r, p := engine.Request{Run: run}, (*program.Program)(nil)
	if v, err := d.Look(ctx, run); err == nil {
		r.Request, p = v.Run.Request, v.Program
	}
	return d.watch(ctx, r, p, func(ctx context.Context) (engine.Result, error) { return d.Resume(ctx, run) })
}

// watch shows a run while a function works on it. An interrupt stops the run before its next effect;
// a second one ends the process.
func (d *desk) watch(ctx context.Context, r engine.Request, p *program.Program, do func(context.Context) (engine.Result, error)) (engine.Result, error) {
	show := newProgress(d.terminal, p, r)
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

// afterwards goes on with a run about which something was decided: here, or in another process.
func (d *desk) afterwards(ctx context.Context, run string, detach, asJSON bool) error {
	if detach {
		return d.detach(run)
	}
	result, err := d.goOn(ctx, run)
	if err != nil {
		return err
	}
	return finish(d.terminal, result, asJSON, nil)
}

// errTerminated is the cause if the system asks the process to end: its runs are left to the next
// process.
var errTerminated = errors.New("the process was asked to end")

// interruptible returns a context that ends with the first interrupt, after a call of said, or when
// the process is asked to end. The next interrupt has its usual effect. done must be called.
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
