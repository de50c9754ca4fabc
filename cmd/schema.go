package cmd

import (
	"github.com/urfave/cli/v2"

	"errand/engine/reference"
)

func (c *Command) schemaCommand() *cli.Command {
	return &cli.Command{
		Name:        "schema",
		Usage:       "print the JSON Schema of a definition, for editors",
		Description: "errand schema > schema.json",
		Action: func(x *cli.Context) error {
			if x.NArg() > 0 {
				return usage("`errand schema` takes no name")
			}
			_, err := c.Stdout.Write(reference.Schema(c.registry()))
			return err
		},
	}
}
