package cmd

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"
)

type runsSuspect struct {
	homeFlags
	all    bool
	person personFlags
}

func (c *runsSuspect) describe() *cli.Command {
	return &cli.Command{
		Name:        "suspect",
		Usage:       "stop all open runs of a home whose disk was rolled back, until somebody adopts them",
		Description: "errand runs suspect --all",
		Flags: c.homeFlags.with(
			&cli.BoolFlag{Name: "all", Usage: "all open runs, but for those that a process works on", Destination: &c.all},
			c.person.flag(),
		),
	}
}

func (c *runsSuspect) run(ctx context.Context, a arguments) error {
	c.aboutCopies = true
	if len(a.names) > 0 || !c.all {
		return &Exit{Code: ExitUsage, Message: "expected --all and no RUN: a disk that was rolled back concerns every run of the home", Hint: "errand runs suspect --all"}
	}
	by, err := c.person.person(c.terminal)
	if err != nil {
		return err
	}
	return c.use(ctx, a.command, func(o *opened) error {
		adopter, err := o.adopter()
		if err != nil {
			return err
		}
		waiting, err := adopter.Suspect(ctx, by)
		if err != nil {
			return runExit(err, "")
		}
		fmt.Fprintf(c.stderr, "the home counts as a copy; %s\n  hint: %s\n", isolatedRuns(len(waiting)), c.atHome(howToAdopt))
		return nil
	})
}
