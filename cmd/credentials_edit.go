package cmd

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"errand/engine/task"
)

// A credentialsChange is the common part of add and edit.
type credentialsChange struct {
	homeFlags
	fromFile string
	force    bool
}

func (c *credentialsChange) flags() []cli.Flag {
	return c.homeFlags.with(
		&cli.StringFlag{Name: "from-file", Usage: "read the parameters from `FILE`, a JSON object; - is standard input", Destination: &c.fromFile},
		moveFlag(&c.force),
	)
}

// moveFlag permits a change by which requests go elsewhere.
func moveFlag(to *bool) cli.Flag {
	return &cli.BoolFlag{Name: "force", Usage: "change where requests go even if runs that have not ended have used the credential", Destination: to}
}

type credentialsAdd struct{ credentialsChange }

func (c *credentialsAdd) describe() *cli.Command {
	return &cli.Command{
		Name:        "add",
		Usage:       "store a new credential",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials add ec2 default\nerrand credentials add ism default --from-file ism.json\nvault read -format=json aws/creds | errand credentials add ec2 production --from-file -",
		Flags:       c.flags(),
	}
}

func (c *credentialsAdd) run(ctx context.Context, a arguments) error {
	return c.change(ctx, a, false, "was added", func(n named, v task.Values) error {
		return n.store.Add(ctx, n.connector, n.name, v)
	})
}

type credentialsEdit struct{ credentialsChange }

func (c *credentialsEdit) describe() *cli.Command {
	return &cli.Command{
		Name:        "edit",
		Usage:       "change parameters of a credential",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials edit ec2 default\necho '{\"region_endpoint\": \"ec2.eu-west-1.amazonaws.com\"}' | errand credentials edit ec2 default --from-file -",
		Flags:       c.flags(),
	}
}

func (c *credentialsEdit) run(ctx context.Context, a arguments) error {
	return c.change(ctx, a, true, "was changed", func(n named, v task.Values) error {
		return n.store.Edit(ctx, n.connector, n.name, v)
	})
}

// change stores the parameters that a person enters.
func (c *credentialsChange) change(ctx context.Context, a arguments, editing bool, done string, store func(named, task.Values) error) error {
	n, err := c.named(a, true)
	if err != nil {
		return err
	}
	if !c.force {
		n.store.MayMove = c.keepTarget(a.command)
	}
	if _, missing := n.show(ctx); (missing != nil) == editing && c.fromFile == "" && c.asks() {
		// Report the error before the person types values that would be refused.
		if editing {
			return missing
		}
		return credentialExit(store(n, nil))
	}
	values, err := readValues(c.terminal, c.fromFile, n.connector, editing)
	if err != nil {
		return err
	}
	if err := store(n, values); err != nil {
		return credentialExit(err)
	}
	fmt.Fprintf(c.stderr, "%s %s\n  hint: %s\n", n, done, c.atHome("errand credentials validate "+n.connector.Name+" "+word(n.name)+" tests it"))
	return nil
}
