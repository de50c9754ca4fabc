package cmd

import (
	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/local"
)

func (c *Command) runsApproveCommand() *cli.Command {
	return &cli.Command{
		Name:        "approve",
		Usage:       "decide about a step that waits for an approval, and go on with the run",
		ArgsUsage:   "RUN|REQUEST STEP",
		Description: "errand runs approve kq3vzt5mwxa2hd7c ok --approve\nerrand runs approve 100-291 ok --reject --comment \"not before Monday\"",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "approve", Usage: "let the run go on"},
			&cli.BoolFlag{Name: "reject", Usage: "do not"},
			&cli.StringFlag{Name: "comment", Usage: "why, for the record and for the workflow, as `TEXT`"},
			&cli.StringFlag{Name: "as", Usage: "decide for `NAME`, who said so: both names are put on record"},
			detachFlag(),
			outputFlag(),
		},
		Action: c.runsApprove,
	}
}

func (c *Command) runsApprove(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	verdict := engine.VerdictApprove
	if x.Bool("reject") {
		verdict = engine.VerdictReject
	}
	if x.Bool("approve") == x.Bool("reject") {
		return &Exit{Code: ExitUsage, Message: "one decision is wanted", Hint: "--approve or --reject"}
	}
	if x.NArg() != 2 {
		return &Exit{Code: ExitUsage, Message: "name the run and its step", Hint: "errand runs approve RUN STEP --" + string(verdict)}
	}
	return c.inRun(x, func(d *desk, run string) error {
		by, comment := c.person(), x.String("comment")
		if name := x.String("as"); name != "" {
			if comment != "" {
				comment += " "
			}
			comment += "(entered by " + by.Name + ")"
			by = local.Person{Name: name}
		}
		if err := d.Resolve(x.Context, run, x.Args().Get(1), by, verdict, comment); err != nil {
			return journalExit(err, run)
		}
		return c.afterwards(x, d, run, asJSON)
	})
}
