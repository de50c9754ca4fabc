package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/credential"
)

type credentialsRotate struct{ homeFlags }

func (c *credentialsRotate) describe() *cli.Command {
	return &cli.Command{
		Name:        "rotate",
		Usage:       "make a new data key, and encrypt every value again",
		Description: "errand credentials rotate",
		Flags:       c.homeFlags.with(),
	}
}

func (c *credentialsRotate) run(ctx context.Context, a arguments) error {
	if err := a.none("it works on the whole store"); err != nil {
		return err
	}
	by, err := c.user()
	if err != nil {
		return err
	}
	return c.use(ctx, a.command, func(o *opened) error {
		verified, err := o.Rotate(ctx, access.Entry{At: time.Now(), Person: by, Action: access.ActionRotate})
		if trouble, ok := errors.AsType[*engine.Trouble](err); ok {
			return runExit(trouble, "")
		}
		if err != nil {
			return credentialExit(err)
		}
		fmt.Fprintln(c.stderr, "every value was encrypted again; earlier escrows do not open the store any more")
		if !verified {
			fmt.Fprintf(c.stderr, "the audit log has still the seal of the earlier key, because it does not verify\n  hint: %s\n", c.atHome("errand serve audit verify says why"))
		}
		return nil
	})
}

type credentialsRewrap struct {
	homeFlags
	to lockFlags
}

func (c *credentialsRewrap) describe() *cli.Command {
	return &cli.Command{
		Name:        "rewrap",
		Usage:       "lock the store with another key",
		Description: "errand credentials rewrap --to-key-file ~/.config/errand/new-key\nerrand credentials rewrap --to-keyring\nerrand credentials rewrap --to-passphrase",
		Flags:       c.homeFlags.with(c.to.flags()...),
	}
}

func (c *credentialsRewrap) run(ctx context.Context, a arguments) error {
	to, err := c.to.source(c.terminal)
	if err != nil {
		return err
	}
	return c.withStore(a, "the store is locked with "+to.Name(), func(s *credential.Store) error { return s.Rewrap(ctx, to) })
}

// withStore calls a function with the whole credential store, and then prints a message.
func (h *homeFlags) withStore(a arguments, said string, do func(*credential.Store) error) error {
	if len(a.names) > 0 {
		return usage("`%s` takes no name, got %q: it works on the whole store", a.command, a.names[0])
	}
	s, err := h.store(false)
	if err != nil {
		return err
	}
	if err := do(s); err != nil {
		return credentialExit(err)
	}
	fmt.Fprintln(h.stderr, said)
	return nil
}

// lockFlags choose the new key of the store.
type lockFlags struct {
	keyFile    string
	keyCommand string
	keyring    bool
	passphrase bool
}

func (f *lockFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to-key-file", Usage: "lock it with the key in `FILE`, which is created if it does not exist", Destination: &f.keyFile},
		&cli.StringFlag{Name: "to-key-command", Usage: "lock it with the key that `COMMAND` prints", Destination: &f.keyCommand},
		&cli.BoolFlag{Name: "to-keyring", Usage: "lock it with a key in the desktop's keyring", Destination: &f.keyring},
		&cli.BoolFlag{Name: "to-passphrase", Usage: "lock it with a passphrase", Destination: &f.passphrase},
	}
}

// source returns the source of the new key.
func (f *lockFlags) source(t *terminal) (credential.Source, error) {
	var to []credential.Source
	if f.keyFile != "" {
		to = append(to, credential.File{Path: f.keyFile})
	}
	if argv, err := splitKeyCommand("to-key-command", f.keyCommand); err != nil {
		return nil, err
	} else if argv != nil {
		to = append(to, credential.Command{Argv: argv})
	}
	if f.keyring {
		to = append(to, credential.Keyring{})
	}
	if f.passphrase {
		if !t.asks() {
			return nil, usage("cannot ask for a passphrase: standard input is not a terminal")
		}
		to = append(to, credential.Passphrase{Ask: t.askPassphrase})
	}
	if len(to) != 1 {
		return nil, &Exit{Code: ExitUsage, Message: "expected one key to lock the store with", Hint: "one of --to-key-file, --to-key-command, --to-keyring, --to-passphrase"}
	}
	return to[0], nil
}
