package cmd

import (
	"context"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

type runsApprove struct {
	homeFlags
	approve, reject bool
	comment         string
	person          personFlags
	follow          followFlags
	output          output
}

func (c *runsApprove) describe() *cli.Command {
	return &cli.Command{
		Name:        "approve",
		Usage:       "approve or reject a step that waits for an approval, and continue the run",
		ArgsUsage:   "RUN|REQUEST STEP",
		Description: "errand runs approve kq3vzt5mwxa2hd7c ok --approve\nerrand runs approve 100-291 ok --reject --comment \"not before Monday\"",
		Flags: c.homeFlags.with(
			&cli.BoolFlag{Name: "approve", Usage: "approve the step", Destination: &c.approve},
			&cli.BoolFlag{Name: "reject", Usage: "reject the step", Destination: &c.reject},
			&cli.StringFlag{Name: "comment", Usage: "record `TEXT` as the reason, which the workflow can read", Destination: &c.comment},
			c.person.flag(),
			c.follow.detachFlag(),
			c.output.flag(),
		),
	}
}

func (c *runsApprove) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	verdict := engine.VerdictApprove
	if c.reject {
		verdict = engine.VerdictReject
	}
	if c.approve && c.reject {
		return &Exit{Code: ExitUsage, Message: "expected one decision, got --approve and --reject", Hint: "leave out one of them"}
	}
	if c.approve == c.reject {
		return &Exit{Code: ExitUsage, Message: "expected one decision", Hint: "add --approve or --reject"}
	}
	if len(a.names) != 2 {
		return &Exit{Code: ExitUsage, Message: "name the run and its step", Hint: "errand runs approve RUN STEP --" + string(verdict)}
	}
	by, err := c.person.member(c.terminal)
	if err != nil {
		return err
	}
	return c.withRun(ctx, a, func(o *opened, run string) error {
		if err := o.Decide(ctx, run, a.names[1], engine.Decision{Verdict: verdict, By: by, Comment: c.comment}); err != nil {
			return runExit(err, run)
		}
		return o.continueDecided(ctx, run, &c.follow, asJSON)
	})
}
