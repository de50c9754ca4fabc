package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/journal"
	"errand/engine/program"
)

func (c *Command) credentialsDeleteCommand() *cli.Command {
	return &cli.Command{
		Name:        "delete",
		Usage:       "remove a credential",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials delete ec2 old\nerrand credentials delete ec2 old --yes",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "yes", Usage: "do not ask"},
			&cli.BoolFlag{Name: "force", Usage: "even while runs need it that have not ended"},
		},
		Action: c.credentialsDelete,
	}
}

func (c *Command) credentialsDelete(x *cli.Context) error {
	s, connector, name, err := c.named(x, false)
	if err != nil {
		return err
	}
	of := connector.Name
	if _, err := s.Show(x.Context, connector, name); err != nil {
		return credentialExit(err)
	}
	needed, err := c.openRunsWith(x, of, name)
	if err != nil {
		return err
	}
	if len(needed) > 0 && !x.Bool("force") {
		return &Exit{
			Code: ExitNotFound, Message: fmt.Sprintf("runs that have not ended need it: %s", strings.Join(needed, ", ")),
			Hint: "let them end, or cancel them (errand runs cancel RUN); --force deletes it all the same",
		}
	}
	if !x.Bool("yes") {
		if !c.asks() {
			return &Exit{Code: ExitUsage, Message: "nobody can be asked whether to delete it", Hint: "--yes deletes it without asking"}
		}
		answer, err := c.askLine(fmt.Sprintf("delete credential %s of %s? (yes or no)", name, of))
		if err != nil {
			return err
		}
		if answer != "yes" && answer != "y" {
			fmt.Fprintln(c.Stderr, "it was left as it is")
			return nil
		}
	}
	if err := s.Delete(x.Context, of, name); err != nil {
		return credentialExit(err)
	}
	fmt.Fprintf(c.Stderr, "credential %s of %s was deleted\n", name, of)
	return nil
}

// openRunsWith lists runs that have not ended and use a credential.
func (c *Command) openRunsWith(x *cli.Context, connector, name string) ([]string, error) {
	d, err := c.open(x, c.registry())
	if err != nil {
		return nil, err
	}
	defer d.close()
	open, err := d.Journal.List(x.Context, journal.Query{Open: true})
	if err != nil {
		return nil, journalExit(err, "")
	}
	var found []string
	for _, run := range open {
		v, err := d.Look(x.Context, run.ID)
		if err != nil || v.Program == nil {
			continue // it is quarantined, or will be: it needs nothing
		}
		if slices.Contains(v.Program.Credentials, program.Credential{Connector: connector, Name: name}) {
			found = append(found, run.ID)
		}
	}
	return found, nil
}
