package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

type backupCommand struct{ homeFlags }

func (c *backupCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "backup",
		Usage:       "write a consistent copy of the home to a new file: its runs and its credentials, not their key",
		ArgsUsage:   "FILE",
		Description: "errand backup /backup/errand-monday.tar",
		Flags:       c.homeFlags.with(),
	}
}

func (c *backupCommand) run(ctx context.Context, a arguments) error {
	file, err := a.one("the file to write")
	if err != nil {
		return err
	}
	return c.use(ctx, a.command, func(o *opened) error {
		if err := o.Backup(ctx, file); err != nil {
			return backupExit(err, file)
		}
		fmt.Fprintf(c.stderr, "%s holds the runs and the credentials of %s\n  hint: the key of the credentials is not in it; keep a copy of the key, or an escrow, in another place\n", file, o.Folder)
		return nil
	})
}

// backupExit converts an error of a backup to an Exit.
func backupExit(err error, file string) error {
	if trouble, ok := errors.AsType[*engine.Trouble](err); ok {
		return runExit(trouble, "")
	}
	if errors.Is(err, fs.ErrExist) {
		return &Exit{Code: ExitNotFound, Message: file + " exists already; a backup overwrites nothing", Hint: "name a new file"}
	}
	return &Exit{Code: ExitConfiguration, Message: "cannot write the backup: " + err.Error(), Hint: "the file was not written"}
}
