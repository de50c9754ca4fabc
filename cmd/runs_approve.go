package cmd

import (
	"context"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/local"
)

type runsApprove struct {
	home
	approve, reject bool
	comment         string
	as              string
	detach          bool
	output          output
}

func (c *runsApprove) describe() *cli.Command {
	return &cli.Command{
		Name:        "approve",
		Usage:       "decide about a step that waits for an approval, and go on with the run",
		ArgsUsage:   "RUN|REQUEST STEP",
		Description: "errand runs approve kq3vzt5mwxa2hd7c ok --approve\nerrand runs approve 100-291 ok --reject --comment \"not before Monday\"",
		Flags: c.home.with(
			&cli.BoolFlag{Name: "approve", Usage: "let the run go on", Destination: &c.approve},
			&cli.BoolFlag{Name: "reject", Usage: "do not", Destination: &c.reject},
			&cli.StringFlag{Name: "comment", Usage: "why, for the record and for the workflow, as `TEXT`", Destination: &c.comment},
			&cli.StringFlag{Name: "as", Usage: "decide for `NAME`, who said so: both names are put on record", Destination: &c.as},
			detachFlag(&c.detach),
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
	if c.approve == c.reject {
		return &Exit{Code: ExitUsage, Message: "one decision is wanted", Hint: "--approve or --reject"}
	}
	if len(a.names) != 2 {
		return &Exit{Code: ExitUsage, Message: "name the run and its step", Hint: "errand runs approve RUN STEP --" + string(verdict)}
	}
	return c.withRun(ctx, a, func(d *desk, run string) error {
		by, comment := c.person(), c.comment
		if name := c.as; name != "" {
			if comment != "" {
				comment += " "
			}
			comment += "(entered by " + by.Name + ")"
			by = local.Person{Name: name}
		}
		if err := d.Resolve(ctx, run, a.names[1], by, verdict, comment); err != nil {
			return journalExit(err, run)
		}
		return d.afterwards(ctx, run, c.detach, asJSON)
	})
}
