package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/diag"
)

type credentialsShow struct {
	homeFlags
	output output
}

func (c *credentialsShow) describe() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "show a credential, without its encrypted values",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials show ec2 default\nerrand credentials show ism default -o json",
		Flags:       c.homeFlags.with(c.output.flag()),
	}
}

func (c *credentialsShow) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	n, err := c.named(a, false)
	if err != nil {
		return err
	}
	e, err := n.show(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return c.writeJSON(struct {
			Version int `json:"version"`
			credentialJSON
		}{1, credentialToJSON(e)})
	}
	w := c.stdout
	fmt.Fprintf(w, "%s of %s (%s)\n", diag.Printable(e.Name), n.connector.Name, n.connector.Title)
	for _, line := range [][2]string{{"added", ago(e.Added)}, {"edited", ago(e.Edited)}, {"validated", ago(e.Validated)}, {"used", ago(e.Used)}} {
		fmt.Fprintf(w, "  %-10s %s\n", line[0], line[1])
	}
	fmt.Fprintln(w)
	rows := make([][]string, len(e.Parameters))
	for i, p := range e.Parameters {
		rows[i] = []string{p.Name, yesNo(p.Encrypted), valueOf(p)}
	}
	width, _ := size(w)
	table(w, "  ", width, []string{"PARAMETER", "ENCRYPTED", "VALUE"}, rows)
	return nil
}

func valueOf(p credential.ShownParameter) string {
	switch {
	case p.Encrypted && p.Last != "":
		return "set, ends with " + p.Last
	case p.Encrypted && p.Set:
		return "set"
	case p.Encrypted, p.Value == "":
		return "-"
	case !p.Set:
		return diag.Printable(p.Value) + " (default)"
	}
	return diag.Printable(p.Value)
}

// A credentialJSON is a credential as `-o json` prints it. It contains no encrypted value.
type credentialJSON struct {
	Connector  string            `json:"connector"`
	Name       string            `json:"name"`
	Added      time.Time         `json:"added_at"`
	Edited     time.Time         `json:"edited_at,omitzero"`
	Validated  time.Time         `json:"validated_at,omitzero"`
	Used       time.Time         `json:"used_at,omitzero"`
	Parameters []credentialParam `json:"parameters,omitempty"`
}

type credentialParam struct {
	Name      string `json:"name"`
	Encrypted bool   `json:"encrypted"`
	Set       bool   `json:"set"`
	Value     string `json:"value,omitempty"` // empty if the parameter is encrypted
	Last      string `json:"last,omitempty"`  // the last four characters of an encrypted key id
}

func credentialToJSON(e credential.Entry) credentialJSON {
	j := credentialJSON{Connector: e.Connector, Name: e.Name, Added: e.Added, Edited: e.Edited, Validated: e.Validated, Used: e.Used}
	for _, p := range e.Parameters {
		j.Parameters = append(j.Parameters, credentialParam{p.Name, p.Encrypted, p.Set, p.Value, p.Last})
	}
	return j
}
