package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"errand/engine/credential"
	"errand/engine/diag"
	"errand/engine/task"
)

// credentialsCommand is for what connectors log in with: one store for all of them, in the home of the runs.
func (c *Command) credentialsCommand() *cli.Command {
	group := &cli.Command{
		Name:  "credentials",
		Usage: "keep what connectors log in with",
		Subcommands: []*cli.Command{
			c.credentialsAddCommand(),
			c.credentialsEditCommand(),
			c.credentialsListCommand(),
			c.credentialsShowCommand(),
			c.credentialsValidateCommand(),
			c.credentialsDeleteCommand(),
			c.credentialsRotateCommand(),
			c.credentialsRewrapCommand(),
			c.credentialsEscrowCommand(),
			c.credentialsRecoverCommand(),
			c.credentialsExportCommand(),
			c.credentialsImportCommand(),
		},
		CustomHelpTemplate: credentialsHelp,
		HideHelpCommand:    true,
		Action:             noSuchInner,
	}
	for _, command := range group.Subcommands {
		command.CustomHelpTemplate = commandHelp
		command.OnUsageError = usageError
		command.HideHelpCommand = true
		command.Flags = append(command.Flags, c.homeFlag())
		command.Flags = append(command.Flags, keyFlags()...)
	}
	return group
}

const credentialsHelp = `errand {{.Name}}: {{.Usage}}

Commands:
{{range .VisibleCommands}}  errand credentials {{printf "%-9s" .Name}} {{.Usage}}
{{end}}
What is encrypted is shown by no command. The key that locks the store is never in its folder: it comes from systemd
($CREDENTIALS_DIRECTORY/errand-key), --key-file, --key-command, the user's own key file, the desktop's keyring or a passphrase.
errand credentials COMMAND --help tells more.
`

// keyFlags say where the key of the store comes from. A key itself is never in a flag or a variable.
func keyFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "key-file", Usage: "the store's key is in `FILE`, which nobody else may read", EnvVars: []string{"ERRAND_KEY_FILE"}},
		&cli.StringFlag{Name: "key-command", Usage: "the store's key is printed by `COMMAND`, such as one that asks a vault", EnvVars: []string{"ERRAND_KEY_COMMAND"}},
	}
}

// store is the credential store of the home. Whoever stores a credential may have its first key made.
func (c *Command) store(x *cli.Context, mayMake bool) (*credential.Store, error) {
	home, err := c.home(x)
	if err != nil {
		return nil, err
	}
	places := credential.Places{Getenv: c.Getenv, File: x.String("key-file")}
	if places.Command, err = keyCommand(x, "key-command"); err != nil {
		return nil, err
	}
	if c.asks() {
		places.Ask = c.askPassphrase
	}
	s := &credential.Store{Home: home, Keys: places.Sources()}
	if mayMake {
		file := x.String("key-file")
		if file == "" {
			file = credential.DefaultFile(c.Getenv)
		}
		if file != "" {
			s.Create = credential.File{Path: file}
		}
		s.OnKeyMade = func(place string) {
			fmt.Fprintf(c.Stderr, "a key for the store was made: %s\n  hint: keep a copy elsewhere, or an escrow (errand credentials escrow): without it what is stored is lost\n", place)
		}
	}
	return s, nil
}

// keyCommand reads a flag that holds a command which prints a key; nil where it is not set.
func keyCommand(x *cli.Context, flag string) ([]string, error) {
	command := x.String(flag)
	if command == "" {
		return nil, nil
	}
	argv, err := credential.SplitCommand(command)
	if err != nil {
		return nil, usage("--%s %s: %v", flag, command, err)
	}
	return argv, nil
}

// askPassphrase asks with no echo, and twice for a new one.
func (c *Command) askPassphrase(_ context.Context, q credential.Question) (task.Secret, error) {
	what := "passphrase of the credentials in " + q.Home
	if q.New {
		what = "new " + what
	}
	first, err := c.askSecret(what)
	if err != nil || !q.New {
		return first, err
	}
	again, err := c.askSecret("the same again")
	if err == nil && again != first {
		err = errors.New("the two are not the same")
	}
	return again, err
}

