package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/home"
	"errand/engine/task"
)

// homeFlags choose the home and the source of the key of its credentials. The key itself is never
// in a flag or a variable.
type homeFlags struct {
	*terminal
	connectors connectors
	self       string     // see Command.Self
	runner     home.Maker // see Command.Runner
	further    []Flag     // see Edition.Flags

	reads       bool // the command fills no home, so a flag must not name one that does not exist
	needsNoRuns bool // the command is only about what a service keeps on this machine
	aboutCopies bool // the command is about homes that are copies, so that no note of that is needed
	folder      string
	keyFile     string
	keyCommand  string
}

// with returns the flags of a command, followed by the flags of the home.
func (h *homeFlags) with(flags ...cli.Flag) []cli.Flag {
	flags = append(flags, h.folderFlag(),
		&cli.StringFlag{
			Name: "key-file", Usage: "read the store's key from `FILE`, which nobody else may read", EnvVars: []string{"ERRAND_KEY_FILE"},
			Destination: &h.keyFile,
		},
		&cli.StringFlag{
			Name: "key-command", Usage: "take the store's key from the output of `COMMAND`, for example one that asks a vault", EnvVars: []string{"ERRAND_KEY_COMMAND"},
			Destination: &h.keyCommand,
		},
	)
	return append(flags, cliFlags(h.further)...)
}

func (h *homeFlags) folderFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "home", Usage: "keep runs and credentials in `DIR`; defaults to $XDG_STATE_HOME/errand", EnvVars: []string{"ERRAND_HOME"},
		Destination: &h.folder,
	}
}

// chosen returns the folder that a flag names, or the default one.
func (h *homeFlags) chosen() (string, error) {
	if h.folder != "" {
		return filepath.Abs(h.folder)
	}
	return home.DefaultFolder(h.getenv)
}

// path returns the folder of the home. A home that a flag names must exist if the command
// does not fill it; a missing default home is an empty one.
func (h *homeFlags) path() (string, error) {
	folder, err := h.chosen()
	if err != nil {
		return "", &Exit{Code: ExitConfiguration, Message: "cannot find a folder for runs: " + err.Error(), Hint: "name one with --home DIR or with ERRAND_HOME"}
	}
	found, err := os.Stat(folder)
	switch {
	case err == nil && !found.IsDir():
		return "", &Exit{Code: ExitConfiguration, Message: "the home " + folder + " is a file, not a folder", Hint: "name a folder with --home DIR or with ERRAND_HOME"}
	case errors.Is(err, fs.ErrNotExist) && h.reads && h.folder != "" && h.folder != h.getenv("ERRAND_HOME"):
		return "", &Exit{Code: ExitNotFound, Message: "there is no home " + folder, Hint: "name a home that exists, or leave out --home"}
	}
	return folder, nil
}

// home returns the home that the flags name.
func (h *homeFlags) home() (*home.Home, error) {
	folder, err := h.path()
	if err != nil {
		return nil, err
	}
	places := credential.Places{Getenv: h.getenv, File: h.keyFile}
	if places.Command, err = splitKeyCommand("key-command", h.keyCommand); err != nil {
		return nil, err
	}
	if h.asks() {
		places.Ask = h.askPassphrase
	}
	at := &home.Home{Folder: folder, Credentials: home.OpenCredentials(folder, places), Connectors: h.connectors, Runner: h.runner}
	if h.needsNoRuns && h.vocabulary != nil { // the runs are on another machine, which need not be reached
		at.Runner = home.JournalOnly
	}
	return at, nil
}

// store returns the credential store of the home. If mayMake is set, it may create its first key.
func (h *homeFlags) store(mayMake bool) (*credential.Store, error) {
	at, err := h.home()
	if err != nil {
		return nil, err
	}
	s := at.Credentials
	if mayMake {
		file := h.keyFile
		if file == "" {
			file = credential.DefaultFile(h.getenv)
		}
		if file != "" {
			s.Create = credential.File{Path: file}
		}
		s.OnKeyMade = func(place string) {
			fmt.Fprintf(h.stderr, "a key for the store was made: %s\n  hint: %s\n", place,
				h.atHome("keep a copy in another place, or an escrow (errand credentials escrow); without the key, the credentials are lost"))
		}
	}
	return s, nil
}

// splitKeyCommand splits the value of a flag that contains a command line. It returns nil if the
// flag is not set.
func splitKeyCommand(flag, command string) ([]string, error) {
	if command == "" {
		return nil, nil
	}
	argv, err := credential.SplitCommand(command)
	if err != nil {
		return nil, usage("--%s %s: %v", flag, command, err)
	}
	return argv, nil
}

// registry returns the task types for real systems, with the credentials of the home.
func (h *homeFlags) registry() (*task.Registry, error) {
	at, err := h.home()
	if err != nil {
		return nil, err
	}
	return at.Registry(), nil
}

// An opened is an open home with a terminal that shows its runs.
type opened struct {
	*home.Opened
	*terminal
	self string
	keys []string // the flags for the key of the credentials, for another process
}

// open opens the home. by is the command that works on its runs.
func (h *homeFlags) open(ctx context.Context, by string, registry *task.Registry) (*opened, error) {
	at, err := h.home()
	if err != nil {
		return nil, err
	}
	open, err := at.Open(ctx, fmt.Sprintf("%s, process %d", by, os.Getpid()), registry)
	if err != nil {
		return nil, runExit(err, "")
	}
	o := &opened{Opened: open, terminal: h.terminal, self: h.self}
	if !h.aboutCopies {
		if err := o.noteCopy(ctx); err != nil {
			o.close()
			return nil, err
		}
	}
	if h.keyFile != "" {
		o.keys = append(o.keys, "--key-file", h.keyFile)
	}
	if h.keyCommand != "" {
		o.keys = append(o.keys, "--key-command", h.keyCommand)
	}
	return o, nil
}

// close closes the home and releases its runs. The end of the process releases them too.
func (o *opened) close() { _ = o.Close() }

// use opens the home, calls a function and closes the home.
func (h *homeFlags) use(ctx context.Context, by string, do func(o *opened) error) error {
	registry, err := h.registry()
	if err != nil {
		return err
	}
	o, err := h.open(ctx, by, registry)
	if err != nil {
		return err
	}
	defer o.close()
	return do(o)
}
