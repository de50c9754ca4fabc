package cmd

import (
	"context"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/program"
)

type runsRetry struct {
	homeFlags
	from       string
	definition string
	person     personFlags
	follow     followFlags
	output     output
}

func (c *runsRetry) describe() *cli.Command {
	return &cli.Command{
		Name:      "retry",
		Usage:     "continue a failed run from the failed step, or from an earlier one",
		ArgsUsage: "RUN|REQUEST",
		Description: "errand runs retry kq3vzt5mwxa2hd7c\nerrand runs retry 100-291 --from worklog\n" +
			"errand runs retry 100-291 --definition corrected/start-instance.yaml",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "from", Usage: "continue from `STEP`; the run keeps the steps that succeeded before it", Destination: &c.from},
			&cli.StringFlag{Name: "definition", Usage: "continue with the corrected definition in `FILE`, in which the steps that are kept are unchanged", Destination: &c.definition},
			c.person.flag(),
			c.follow.detachFlag(),
			c.output.flag(),
		),
	}
}

func (c *runsRetry) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	by, err := c.person.person(c.terminal)
	if err != nil {
		return err
	}
	return c.withOnlyRun(ctx, a, func(o *opened, run string) error {
		var corrected *program.Program
		if file := c.definition; file != "" {
			p, err := new(definitions).load(c.terminal, file, o.Registry)
			if err != nil {
				return err
			}
			corrected = p
		}
		if err := o.Retry(ctx, run, engine.Retry{From: c.from, By: by, Program: corrected}); err != nil {
			return runExit(err, run)
		}
		return o.continueRun(ctx, run, &c.follow, asJSON)
	})
}
