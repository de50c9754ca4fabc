package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/task"
)

// A home is the folder of the runs and of the credentials. Flags say where it is and where the key of
// the credentials comes from; a key itself is never in a flag or a variable.
type home struct {
	*terminal
	connectors connectors
	self       string                                // see Command.Self
	wrap       func(journal.Journal) journal.Journal // see Command.Wrap

	folder     string
	keyFile    string
	keyCommand string
}

// with returns a command's own flags, followed by those of the home.
func (h *home) with(flags ...cli.Flag) []cli.Flag {
	return append(flags, h.folderFlag(),
		&cli.StringFlag{
			Name: "key-file", Usage: "the store's key is in `FILE`, which nobody else may read", EnvVars: []string{"ERRAND_KEY_FILE"},
			Destination: &h.keyFile,
		},
		&cli.StringFlag{
			Name: "key-command", Usage: "the store's key is printed by `COMMAND`, such as one that asks a vault", EnvVars: []string{"ERRAND_KEY_COMMAND"},
			Destination: &h.keyCommand,
		},
	)
}

func (h *home) folderFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "home", Usage: "keep runs in `DIR`; $XDG_STATE_HOME/errand where unsaid", EnvVars: []string{"ERRAND_HOME"},
		Destination: &h.folder,
	}
}

// path returns the folder.
func (h *home) path() (string, error) {
	if h.folder != "" {
		return filepath.Abs(h.folder)
	}
	if state := h.getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "errand"), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", &Exit{Code: ExitConfiguration, Message: "there is no folder to keep runs in: " + err.Error(), Hint: "name one with --home DIR or ERRAND_HOME"}
	}
	return filepath.Join(user, ".local", "state", "errand"), nil
}

// store returns the credential store of the home. mayMake says that its first key may be made.
func (h *home) store(mayMake bool) (*credential.Store, error) {
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
	s := &credential.Store{Home: folder, Keys: places.Sources()}
	if mayMake {
		file := h.keyFile
		if file == "" {
			file = credential.DefaultFile(h.getenv)
		}
		if file != "" {
			s.Create = credential.File{Path: file}
		}
		s.OnKeyMade = func(place string) {
			fmt.Fprintf(h.stderr, "a key for the store was made: %s\n  hint: keep a copy elsewhere, or an escrow (errand credentials escrow): without it what is stored is lost\n", place)
		}
	}
	return s, nil
}

// splitKeyCommand splits the value of a flag that holds a command which prints a key. It returns nil
// if the flag is not set.
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

// registry returns the task types of the world outside, with the credentials of the home.
func (h *home) registry() (*task.Registry, error) {
	s, err := h.store(false)
	if err != nil {
		return nil, err
	}
	return h.connectors.over(s), nil
}

// A desk is an open home with a runner for its runs.
type desk struct {
	*local.Runner
	*terminal
	home  string
	self  string
	keys  []string // the flags for the key of the credentials, for another process
	store io.Closer
}

// open opens the runs of the home. by is the command that works on them.
func (h *home) open(ctx context.Context, by string, registry *task.Registry) (*desk, error) {
	folder, err := h.path()
	if err != nil {
		return nil, err
	}
	store, err := journal.Open(ctx, folder)
	if err != nil {
		return nil, journalExit(err, "")
	}
	d := &desk{terminal: h.terminal, home: folder, self: h.self, store: store, Runner: &local.Runner{
		Journal: store, Registry: registry, About: fmt.Sprintf("%s, process %d", by, os.Getpid()),
	}}
	if h.keyFile != "" {
		d.keys = append(d.keys, "--key-file", h.keyFile)
	}
	if h.keyCommand != "" {
		d.keys = append(d.keys, "--key-command", h.keyCommand)
	}
	if h.wrap != nil {
		d.Journal = h.wrap(store)
	}
	return d, nil
}

func (d *desk) close() {
	_ = d.Runner.Close() // what it holds is released when the process ends at the latest
	_ = d.store.Close()
}

// use opens the runs of the home for the time of a function.
func (h *home) use(ctx context.Context, by string, do func(d *desk) error) error {
	registry, err := h.registry()
	if err != nil {
		return err
	}
	d, err := h.open(ctx, by, registry)
	if err != nil {
		return err
	}
	defer d.close()
	return do(d)
}

// journalExit says what is wrong with the journal, or with what was asked of it, and what to do. run
// may be empty.
func journalExit(err error, run string) error {
	goOn := "what was on record is not lost"
	if run != "" {
		goOn += "; errand runs resume " + run + " goes on with the run"
	}
	if exit, ok := errors.AsType[*Exit](err); ok {
		return exit
	}
	if newer, ok := errors.AsType[*journal.VersionError](err); ok {
		return &Exit{Code: ExitConfiguration, Message: newer.Error(), Hint: "use that errand, or another --home; nothing was changed"}
	}
	if held, ok := errors.AsType[*local.HeldError](err); ok {
		return &Exit{Code: ExitLocked, Message: held.Error(), Hint: "errand runs show " + held.Run + " tells how far it is"}
	}
	if conflict, ok := errors.AsType[*local.ConflictError](err); ok {
		return &Exit{Code: ExitNotFound, Message: conflict.Error(), Hint: "errand runs show " + conflict.Run + " tells about it; --again asks for another run all the same"}
	}
	if refused, ok := errors.AsType[*local.RefusedError](err); ok {
		return &Exit{Code: ExitNotFound, Message: refused.Reason, Hint: refused.Hint}
	}
	if errors.Is(err, journal.ErrNotFound) {
		return &Exit{Code: ExitNotFound, Message: "there is no such run", Hint: "errand runs list shows the runs"}
	}
	if errors.Is(err, journal.ErrMoved) {
		return &Exit{Code: ExitLocked, Message: "somebody else changed the run at the same time", Hint: "try again"}
	}
	if damage, ok := errors.AsType[*journal.DamageError](err); ok {
		return &Exit{Code: ExitInternal, Message: damage.Error(), Hint: "other runs are not affected"}
	}
	if errors.Is(err, journal.ErrGone) {
		return &Exit{Code: ExitInternal, Message: journal.ErrGone.Error(), Hint: "nothing more is done; what was on record is where the folder is now, if anywhere"}
	}
	if store, ok := errors.AsType[*journal.StoreError](err); ok {
		code := ExitConfiguration
		if store.Locked {
			code = ExitLocked
		}
		return &Exit{Code: code, Message: store.Error(), Hint: goOn}
	}
	return &Exit{Code: ExitInternal, Message: err.Error(), Hint: goOn}
}
