package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/task"
)

func (c *Command) credentialsRotateCommand() *cli.Command {
	return &cli.Command{
		Name:        "rotate",
		Usage:       "take a new data key, and encrypt every value again",
		Description: "errand credentials rotate",
		Action: func(x *cli.Context) error {
			return c.withStore(x, "every value was encrypted again; earlier escrows open nothing that comes after", func(s *credential.Store) error { return s.Rotate(x.Context) })
		},
	}
}

func (c *Command) credentialsRewrapCommand() *cli.Command {
	return &cli.Command{
		Name:        "rewrap",
		Usage:       "lock the store with another key",
		Description: "errand credentials rewrap --to-key-file ~/.config/errand/new-key\nerrand credentials rewrap --to-keyring\nerrand credentials rewrap --to-passphrase",
		Flags:       toFlags(),
		Action: func(x *cli.Context) error {
			to, err := c.target(x)
			if err != nil {
				return err
			}
			return c.withStore(x, "the store is locked with "+to.Name(), func(s *credential.Store) error { return s.Rewrap(x.Context, to) })
		},
	}
}

// toFlags say with what the store is to be locked from now on.
func toFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "to-key-file", Usage: "the key in `FILE`, which is made where it is not there"},
		&cli.StringFlag{Name: "to-key-command", Usage: "the key that `COMMAND` prints"},
		&cli.BoolFlag{Name: "to-keyring", Usage: "a key in the desktop's keyring"},
		&cli.BoolFlag{Name: "to-passphrase", Usage: "a passphrase"},
	}
}

func (c *Command) target(x *cli.Context) (credential.Source, error) {
	var to []credential.Source
	if file := x.String("to-key-file"); file != "" {
		to = append(to, credential.File{Path: file})
	}
	if argv, err := keyCommand(x, "to-key-command"); err != nil {
		return nil, err
	} else if argv != nil {
		to = append(to, credential.Command{Argv: argv})
	}
	if x.Bool("to-keyring") {
		to = append(to, credential.Keyring{})
	}
	if x.Bool("to-passphrase") {
		if !c.asks() {
			return nil, usage("nobody can be asked for a passphrase: standard input is no terminal")
		}
		to = append(to, credential.Passphrase{Ask: c.askPassphrase})
	}
	if len(to) != 1 {
		return nil, &Exit{Code: ExitUsage, Message: "say with what the store is to be locked", Hint: "one of --to-key-file, --to-key-command, --to-keyring, --to-passphrase"}
	}
	return to[0], nil
}

func (c *Command) credentialsEscrowCommand() *cli.Command {
	return &cli.Command{
		Name:        "escrow",
		Usage:       "write a copy of the store's key, for the day when it is lost",
		Description: "errand credentials escrow --recipient age1… > errand-escrow.age",
		Flags:       []cli.Flag{recipientFlag()},
		Action: func(x *cli.Context) error {
			return c.toRecipient(x, "the escrow opens the store as it is; keep it where the store is not", func(s *credential.Store, w io.Writer, to credential.Recipient) error {
				return s.Escrow(x.Context, w, to)
			})
		},
	}
}

func (c *Command) credentialsExportCommand() *cli.Command {
	return &cli.Command{
		Name:        "export",
		Usage:       "write all credentials, encrypted for somebody",
		Description: "errand credentials export --recipient age1… > credentials.age",
		Flags:       []cli.Flag{recipientFlag()},
		Action: func(x *cli.Context) error {
			return c.toRecipient(x, "the export holds every credential", func(s *credential.Store, w io.Writer, to credential.Recipient) error {
				return s.Export(x.Context, w, to)
			})
		},
	}
}

func recipientFlag() cli.Flag {
	return &cli.StringFlag{Name: "recipient", Usage: "encrypt it for `age1…`, as age-keygen prints it; a passphrase is asked for where unsaid"}
}

