package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/golden"
	"errand/engine/home"
)

type runsRecord struct {
	homeFlags
	file       string
	definition bool
}

func (c *runsRecord) describe() *cli.Command {
	return &cli.Command{
		Name:        "record",
		Usage:       "make a test case from a run",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs record 100-291 > my-workflow/refused.txtar\nerrand runs record kq3vzt5mwxa2hd7c --file refused.txtar --definition",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "file", Usage: "write the case to a new `FILE` instead of standard output", Destination: &c.file},
			&cli.BoolFlag{Name: "definition", Usage: "include the definition of the run in the case", Destination: &c.definition},
		),
	}
}

func (c *runsRecord) run(ctx context.Context, a arguments) error {
	at, err := c.home()
	if err != nil {
		return err
	}
	return c.withOnlyRun(ctx, a, func(o *opened, run string) error {
		record, err := o.Record(ctx, run)
		if err != nil {
			return runExit(err, run)
		}
		document, err := c.testOf(ctx, at, record, c.definition)
		if errors.Is(err, golden.ErrUnderWay) {
			return &Exit{Code: ExitNotFound, Message: "cannot record run " + run + ": " + err.Error()}
		}
		if err != nil {
			return err
		}
		file := c.file
		if file == "" {
			return c.document(document)
		}
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			return &Exit{Code: ExitNotFound, Message: file + " already exists; nothing was written", Hint: "name another file"}
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

// testOf makes a test case of what a run went through, without secrets. The error is golden.ErrUnderWay
// if the run has not ended.
func (h *homeFlags) testOf(ctx context.Context, at *home.Home, record engine.Record, withDefinition bool) ([]byte, error) {
	mask, err := at.Mask(ctx)
	if err != nil {
		return nil, credentialExit(err)
	}
	record.Inputs = mask.JSON(record.Inputs) // outputs are masked already, inputs are not
	for _, m := range record.Moments {
		if m.Decision != nil {
			m.Decision.Comment = mask.Text(m.Decision.Comment)
		}
	}
	made, err := h.connectors.bench(definitions{}).Record(ctx, record, withDefinition)
	if errors.Is(err, golden.ErrUnderWay) {
		return nil, err
	}
	if err != nil {
		return nil, runExit(&engine.Trouble{Code: engine.TroubleDamaged, Run: record.Run, Err: fmt.Errorf("the record of run %s cannot be read: %w", record.Run, err)}, record.Run)
	}
	return []byte(mask.Text(string(made))), nil
}
