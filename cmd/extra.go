package cmd

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/home"
)

// An Extra is a command that an Edition adds. It also has the flags of the home and those of the
// edition.
type Extra struct {
	Name      string
	Usage     string // what it does, in a few words
	Arguments string // the names that it takes, such as "[RUN]"; "" if it takes none
	Examples  string // one a line, each a command line
	Flags     []Flag
	Logs      bool // it writes a log, and has the flags of one

	// Run carries the command out. ctx ends with the first interrupt, or when the process is asked to
	// end; the next one ends the process at once. An error that is no *Exit is worded as one of the
	// runner.
	Run func(ctx context.Context, u *Use) error
}

// A Use is one use of an Extra.
type Use struct {
	Command        string   // such as "errand-worker promote"
	Names          []string // what follows the flags
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Home           *home.Home
	Log            *slog.Logger // nil unless Extra.Logs

	flags *homeFlags
}

// Open opens the home with the runner of the program and the credentials of the home. Close it after use.
func (u *Use) Open(ctx context.Context) (*home.Opened, error) {
	o, err := u.flags.open(ctx, u.Command, u.Home.Registry())
	if err != nil {
		return nil, err
	}
	return o.Opened, nil
}

// OpenJournal opens the home without its runs, which need not be reached. Close it after use.
func (u *Use) OpenJournal(ctx context.Context) (*home.Opened, error) {
	kept := *u.flags
	kept.needsNoRuns = true
	o, err := kept.open(ctx, u.Command, u.Home.Registry())
	if err != nil {
		return nil, err
	}
	return o.Opened, nil
}

// Store returns the credentials of the home, for a command that may make the first key of the store.
func (u *Use) Store() (*credential.Store, error) { return u.flags.store(true) }

// extraCommand is the command of an Extra.
type extraCommand struct {
	homeFlags
	extra Extra
	log   logFlags
}

func (c *extraCommand) describe() *cli.Command {
	flags := cliFlags(c.extra.Flags)
	if c.extra.Logs {
		flags = append(flags, c.log.flags()...)
	}
	return &cli.Command{
		Name: c.extra.Name, Usage: c.extra.Usage, ArgsUsage: c.extra.Arguments, Description: c.extra.Examples, Flags: c.homeFlags.with(flags...),
	}
}

func (c *extraCommand) run(ctx context.Context, a arguments) error {
	if c.extra.Arguments == "" {
		if err := a.none(""); err != nil {
			return err
		}
	}
	at, err := c.home()
	if err != nil {
		return err
	}
	u := &Use{Command: a.command, Names: a.names, Stdout: c.stdout, Stderr: c.stderr, Getenv: c.getenv, Home: at, flags: &c.homeFlags}
	if c.extra.Logs {
		if u.Log, err = c.homeFlags.log(ctx, &c.log); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on a signal has its usual effect
	if err := c.extra.Run(ctx, u); err != nil {
		return runExit(err, "")
	}
	return nil
}

// Usagef returns the error for a wrong command line of an Extra.
func Usagef(format string, args ...any) error { return usage(format, args...) }