// toRecipient writes an encrypted file to standard output.
func (c *Command) toRecipient(x *cli.Context, said string, write func(*credential.Store, io.Writer, credential.Recipient) error) error {
	to := credential.Recipient{Age: x.String("recipient")}
	if to.Age == "" {
		if !c.asks() {
			return &Exit{Code: ExitUsage, Message: "say for whom it is encrypted", Hint: "--recipient age1…, the public half of what age-keygen makes"}
		}
		passphrase, err := c.askPassphrase(x.Context, credential.Question{New: true, Home: "the file"})
		if err != nil {
			return err
		}
		to.Passphrase = passphrase
	}
	if isTerminal(c.Stdout) {
		return usage("the file is not for a terminal; send it to one: > FILE")
	}
	return c.withStore(x, said, func(s *credential.Store) error {
		var b bytes.Buffer
		if err := write(s, &b, to); err != nil {
			return err
		}
		_, err := c.Stdout.Write(b.Bytes())
		return err
	})
}

func (c *Command) credentialsRecoverCommand() *cli.Command {
	return &cli.Command{
		Name:        "recover",
		Usage:       "open the store with an escrow, and lock it with another key",
		ArgsUsage:   "FILE",
		Description: "errand credentials recover errand-escrow.age --identity key.txt --to-key-file ~/.config/errand/key",
		Flags:       append(toFlags(), identityFlag()),
		Action: func(x *cli.Context) error {
			to, err := c.target(x)
			if err != nil {
				return err
			}
			return c.fromArchive(x, func(s *credential.Store, r io.Reader, from credential.Identity) error {
				if err := s.Recover(x.Context, r, from, to); err != nil {
					return err
				}
				fmt.Fprintln(c.Stderr, "the store is locked with", to.Name())
				return nil
			})
		},
	}
}

func (c *Command) credentialsImportCommand() *cli.Command {
	return &cli.Command{
		Name:        "import",
		Usage:       "store what an export holds: all of it, or nothing",
		ArgsUsage:   "FILE",
		Description: "errand credentials import credentials.age --identity key.txt",
		Flags: []cli.Flag{
			identityFlag(),
			&cli.BoolFlag{Name: "replace", Usage: "also where a credential has the name already"},
		},
		Action: func(x *cli.Context) error {
			return c.fromArchive(x, func(s *credential.Store, r io.Reader, from credential.Identity) error {
				stored, err := s.Import(x.Context, r, from, c.registry().Connectors(), x.Bool("replace"))
				for _, e := range stored {
					fmt.Fprintf(c.Stderr, "credential %s of %s was stored\n", e.Name, e.Connector)
				}
				return err
			})
		},
	}
}

func identityFlag() cli.Flag {
	return &cli.StringFlag{Name: "identity", Usage: "the `FILE` of the age identity that it was encrypted for; a passphrase is asked for where unsaid"}
}

// fromArchive reads the file that is named, with the identity that is.
func (c *Command) fromArchive(x *cli.Context, do func(*credential.Store, io.Reader, credential.Identity) error) error {
	file, err := oneName(x, "the file")
	if err != nil {
		return err
	}
	var from credential.Identity
	if identity := x.String("identity"); identity != "" {
		text, err := readFile(identity, maxValues)
		if err != nil {
			return err
		}
		from.Age = task.NewSecret(strings.TrimSpace(string(text)))
	} else if c.asks() {
		if from.Passphrase, err = c.askSecret("passphrase of " + file); err != nil {
			return err
		}
	} else {
		return &Exit{Code: ExitUsage, Message: "say what it is opened with", Hint: "--identity FILE, the file that age-keygen made"}
	}
	archive, err := os.Open(file)
	if err != nil {
		return &Exit{Code: ExitNotFound, Message: err.Error()}
	}
	defer func() { _ = archive.Close() }()
	s, err := c.store(x, true)
	if err != nil {
		return err
	}
	return credentialExit(do(s, archive, from))
}

// withStore does something to the whole store.
func (c *Command) withStore(x *cli.Context, said string, do func(*credential.Store) error) error {
	if x.NArg() > 0 {
		return usage("it is done to the whole store; no name is wanted")
	}
	s, err := c.store(x, false)
	if err != nil {
		return err
	}
	if err := do(s); err != nil {
		return credentialExit(err)
	}
	fmt.Fprintln(c.Stderr, said)
	return nil
}
