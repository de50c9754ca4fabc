package cmd

import (
	"fmt"
	"sync"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

func (c *Command) runsResumeCommand() *cli.Command {
	return &cli.Command{
		Name:        "resume",
		Usage:       "go on with a run that had stopped, and wait for its end",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs resume kq3vzt5mwxa2hd7c\nerrand runs resume 100-291 --detach\nerrand runs resume --all",
		Flags: []cli.Flag{
			detachFlag(),
			&cli.BoolFlag{Name: "all", Usage: "go on with every run that a process left or that is due, until none is left; not with those that a person stopped"},
			outputFlag(),
		},
		Action: c.runsResume,
	}
}

func detachFlag() cli.Flag {
	return &cli.BoolFlag{Name: "detach", Usage: "leave it to a process of its own, and print the run's id"}
}

func (c *Command) runsResume(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	if x.Bool("all") {
		return c.resumeAll(x)
	}
	return c.onlyRun(x, func(d *desk, run string) error { return c.afterwards(x, d, run, asJSON) })
}

// afterwards goes on with a run that something was decided about, as the command line says: here, or in a process of its own.
func (c *Command) afterwards(x *cli.Context, d *desk, run string, asJSON bool) error {
	if x.Bool("detach") {
		return c.detach(d, run)
	}
	result, err := c.goOn(x, d, run)
	if err != nil {
		return err
	}
	return c.finish(result, asJSON, nil)
}

// resumeAll carries on whatever will be due by itself. What became of each run stands in the journal.
func (c *Command) resumeAll(x *cli.Context) error {
	if x.NArg() > 0 || x.Bool("detach") {
		return usage("--all goes on with all runs here; it takes no run and no --detach")
	}
	return c.inHome(x, func(d *desk) error { return c.carryOnAll(x, d) })
}

func (c *Command) carryOnAll(x *cli.Context, d *desk) error {
	ended, failed := 0, 0
	var mu sync.Mutex // many runs are carried on at once
	d.Watch = func(e engine.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e.Kind {
		case engine.EventRunEnded:
			ended++
			if e.Status == engine.Failed {
				failed++
			}
			fmt.Fprintf(c.Stderr, "run %s: %s %s %s\n", e.Run, e.Name, e.Status, e.Message)
		case engine.EventStepUncertain:
			fmt.Fprintf(c.Stderr, "run %s: step %s is uncertain; errand runs show %s\n", e.Run, e.Step, e.Run)
		}
	}
	ctx, done := interruptible(x.Context, func() { fmt.Fprintln(c.Stderr, "ending; the runs are left as they are") })
	defer done()
	if err := d.Work(ctx, true); err != nil {
		return journalExit(err, "")
	}
	fmt.Fprintf(c.Stderr, "%d ended, %d of them failed\n", ended, failed)
	return nil
}
