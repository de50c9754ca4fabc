package cmd

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

func (c *Command) runsCancelCommand() *cli.Command {
	return &cli.Command{
		Name:        "cancel",
		Usage:       "stop a run before its next effect, carry out its `finally`, and say what was done",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs cancel kq3vzt5mwxa2hd7c\nerrand runs cancel 100-291 -o json",
		Flags:       []cli.Flag{outputFlag()},
		Action:      c.runsCancel,
	}
}

func (c *Command) runsCancel(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	return c.onlyRun(x, func(d *desk, run string) error {
		if err := d.Cancel(x.Context, run); err != nil {
			return journalExit(err, run)
		}
		result, err := c.goOn(x, d, run)
		if held, ok := errors.AsType[*Exit](err); ok && held.Code == ExitLocked {
			fmt.Fprintf(c.Stderr, "run %s is to be cancelled; %s\n", run, held.Message)
			return nil
		}
		if err != nil {
			return err
		}
		c.sayDone(result)
		if err := c.finish(result, asJSON, nil); err != nil && result.Status != engine.Cancelled {
			return err
		}
		return nil
	})
}

// sayDone tells what a run that was cancelled had done already.
func (c *Command) sayDone(result engine.Result) {
	done := 0
	for _, s := range result.Steps {
		if s.Status == engine.StepSucceeded {
			done++
			fmt.Fprintf(c.Stderr, "  done: %s (%s) %v\n", s.ID, s.Task, s.Outputs["result_message"])
		}
		if s.Status == engine.StepUncertain {
			fmt.Fprintf(c.Stderr, "  uncertain: %s (%s)\n", s.ID, s.Task)
		}
	}
	if done == 0 {
		fmt.Fprintln(c.Stderr, "  nothing had been done")
	}
}
