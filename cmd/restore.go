package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/home"
)

type restoreCommand struct{ homeFlags }

func (c *restoreCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "restore",
		Usage:       "put a backup into a home without runs; the home counts as a copy, and starts nothing by itself",
		ArgsUsage:   "FILE",
		Description: "errand restore /backup/errand-monday.tar\nerrand restore errand-monday.tar --home /var/lib/errand",
		Flags:       c.homeFlags.with(),
	}
}

func (c *restoreCommand) run(ctx context.Context, a arguments) error {
	file, err := a.one("the backup to restore")
	if err != nil {
		return err
	}
	at, err := c.home()
	if err != nil {
		return err
	}
	m, err := at.Restore(ctx, file)
	if err != nil {
		return restoreExit(err, file)
	}
	fmt.Fprintf(c.stderr, "%s is restored to the state of %s\n", at.Folder, shortTime(m.Made))
	if err := c.noteUnopened(ctx, at); err != nil {
		return err
	}
	return c.use(ctx, a.command, func(*opened) error { return nil }) // it prints that the home is a copy
}

// noteUnopened names the credentials that cannot be opened.
func (c *restoreCommand) noteUnopened(ctx context.Context, at *home.Home) error {
	closed, why, err := at.Credentials.Unopened(ctx)
	if err != nil {
		return credentialExit(err)
	}
	for _, e := range closed {
		fmt.Fprintf(c.stderr, "the credential %s %s cannot be opened\n", e.Connector, e.Name)
	}
	if exit, ok := errors.AsType[*Exit](credentialExit(why)); ok && len(closed) > 0 {
		fmt.Fprintf(c.stderr, "  hint: %s\n", diag.Printable(exit.Message))
	}
	return nil
}

// restoreExit converts an error of a restore to an Exit.
func restoreExit(err error, file string) error {
	const unchanged = "nothing was changed"
	if full, ok := errors.AsType[*home.NotEmptyError](err); ok {
		return &Exit{Code: ExitNotFound, Message: full.Error() + "; a restore overwrites nothing", Hint: "name a new folder with --home"}
	}
	if bad, ok := errors.AsType[*home.BackupError](err); ok {
		return &Exit{Code: ExitConfiguration, Message: diag.Printable(bad.Error()), Hint: unchanged}
	}
	if trouble, ok := errors.AsType[*engine.Trouble](err); ok {
		return runExit(trouble, "")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no file %q", file), Hint: unchanged}
	}
	return &Exit{Code: ExitConfiguration, Message: "cannot restore: " + err.Error(), Hint: unchanged}
}
