package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// A work is a method of a runner that continues a run.
type work func(ctx context.Context, f engine.Following) (engine.View, error)

// follow continues a run that is on record, and shows it. With stay, it does not return while the
// run waits for a person.
func (o *opened) follow(ctx context.Context, run string, stay bool) (engine.View, error) {
	r, p := engine.Request{Run: run}, (*program.Program)(nil)
	if v, err := o.Read(ctx, run); err == nil {
		r.Request, p = v.Request, v.Program
	}
	return o.show(ctx, r, p, stay, func(ctx context.Context, f engine.Following) (engine.View, error) { return o.Follow(ctx, run, f) })
}

// show shows a run while a function works on it. An interrupt stops the run before its next effect, or
// leaves it to the workers; a second one ends the process.
func (o *opened) show(ctx context.Context, r engine.Request, p *program.Program, stay bool, do work) (engine.View, error) {
	show := newProgress(o.terminal, p, r, time.Now)
	defer show.end()
	open := calls{names: p.KeyNames()}
	ctx, done := interruptible(ctx, func() {
		if o.hasWorkers() {
			show.note("a worker carries the run on; interrupt again to end at once")
			return
		}
		show.note(open.interruptNote("stopping before the next effect"))
	})
	defer done()
	v, err := do(ctx, engine.Following{Watch: open.watch(show.event), Stay: stay, Turn: func(run string) { show.note(o.readTurn(ctx, run)) }})
	if v.Program == nil {
		v.Program = p
	}
	if o.hasWorkers() && ctx.Err() != nil && v.Run != "" && v.Ended.IsZero() {
		err = &Exit{Code: ExitUncertain, Message: "run " + v.Run + " has not ended; a worker carries it on", Hint: "errand runs show " + v.Run + " shows how far the run is"}
	}
	return v, err
}

// continueRun continues a run that is on record, in this process or in another one.
func (o *opened) continueRun(ctx context.Context, run string, f *followFlags, asJSON bool) error {
	if f.detach {
		return o.detach(ctx, run, f.wait)
	}
	v, err := o.follow(ctx, run, f.wait)
	if err != nil {
		return o.workExit(v, err, run, asJSON)
	}
	return finish(o.terminal, v, asJSON, nil)
}

// continueDecided continues a run that a person has decided about. If another process works on the
// run, that process takes the decision up.
func (o *opened) continueDecided(ctx context.Context, run string, f *followFlags, asJSON bool) error {
	const note = "the decision is on record"
	if f.detach {
		if v, err := o.Read(ctx, run); err == nil && v.Process != "" {
			fmt.Fprintf(o.stderr, "%s; %s carries out the run\n", note, v.Process)
			fmt.Fprintln(o.stdout, run)
			return nil
		}
	}
	err := o.continueRun(ctx, run, f, asJSON)
	if held := heldBy(err); held != "" {
		return o.leaveToHolder(ctx, run, note, held, asJSON)
	}
	return err
}

// heldBy returns the process that works on a run, if an error is the refusal of a run because of
// that.
func heldBy(err error) string {
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok && refusal.Code == engine.RefusedHeld {
		return cmp.Or(refusal.Process, "another process")
	}
	return ""
}

// leaveToHolder says that another process carries out a run. With asJSON it prints the run's view.
func (o *opened) leaveToHolder(ctx context.Context, run, note, process string, asJSON bool) error {
	fmt.Fprintf(o.stderr, "%s; %s carries out the run\n", note, process)
	if !asJSON {
		return nil
	}
	v, err := o.Read(ctx, run)
	if err != nil {
		return runExit(err, run)
	}
	return o.writeJSON(v)
}

// workExit converts the error of a runner that could not go on with a run to an Exit. If the
// journal failed, workExit first prints the run as far as it came, with asJSON: the journal cannot
// record that the run waits for the end of the trouble.
func (o *opened) workExit(v engine.View, err error, run string, asJSON bool) error {
	trouble, ok := errors.AsType[*engine.Trouble](err)
	if ok && asJSON && v.Run != "" && v.Ended.IsZero() {
		v.Status, v.Due = engine.Waiting, time.Time{}
		v.Waits = []engine.Wait{{For: engine.WaitTrouble, Since: time.Now().UTC(), Reason: trouble.Error(), Trouble: trouble.Code}}
		if err := o.writeJSON(v); err != nil {
			return err
		}
	}
	return runExit(err, run)
}

// errTerminated is the cause if the system asks the process to end. Another process can continue
// its runs.
var errTerminated = errors.New("the process was asked to end")

// interruptible returns a context that ends with the first interrupt, after a call of note, or when
// the process is asked to end, which also happens if its terminal is closed. The next interrupt has
// its usual effect. If the reader of the output ends, such as head, the output is lost, and the
// process goes on. The caller must call done.
func interruptible(ctx context.Context, note func()) (_ context.Context, done func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	broken := make(chan os.Signal, 1) // nobody reads it: a write to a closed pipe then is an error only
	signal.Notify(broken, syscall.SIGPIPE)
	over := make(chan struct{})
	go func() {
		defer signal.Stop(signals)
		select {
		case s := <-signals:
			if s == os.Interrupt {
				note()
				cancel(engine.ErrStop)
			} else {
				cancel(errTerminated)
			}
		case <-over:
		}
	}()
	return ctx, func() {
		close(over)
		signal.Stop(broken)
		cancel(nil)
	}
}
