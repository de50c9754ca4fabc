package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/task"
)

func (c *Command) homeFlag() cli.Flag {
	return &cli.StringFlag{Name: "home", Usage: "keep runs in `DIR`; $XDG_STATE_HOME/errand where unsaid", EnvVars: []string{"ERRAND_HOME"}}
}

// home is the folder that runs are kept in.
func (c *Command) home(x *cli.Context) (string, error) {
	if home := x.String("home"); home != "" {
		return filepath.Abs(home)
	}
	if state := c.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "errand"), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", &Exit{Code: ExitConfiguration, Message: "there is no folder to keep runs in: " + err.Error(), Hint: "name one with --home DIR or ERRAND_HOME"}
	}
	return filepath.Join(user, ".local", "state", "errand"), nil
}

// A desk is where runs are kept, open, with a runner for them.
type desk struct {
	*local.Runner
	home  string
	keys  []string // the flags that say where the credentials' key comes from, for another process
	store io.Closer
}

// open opens the runs' home. The runner has no watcher yet.
func (c *Command) open(x *cli.Context, registry *task.Registry) (*desk, error) {
	home, err := c.home(x)
	if err != nil {
		return nil, err
	}
	store, err := journal.Open(x.Context, home)
	if err != nil {
		return nil, journalExit(err, "")
	}
	d := &desk{home: home, store: store, Runner: &local.Runner{
		Journal: store, Registry: registry, About: fmt.Sprintf("errand %s, process %d", commandPath(x), os.Getpid()),
	}}
	for _, flag := range []string{"key-file", "key-command"} {
		if value := x.String(flag); value != "" {
			d.keys = append(d.keys, "--"+flag, value)
		}
	}
	if c.Wrap != nil {
		d.Journal = c.Wrap(store)
	}
	return d, nil
}

func commandPath(x *cli.Context) string {
	path := x.Command.Name
	for _, above := range x.Lineage()[1:] {
		if above.Command != nil && above.Command.Name != "" && above.Command.Name != "errand" {
			path = above.Command.Name + " " + path
		}
	}
	return path
}

func (d *desk) close() {
	_ = d.Runner.Close() // what it held is given up when the process ends at the latest
	_ = d.store.Close()
}

// find finds a run by its id, or the newest one of a service request.
func (d *desk) find(x *cli.Context, name string) (string, error) {
	_, _, err := d.Journal.Load(x.Context, name)
	if _, damaged := errors.AsType[*journal.DamageError](err); err == nil || damaged {
		return name, nil
	}
	if !errors.Is(err, journal.ErrNotFound) {
		return "", journalExit(err, "")
	}
	found, err := d.Journal.List(x.Context, journal.Query{Request: name, Limit: 1})
	if err != nil {
		return "", journalExit(err, "")
	}
	if len(found) == 0 {
		return "", &Exit{Code: ExitNotFound, Message: "there is no run " + diag.Printable(name) + ", and no run for such a request", Hint: "errand runs list shows the runs in " + d.home}
	}
	return found[0].ID, nil
}

// journalExit says what is wrong with the journal, or with what was asked of it, and what to do. run may be empty.
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

// unfinished says how to go on with a run that has not succeeded.
func unfinished(r engine.Result) string {
	switch r.Status {
	case engine.Uncertain:
		return fmt.Sprintf("errand runs show %s tells what was sent; look whether it took effect, then errand runs resolve %s %s --done|--retry|--fail", r.Run, r.Run, r.Failure.Step)
	case engine.Waiting:
		for _, s := range r.Steps {
			if s.Status == engine.StepWaiting {
				return fmt.Sprintf("errand runs approve %s %s --approve|--reject", r.Run, s.ID)
			}
		}
		return "errand runs resume " + r.Run + " goes on with it"
	case engine.Failed:
		return "errand runs retry " + r.Run + " goes on from there, and keeps what succeeded before"
	}
	return ""
}