// askSecret reads a line that is not shown.
func (c *Command) askSecret(what string) (task.Secret, error) {
	fmt.Fprintf(c.Stderr, "%s (it is not shown): ", what)
	in, ok := c.Stdin.(*os.File)
	if !ok {
		return task.Secret{}, usage("nobody can be asked for the %s", what)
	}
	text, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(c.Stderr)
	return task.NewSecret(strings.TrimSpace(string(text))), err
}

// connector finds a connector that has credentials.
func (c *Command) connector(registry *task.Registry, name string) (task.Connector, error) {
	var names []string
	for _, known := range registry.Connectors() {
		if len(known.Credential) > 0 {
			names = append(names, known.Name)
			if known.Name == name {
				return known, nil
			}
		}
	}
	hint := diag.DidYouMean(name, names)
	if hint == "" {
		hint = "those with credentials are " + strings.Join(names, ", ")
	}
	return task.Connector{}, &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no connector %q with credentials", name), Hint: hint}
}

// named is the credential that a command is about: its store, which may make a key for it, its connector and its name.
func (c *Command) named(x *cli.Context, mayMake bool) (s *credential.Store, connector task.Connector, name string, err error) {
	if x.NArg() != 2 {
		return nil, connector, "", &Exit{Code: ExitUsage, Message: "name the connector and the credential", Hint: "such as errand credentials " + x.Command.Name + " ec2 default"}
	}
	if s, err = c.store(x, mayMake); err != nil {
		return nil, connector, "", err
	}
	connector, err = c.connector(c.outside(s), x.Args().Get(0))
	return s, connector, x.Args().Get(1), err
}

// values are the parameters that a person gives: from a file, from standard input, or one after the other at a terminal.
func (c *Command) values(x *cli.Context, connector task.Connector, editing bool) (task.Values, error) {
	file := x.String("from-file")
	if file == "" && c.asks() {
		return c.askValues(connector, editing)
	}
	var text []byte
	var err error
	if file == "" || file == "-" {
		text, err = io.ReadAll(io.LimitReader(c.Stdin, maxValues))
	} else {
		text, err = readFile(file, maxValues)
	}
	if err != nil {
		return nil, err
	}
	var given map[string]*string
	if err := json.Unmarshal(text, &given); err != nil { // its words could show a part of a secret
		return nil, &Exit{Code: ExitUsage, Message: "what is given is no JSON object of texts", Hint: `write it like {"access_key_id": "…", "secret_access_key": "…"}; nothing was stored`}
	}
	values := task.Values{}
	for name, value := range given {
		if value == nil {
			value = new(string)
		}
		values[name] = task.NewSecret(*value)
	}
	return values, nil
}

// maxValues bounds what is read as parameters, in bytes.
const maxValues = 64 << 10

func (c *Command) askValues(connector task.Connector, editing bool) (task.Values, error) {
	values := task.Values{}
	if editing {
		fmt.Fprintln(c.Stderr, "an empty answer leaves a parameter as it is")
	}
	for _, p := range connector.Credential {
		what := p.Title + ", " + p.Name
		if p.Description != "" {
			what += ": " + strings.TrimSuffix(p.Description, ".")
		}
		if p.Default != "" && !editing {
			what += " [" + p.Default + "]"
		}
		var answer task.Secret
		var err error
		if p.Encrypted {
			answer, err = c.askSecret(what)
		} else {
			var text string
			text, err = c.askLine(what)
			answer = task.NewSecret(text)
		}
		if err != nil {
			return nil, err
		}
		if !answer.IsZero() {
			values[p.Name] = answer
		}
	}
	return values, nil
}

// credentialExit says what is wrong with the store, or with what was asked of it, and what to do.
func credentialExit(err error) error {
	if err == nil {
		return nil
	}
	if done, ok := errors.AsType[*Exit](err); ok {
		return done
	}
	explained, ok := errors.AsType[interface {
		error
		Explain() (message, hint string)
	}](err)
	if !ok {
		return &Exit{Code: ExitInternal, Message: err.Error()}
	}
	exit := &Exit{Code: ExitConfiguration}
	exit.Message, exit.Hint = explained.Explain()
	switch e := explained.(type) {
	case *credential.ExistsError, *credential.NotFoundError:
		exit.Code = ExitNotFound
	case *credential.InvalidError:
		exit.Code = ExitUsage
	case *credential.KeyError:
		exit.Code = ExitCredentials
	case *credential.StoreError:
		if e.Locked {
			exit.Code = ExitLocked
		}
	}
	return exit
}
