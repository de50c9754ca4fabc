package cmd

import (
	"github.com/urfave/cli/v2"

	"errand/engine/program"
)

func (c *Command) runsRetryCommand() *cli.Command {
	return &cli.Command{
		Name:      "retry",
		Usage:     "have a run that failed go on from the failed step, or an earlier one",
		ArgsUsage: "RUN|REQUEST",
		Description: "errand runs retry kq3vzt5mwxa2hd7c\nerrand runs retry 100-291 --from worklog\n" +
			"errand runs retry 100-291 --definition corrected/start-instance.yaml",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "go on from the step `STEP`; what succeeded before it stays"},
			&cli.StringFlag{Name: "definition", Usage: "go on with a corrected definition, from `FILE`, in which every step that stays is as it was"},
			detachFlag(),
			outputFlag(),
		},
		Action: c.runsRetry,
	}
}

func (c *Command) runsRetry(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	return c.onlyRun(x, func(d *desk, run string) error {
		var corrected *program.Program
		if file := x.String("definition"); file != "" {
			p, err := c.load(x, file, d.Registry)
			if err != nil {
				return err
			}
			corrected = p
		}
		if err := d.Retry(x.Context, run, x.String("from"), c.user(), corrected); err != nil {
			return journalExit(err, run)
		}
		return c.afterwards(x, d, run, asJSON)
	})
}
