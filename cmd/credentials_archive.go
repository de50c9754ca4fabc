package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/library"
	"errand/engine/plainfile"
	"errand/engine/task"
)

type credentialsEscrow struct {
	homeFlags
	recipient string
}

func (c *credentialsEscrow) describe() *cli.Command {
	return &cli.Command{
		Name:        "escrow",
		Usage:       "write an encrypted copy of the store's key, in case the key is lost",
		Description: "errand credentials escrow --recipient $(age-keygen -y key.txt) > errand-escrow.age",
		Flags:       c.homeFlags.with(recipientFlag(&c.recipient)),
	}
}

func (c *credentialsEscrow) run(ctx context.Context, a arguments) error {
	said := "the escrow opens the current store; keep it in another place than the store"
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
		Usage:       "write all credentials to an encrypted file",
		Description: "errand credentials export --recipient $(age-keygen -y key.txt) > credentials.age",
		Flags:       c.homeFlags.with(recipientFlag(&c.recipient)),
	}
}

func (c *credentialsExport) run(ctx context.Context, a arguments) error {
	return c.writeArchive(ctx, a, c.recipient, "the export holds every credential", func(s *credential.Store, w io.Writer, to credential.Recipient) error {
		return s.Export(ctx, w, to)
	})
}

func recipientFlag(to *string) cli.Flag {
	return &cli.StringFlag{Name: "recipient", Usage: "encrypt for `age1…`, a public key that age-keygen printed; defaults to asking for a passphrase", Destination: to}
}

// writeArchive writes an encrypted file to standard output.
func (h *homeFlags) writeArchive(ctx context.Context, a arguments, recipient, said string, write func(*credential.Store, io.Writer, credential.Recipient) error) error {
	to := credential.Recipient{Age: recipient}
	if to.Age == "" {
		if !h.asks() {
			return &Exit{Code: ExitUsage, Message: "expected a recipient: cannot ask for a passphrase, because standard input is not a terminal", Hint: "add --recipient age1…, with the public key that age-keygen prints"}
		}
		passphrase, err := h.askPassphrase(ctx, credential.Question{New: true, Home: "the file"})
		if err != nil {
			return err
		}
		to.Passphrase = passphrase
	}
	if isTerminal(h.stdout) {
		return usage("cannot write the encrypted file to a terminal; redirect it with > FILE")
	}
	return h.withStore(a, said, func(s *credential.Store) error {
		var b bytes.Buffer
		if err := write(s, &b, to); err != nil {
			return err
		}
		return h.document(b.Bytes())
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
	force    bool
}

func (c *credentialsImport) describe() *cli.Command {
	return &cli.Command{
		Name:        "import",
		Usage:       "store all credentials of an export, or none if one cannot be stored",
		ArgsUsage:   "FILE",
		Description: "errand credentials import credentials.age --identity key.txt",
		Flags: c.homeFlags.with(
			identityFlag(&c.identity),
			&cli.BoolFlag{Name: "replace", Usage: "replace stored credentials that have the same name", Destination: &c.replace},
			moveFlag(&c.force),
		),
	}
}

func (c *credentialsImport) run(ctx context.Context, a arguments) error {
	return c.readArchive(a, c.identity, func(s *credential.Store, r io.Reader, from credential.Identity) error {
		if !c.force {
			s.MayMove = c.keepTarget(a.command)
		}
		stored, err := s.Import(ctx, r, from, c.connectors.registry().Connectors(), c.replace)
		for _, e := range stored {
			fmt.Fprintf(c.stderr, "credential %s of %s was stored\n", e.Name, e.Connector)
		}
		return err
	})
}

func identityFlag(to *string) cli.Flag {
	return &cli.StringFlag{Name: "identity", Usage: "decrypt with the age identity in `FILE`; defaults to asking for a passphrase", Destination: to}
}

// readArchive opens the encrypted file that the arguments name, with an identity or a passphrase.
func (h *homeFlags) readArchive(a arguments, identity string, do func(*credential.Store, io.Reader, credential.Identity) error) error {
	file, err := a.one("the encrypted file")
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
		return &Exit{Code: ExitUsage, Message: "expected an identity: cannot ask for a passphrase, because standard input is not a terminal", Hint: "add --identity FILE, with the file that age-keygen made"}
	}
	archive, err := plainfile.OpenGiven(file)
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
