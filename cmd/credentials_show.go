package cmd

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/diag"
	"errand/engine/schema"
)

func (c *Command) credentialsListCommand() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list what is stored, without its values",
		Description: "errand credentials list\nerrand credentials list -o json",
		Flags:       []cli.Flag{outputFlag()},
		Action:      c.credentialsList,
	}
}

// A credentialJSON is a credential as `-o json` prints it. No member holds a value that is encrypted.
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
	Value     string `json:"value,omitempty"` // of one that is not encrypted
	Last      string `json:"last,omitempty"`  // of an encrypted key id: its last four characters
}

func jsonOf(e credential.Entry) credentialJSON {
	j := credentialJSON{Connector: e.Connector, Name: e.Name, Added: e.Added, Edited: e.Edited, Validated: e.Validated, Used: e.Used}
	for _, p := range e.Parameters {
		j.Parameters = append(j.Parameters, credentialParam{p.Name, p.Encrypted, p.Set, p.Value, p.Last})
	}
	return j
}

func (c *Command) credentialsList(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	if x.NArg() > 0 {
		return usage("`errand credentials list` takes no name; show describes one")
	}
	s, err := c.store(x, false)
	if err != nil {
		return err
	}
	entries, err := s.List(x.Context)
	if err != nil {
		return credentialExit(err)
	}
	if asJSON {
		list := make([]credentialJSON, len(entries))
		for i, e := range entries {
			list[i] = jsonOf(e)
		}
		return writeJSON(c.Stdout, map[string]any{"version": 1, "credentials": list})
	}
	if len(entries) == 0 {
		fmt.Fprintln(c.Stderr, "no credentials are stored; errand credentials add CONNECTOR NAME stores one")
		return nil
	}
	rows := make([][]string, len(entries))
	for i, e := range entries {
		rows[i] = []string{e.Connector, e.Name, ago(e.Added), ago(e.Edited), ago(e.Validated), ago(e.Used)}
	}
	width, _ := size(c.Stdout)
	table(c.Stdout, "", width, []string{"CONNECTOR", "NAME", "ADDED", "EDITED", "VALIDATED", "USED"}, rows)
	return nil
}

// ago is how long ago a time was, in its largest unit.
func ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	switch d := time.Since(t); {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return schema.FormatDuration(d.Truncate(time.Minute)) + " ago"
	case d < 48*time.Hour:
		return schema.FormatDuration(d.Truncate(time.Hour)) + " ago"
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}

func (c *Command) credentialsShowCommand() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "show a credential, and of what is encrypted only that it is there",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials show ec2 default\nerrand credentials show ism default -o json",
		Flags:       []cli.Flag{outputFlag()},
		Action:      c.credentialsShow,
	}
}

func (c *Command) credentialsShow(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	s, connector, name, err := c.named(x, false)
	if err != nil {
		return err
	}
	e, err := s.Show(x.Context, connector, name)
	if err != nil {
		return credentialExit(err)
	}
	if asJSON {
		return writeJSON(c.Stdout, struct {
			Version int `json:"version"`
			credentialJSON
		}{1, jsonOf(e)})
	}
	w := c.Stdout
	fmt.Fprintf(w, "%s of %s (%s)\n", diag.Printable(e.Name), connector.Name, connector.Title)
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
