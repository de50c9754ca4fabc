package cmd

import (
	"errors"
	"os"

	"github.com/urfave/cli/v2"

	"errand/engine/golden"
	"errand/engine/journal"
)

func (c *Command) runsRecordCommand() *cli.Command {
	return &cli.Command{
		Name:        "record",
		Usage:       "make a test case of a run",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs record 100-291 > my-workflow/refused.txtar\nerrand runs record kq3vzt5mwxa2hd7c --file refused.txtar --definition",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "file", Usage: "write the case to a new `FILE`, not to standard output"},
			&cli.BoolFlag{Name: "definition", Usage: "put the definition that the run was carried out with into the case"},
		},
		Action: c.runsRecord,
	}
}

func (c *Command) runsRecord(x *cli.Context) error {
	secrets, err := c.store(x, false)
	if err != nil {
		return err
	}
	return c.onlyRun(x, func(d *desk, run string) error {
		v, err := d.Look(x.Context, run)
		if err != nil {
			return journalExit(err, run)
		}
		mask, err := secrets.MaskAll(x.Context)
		if err != nil {
			return credentialExit(err)
		}
		v.Run.Inputs = mask.JSON(v.Run.Inputs) // what systems answered was masked when it came, what people wrote was not
		for i := range v.Entries {
			v.Entries[i].Text = mask.Text(v.Entries[i].Text)
		}
		made, err := c.bench(x).Record(x.Context, v, x.Bool("definition"))
		if errors.Is(err, golden.ErrUnderWay) {
			return &Exit{Code: ExitNotFound, Message: "run " + run + " cannot be recorded: " + err.Error()}
		}
		if err != nil {
			return journalExit(&journal.DamageError{Run: run, Reason: err.Error()}, run)
		}
		document := []byte(mask.Text(string(made)))
		file := x.String("file")
		if file == "" {
			_, err := c.Stdout.Write(document)
			return err
		}
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			return &Exit{Code: ExitNotFound, Message: file + " exists already, and is left as it is", Hint: "name another file"}
		}
		if err != nil {
			return usage("%v", err)
		}
		if _, err := f.Write(document); err != nil {
			return errors.Join(err, f.Close())
		}
		return f.Close()
	})
}
