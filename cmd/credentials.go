package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"errand/engine/credential"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/schema"
	"errand/engine/task"
)

const credentialsNote = `No command shows an encrypted value. The key that locks the store is never in the home: it comes from systemd
($CREDENTIALS_DIRECTORY/errand-key), --key-file, --key-command, ~/.config/errand/key, the desktop's keyring or a
passphrase.`

// connectorOf finds a connector that has credentials.
func connectorOf(registry *task.Registry, name string) (task.Connector, error) {
	var names []string
	for _, known := range registry.Connectors() {
		if len(known.Credential) > 0 {
			names = append(names, known.Name)
			if known.Name == name {
				return known, nil
			}
		}
	}
	hint := cmp.Or(diag.DidYouMean(name, names), "connectors with credentials: "+strings.Join(names, ", "))
	return task.Connector{}, &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no connector %q with credentials", name), Hint: hint}
}

// A named is the credential that a command is about.
type named struct {
	store     *credential.Store
	connector task.Connector
	name      string
}

// named finds the credential that the arguments name. If mayMake is set, the store may create its
// first key.
func (h *homeFlags) named(a arguments, mayMake bool) (named, error) {
	if len(a.names) != 2 {
		return named{}, &Exit{Code: ExitUsage, Message: "name the connector and the credential", Hint: "for example " + a.command + " ec2 default"}
	}
	s, err := h.store(mayMake)
	if err != nil {
		return named{}, err
	}
	connector, err := connectorOf(h.connectors.over(s), a.names[0])
	return named{s, connector, a.names[1]}, err
}

// show returns the stored credential.
func (n named) show(ctx context.Context) (credential.Entry, error) {
	e, err := n.store.Show(ctx, n.connector, n.name)
	return e, credentialExit(err)
}

// String returns a text for messages.
func (n named) String() string { return fmt.Sprintf("credential %s of %s", n.name, n.connector.Name) }

// readValues reads the parameters of a credential. It reads the file that is named, or standard
// input if the name is "-" or if nobody can be asked. Otherwise it asks a person for each
// parameter.
func readValues(t *terminal, file string, connector task.Connector, editing bool) (task.Values, error) {
	if file == "" && t.asks() {
		return askValues(t, connector, editing)
	}
	var text []byte
	var err error
	if file == "" || file == "-" {
		text, err = io.ReadAll(io.LimitReader(t.stdin, maxValues))
	} else {
		text, err = library.ReadFile(file, maxValues)
		err = definitionExit(err)
	}
	if err != nil {
		return nil, err
	}
	hint := fmt.Sprintf("for example %s; nothing was stored", exampleValues(connector))
	if err := wrongJSON(file, string(text), hint); err != nil {
		return nil, err
	}
	var given map[string]*string
	if err := json.Unmarshal(text, &given); err != nil { // err could contain a part of a secret
		return nil, &Exit{Code: ExitUsage, Message: "expected a JSON object with string values", Hint: hint}
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

// exampleValues returns a JSON object with parameters of a connector: the required ones, or the first
// two if none is required.
func exampleValues(connector task.Connector) string {
	shown := slices.DeleteFunc(slices.Clone(connector.Credential), func(p task.Parameter) bool { return !p.Required })
	if len(shown) == 0 {
		shown = connector.Credential[:min(2, len(connector.Credential))]
	}
	members := make([]string, len(shown))
	for i, p := range shown {
		members[i] = fmt.Sprintf(`"%s": "…"`, p.Name)
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// wrongJSON returns an error if a text is not JSON. The error names the place, and no part of the
// text, which may be a part of a secret.
func wrongJSON(file, text, hint string) error {
	_, faults := schema.ReadJSON(text)
	if len(faults) == 0 {
		return nil
	}
	what := "the text is not JSON"
	switch faults[0].Code {
	case schema.JSONRepeated:
		what = "a parameter is given twice"
	case schema.JSONEncoding:
		what = "the text is not UTF-8"
	case schema.JSONSurrogate:
		what = "a \\u escape is half of a character"
	}
	if file == "" || file == "-" {
		file = "the standard input"
	}
	return &Exit{
		Code: ExitUsage, Message: fmt.Sprintf("%s, %s: %s; expected a JSON object with string values", file, schema.JSONPlace(text, faults[0].From), what),
		Hint: hint,
	}
}

// maxValues is the maximum size of a file of parameters, in bytes.
const maxValues = 64 << 10

// credentialExit converts an error of the credential store to an Exit with a message and a hint.
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
