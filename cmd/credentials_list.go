package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/schema"
)

type credentialsList struct {
	homeFlags
	output output
}

func (c *credentialsList) describe() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list the stored credentials, without their values",
		Description: "errand credentials list\nerrand credentials list -o json",
		Flags:       c.homeFlags.with(c.output.flag()),
	}
}

func (c *credentialsList) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none("errand credentials show CONNECTOR NAME describes one"); err != nil {
		return err
	}
	s, err := c.store(false)
	if err != nil {
		return err
	}
	entries, err := s.List(ctx)
	if err != nil {
		return credentialExit(err)
	}
	if asJSON {
		list := make([]credentialJSON, len(entries))
		for i, e := range entries {
			list[i] = credentialToJSON(e)
		}
		return c.writeJSON(map[string]any{"version": 1, "credentials": list})
	}
	if len(entries) == 0 {
		fmt.Fprintln(c.stderr, c.atHome("no credentials are stored; errand credentials add CONNECTOR NAME stores one"))
		return nil
	}
	rows := make([][]string, len(entries))
	for i, e := range entries {
		rows[i] = []string{e.Connector, e.Name, ago(e.Added), ago(e.Edited), ago(e.Validated), ago(e.Used)}
	}
	width, _ := size(c.stdout)
	table(c.stdout, "", width, []string{"CONNECTOR", "NAME", "ADDED", "EDITED", "VALIDATED", "USED"}, rows)
	return nil
}

// ago returns the age of a time, in its largest unit.
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
