package cmd

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
)

type runsResume struct {
	homeFlags
	follow followFlags
	all    bool
	output output
}

func (c *runsResume) describe() *cli.Command {
	return &cli.Command{
		Name:        "resume",
		Usage:       "continue a run that stopped, and wait for its end",
		ArgsUsage:   "RUN|REQUEST|--all",
		Description: "errand runs resume kq3vzt5mwxa2hd7c\nerrand runs resume 100-291 --detach\nerrand runs resume --all",
		Flags: c.homeFlags.with(
			c.follow.detachFlag(),
			c.follow.waitFlag(),
			&cli.BoolFlag{Name: "all", Usage: "continue every run that is due or whose process ended, until none is left; not those that a person stopped", Destination: &c.all},
			c.output.flag(),
		),
	}
}

func (c *runsResume) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if c.all {
		if len(a.names) > 0 || c.follow.detach || c.follow.wait {
			return usage("--all continues all runs of the home; expected no RUN, no --detach and no --wait")
		}
		return c.use(ctx, a.command, func(o *opened) error { return c.runAll(ctx, o) })
	}
	return c.withOnlyRun(ctx, a, func(o *opened, run string) error { return o.continueRun(ctx, run, &c.follow, asJSON) })
}

// runAll continues every run that becomes due without a person. The journal contains the result of
// each run.
func (c *runsResume) runAll(ctx context.Context, o *opened) error {
	ended, failed, began := 0, 0, time.Now()
	var mu sync.Mutex // several runs run at the same time
	watch := func(e engine.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e.Kind {
		case engine.EventRunEnded:
			ended++
			if e.Status == engine.Failed {
				failed++
			}
			text := strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Name, e.Status, e.Summary()))
			fmt.Fprintf(c.stderr, "run %s: %s\n", e.Run, diag.Printable(text))
		case engine.EventStepWaits:
			if e.For == engine.WaitTrouble {
				fmt.Fprintf(c.stderr, "run %s: step %s waits %s\n", e.Run, e.Step, diag.Printable(waitText(e)))
			}
		case engine.EventStepUncertain:
			fmt.Fprintf(c.stderr, "run %s: step %s is uncertain; %s\n", e.Run, e.Step, c.atHome("errand runs show "+e.Run))
		}
	}
	var open calls
	ctx, done := interruptible(ctx, func() { fmt.Fprintln(c.stderr, open.interruptNote("stopping; the runs stay on record as they are")) })
	defer done()
	if err := o.Work(ctx, true, open.watch(watch)); err != nil {
		return runExit(err, "")
	}
	fmt.Fprintf(c.stderr, "%d ended, %d of them failed\n", ended, failed)
	return o.allExit(context.WithoutCancel(ctx), began, failed)
}

// allExit returns the Exit of `runs resume --all`. Its code is for the worst of these: runs that
// were found to be damaged since a time, runs that failed, uncertain runs, and runs that wait for
// adoption. allExit returns nil if there are none.
func (o *opened) allExit(ctx context.Context, since time.Time, failed int) error {
	open, err := o.List(ctx, engine.Query{Open: true})
	if err != nil {
		return runExit(err, "")
	}
	isolated, uncertain, damaged := 0, 0, ""
	for _, v := range open {
		if v.Status == engine.Uncertain {
			uncertain++
		}
		for _, w := range v.Waits {
			switch {
			case w.For == engine.WaitAdoption:
				isolated++
			case w.For == engine.WaitTrouble && w.Step == "" && !w.Since.Before(since):
				damaged = v.Run
				fmt.Fprintf(o.stderr, "run %s: %s\n", v.Run, diag.Printable(o.noteOn(v)))
			}
		}
	}
	switch {
	case damaged != "":
		return &Exit{Code: ExitInternal, Message: "records were found to be damaged; nothing was sent for them", Hint: "errand runs show " + damaged}
	case failed > 0:
		return &Exit{Code: ExitFailed, Message: plural(failed, "run") + " failed", Hint: "errand runs list --status failed"}
	case uncertain > 0:
		return &Exit{Code: ExitUncertain, Message: plural(uncertain, "run") + " cannot continue before a person decides", Hint: "errand runs list --status uncertain"}
	case isolated > 0:
		return &Exit{Code: ExitUncertain, Message: isolatedRuns(isolated), Hint: howToAdopt}
	}
	return nil
}
