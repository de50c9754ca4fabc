package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/program"
)

type credentialsDelete struct {
	homeFlags
	yes, force bool
}

func (c *credentialsDelete) describe() *cli.Command {
	return &cli.Command{
		Name:        "delete",
		Usage:       "remove a credential",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials delete ec2 old\nerrand credentials delete ec2 old --yes",
		Flags: c.homeFlags.with(
			&cli.BoolFlag{Name: "yes", Usage: "delete it without asking", Destination: &c.yes},
			&cli.BoolFlag{Name: "force", Usage: "delete it even if runs that have not ended need it", Destination: &c.force},
		),
	}
}

func (c *credentialsDelete) run(ctx context.Context, a arguments) error {
	n, err := c.named(a, false)
	if err != nil {
		return err
	}
	if _, err := n.show(ctx); err != nil {
		return err
	}
	needed, err := c.runsThatNeed(ctx, a.command, program.Credential{Connector: n.connector.Name, Name: n.name})
	if err != nil {
		return err
	}
	if len(needed) > 0 && !c.force {
		return &Exit{
			Code: ExitNotFound, Message: fmt.Sprintf("runs that have not ended need it: %s", strings.Join(needed, ", ")),
			Hint: "cancel them with errand runs cancel RUN, or add --force to delete it anyway",
		}
	}
	if !c.yes {
		if !c.asks() {
			return &Exit{Code: ExitUsage, Message: "cannot ask whether to delete it: standard input is not a terminal", Hint: "--yes deletes it without asking"}
		}
		answer, err := c.askLine(fmt.Sprintf("delete %s? (yes or no)", n))
		if err != nil {
			return err
		}
		if answer != "yes" && answer != "y" {
			fmt.Fprintf(c.stderr, "%s was not deleted\n", n)
			return nil
		}
	}
	if len(needed) > 0 {
		err = n.store.DeleteUsed(ctx, n.connector, n.name)
	} else {
		err = n.store.Delete(ctx, n.connector.Name, n.name)
	}
	if err != nil {
		return credentialExit(err)
	}
	fmt.Fprintf(c.stderr, "%s was deleted\n", n)
	return nil
}
