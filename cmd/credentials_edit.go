package cmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/task"
)

func fromFileFlag() cli.Flag {
	return &cli.StringFlag{Name: "from-file", Usage: "take the parameters from `FILE`, a JSON object; - is standard input"}
}

func (c *Command) credentialsAddCommand() *cli.Command {
	return &cli.Command{
		Name:        "add",
		Usage:       "store a new credential",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials add ec2 default\nerrand credentials add ism default --from-file ism.json\nvault read -format=json aws/creds | errand credentials add ec2 production --from-file -",
		Flags:       []cli.Flag{fromFileFlag()},
		Action: func(x *cli.Context) error {
			return c.changeCredential(x, false, "was added", func(s *credential.Store, connector task.Connector, name string, v task.Values) error {
				return s.Add(x.Context, connector, name, v)
			})
		},
	}
}

func (c *Command) credentialsEditCommand() *cli.Command {
	return &cli.Command{
		Name:        "edit",
		Usage:       "change parameters of a credential",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials edit ec2 default\necho '{\"region_endpoint\": \"ec2.eu-west-1.amazonaws.com\"}' | errand credentials edit ec2 default --from-file -",
		Flags:       []cli.Flag{fromFileFlag()},
		Action: func(x *cli.Context) error {
			return c.changeCredential(x, true, "was changed", func(s *credential.Store, connector task.Connector, name string, v task.Values) error {
				return s.Edit(x.Context, connector, name, v)
			})
		},
	}
}

// changeCredential stores parameters that a person gives.
func (c *Command) changeCredential(x *cli.Context, editing bool, done string, change func(*credential.Store, task.Connector, string, task.Values) error) error {
	s, connector, name, err := c.named(x, true)
	if err != nil {
		return err
	}
	of := connector.Name
	if _, missing := s.Show(x.Context, connector, name); (missing != nil) == editing && x.String("from-file") == "" && c.asks() {
		// It is said before anybody types in what would be refused.
		if editing {
			return credentialExit(missing)
		}
		return credentialExit(change(s, connector, name, nil))
	}
	values, err := c.values(x, connector, editing)
	if err != nil {
		return err
	}
	if err := change(s, connector, name, values); err != nil {
		return credentialExit(err)
	}
	fmt.Fprintf(c.Stderr, "credential %s of %s %s\n  hint: errand credentials validate %s %s tries it out\n", name, of, done, of, name)
	return nil
}
