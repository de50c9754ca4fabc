package cmd

import (
	"context"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

type runsCancel struct {
	homeFlags
	person personFlags
	output output
}

func (c *runsCancel) describe() *cli.Command {
	return &cli.Command{
		Name:        "cancel",
		Usage:       "stop a run before its next effect, carry out its `finally`, and print what was done",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs cancel kq3vzt5mwxa2hd7c\nerrand runs cancel 100-291 -o json",
		Flags:       c.homeFlags.with(c.person.flag(), c.output.flag()),
	}
}

func (c *runsCancel) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	by, err := c.person.person(c.terminal)
	if err != nil {
		return err
	}
	return c.withOnlyRun(ctx, a, func(o *opened, run string) error {
		if err := o.Cancel(ctx, run, by); err != nil {
			return runExit(err, run)
		}
		v, err := o.follow(ctx, run, false)
		if held := heldBy(err); held != "" {
			return o.leaveToHolder(ctx, run, "run "+run+" will be cancelled", held, asJSON)
		}
		if err != nil {
			return o.workExit(v, err, run, asJSON)
		}
		printDone(c.stderr, v)
		if err := finish(c.terminal, v, asJSON, nil); err != nil && v.Status != engine.Cancelled {
			return err
		}
		return nil
	})
}

// printDone prints what a run did before it was cancelled.
func printDone(w io.Writer, v engine.View) {
	names, done := v.Program.KeyNames(), 0
	for _, s := range v.Steps {
		if s.Status == engine.StepSucceeded {
			done++
			fmt.Fprintf(w, "  done: %s %s\n", callName(names.Of(s.ID), s.Task), plainText(s.Outputs["result_message"]))
		}
		if s.Status == engine.StepUncertain {
			fmt.Fprintf(w, "  uncertain: %s\n", callName(names.Of(s.ID), s.Task))
		}
	}
	if done == 0 {
		fmt.Fprintln(w, "  no step had succeeded")
	}
}
