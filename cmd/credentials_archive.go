package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/library"
	"errand/engine/task"
)

type credentialsEscrow struct {
	homeFlags
	recipient string
}

func (c *credentialsEscrow) describe() *cli.Command {
	return &cli.Command{
		Name:        "escrow",
		Usage:       "write a copy of the store's key, for the day when it is lost",
		Description: "errand credentials escrow --recipient age1… > errand-escrow.age",
		Flags:       c.homeFlags.with(recipientFlag(&c.recipient)),
	}
}

func (c *credentialsEscrow) run(ctx context.Context, a arguments) error {
	said := "the escrow opens the store as it is; keep it where the store is not"
	return c.writeArchive(ctx, a, c.recipient, said, func(s *credential.Store, w io.Writer, to credential.Recipient) error {
		return s.Escrow(ctx, w, to)
	})
}

type credentialsExport struct {
	homeFlags
	recipient string
}

func (c *credentialsExport) describe() *cli.Command {
	return &cli.Command{
		Name:        "export",
		Usage:       "write all credentials, encrypted for somebody",
		Description: "errand credentials export --recipient age1… > credentials.age",
		Flags:       c.homeFlags.with(recipientFlag(&c.recipient)),
	}
}

func (c *credentialsExport) run(ctx context.Context, a arguments) error {
	return c.writeArchive(ctx, a, c.recipient, "the export holds every credential", func(s *credential.Store, w io.Writer, to credential.Recipient) error {
		return s.Export(ctx, w, to)
	})
}

func recipientFlag(to *string) cli.Flag {
	return &cli.StringFlag{Name: "recipient", Usage: "encrypt it for `age1…`, as age-keygen prints it; a passphrase is asked for where unsaid", Destination: to}
}

// writeArchive writes an encrypted file to standard output.
func (h *homeFlags) writeArchive(ctx context.Context, a arguments, recipient, said string, write func(*credential.Store, io.Writer, credential.Recipient) error) error {
	to := credential.Recipient{Age: recipient}
	if to.Age == "" {
		if !h.asks() {
			return &Exit{Code: ExitUsage, Message: "say for whom it is encrypted", Hint: "--recipient age1…, the public half of what age-keygen makes"}
		}
		passphrase, err := h.askPassphrase(ctx, credential.Question{New: true, Home: "the file"})
		if err != nil {
			return err
		}
		to.Passphrase = passphrase
	}
	if isTerminal(h.stdout) {
		return usage("the file is not for a terminal; send it to one: > FILE")
	}
	return h.withStore(a, said, func(s *credential.Store) error {
		var b bytes.Buffer
		if err := write(s, &b, to); err != nil {
			return err
		}
		_, err := h.stdout.Write(b.Bytes())
		return err
	})
}

type credentialsRecover struct {
	homeFlags
	to       lockFlags
	identity string
}

func (c *credentialsRecover) describe() *cli.Command {
	return &cli.Command{
		Name:        "recover",
		Usage:       "open the store with an escrow, and lock it with another key",
		ArgsUsage:   "FILE",
		Description: "errand credentials recover errand-escrow.age --identity key.txt --to-key-file ~/.config/errand/key",
		Flags:       c.homeFlags.with(append(c.to.flags(), identityFlag(&c.identity))...),
	}
}

func (c *credentialsRecover) run(ctx context.Context, a arguments) error {
	to, err := c.to.source(c.terminal)
	if err != nil {
		return err
	}
	return c.readArchive(a, c.identity, func(s *credential.Store, r io.Reader, from credential.Identity) error {
		if err := s.Recover(ctx, r, from, to); err != nil {
			return err
		}
		fmt.Fprintln(c.stderr, "the store is locked with", to.Name())
		return nil
	})
}

type credentialsImport struct {
	homeFlags
	identity string
	replace  bool
}

func (c *credentialsImport) describe() *cli.Command {
	return &cli.Command{
		Name:        "import",
		Usage:       "store what an export holds: all of it, or nothing",
		ArgsUsage:   "FILE",
		Description: "errand credentials import credentials.age --identity key.txt",
		Flags: c.homeFlags.with(
			identityFlag(&c.identity),
			&cli.BoolFlag{Name: "replace", Usage: "also where a credential has the name already", Destination: &c.replace},
		),
	}
}

func (c *credentialsImport) run(ctx context.Context, a arguments) error {
	return c.readArchive(a, c.identity, func(s *credential.Store, r io.Reader, from credential.Identity) error {
		stored, err := s.Import(ctx, r, from, c.connectors.registry().Connectors(), c.replace)
		for _, e := range stored {
			fmt.Fprintf(c.stderr, "credential %s of %s was stored\n", e.Name, e.Connector)
		}
		return err
	})
}

func identityFlag(to *string) cli.Flag {
	return &cli.StringFlag{Name: "identity", Usage: "the `FILE` of the age identity that it was encrypted for; a passphrase is asked for where unsaid", Destination: to}
}

// readArchive opens the encrypted file that the arguments name, with an identity or a passphrase.
func (h *homeFlags) readArchive(a arguments, identity string, do func(*credential.Store, io.Reader, credential.Identity) error) error {
	file, err := a.one("the file")
	if err != nil {
		return err
	}
	var from credential.Identity
	if identity != "" {
		text, err := library.ReadFile(identity, maxValues)
		if err != nil {
			return definitionExit(err)
		}
		from.Age = task.NewSecret(strings.TrimSpace(string(text)))
	} else if h.asks() {
		if from.Passphrase, err = h.askSecret("passphrase of " + file); err != nil {
			return err
		}
	} else {
		return &Exit{Code: ExitUsage, Message: "say what it is opened with", Hint: "--identity FILE, the file that age-keygen made"}
	}
	archive, err := os.Open(file)
	if err != nil {
		return &Exit{Code: ExitNotFound, Message: err.Error()}
	}
	defer func() { _ = archive.Close() }() // it was only read
	s, err := h.store(true)
	if err != nil {
		return err
	}
	return credentialExit(do(s, archive, from))
}
