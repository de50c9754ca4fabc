package cmd

import (
	"context"

	"github.com/urfave/cli/v2"

	"errand/engine/reference"
)

type schemaCommand struct {
	*terminal
	connectors connectors
}

func (c *schemaCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "schema",
		Usage:       "print the JSON Schema of a definition, for editors",
		Description: "errand schema > schema.json",
	}
}

func (c *schemaCommand) run(_ context.Context, a arguments) error {
	if err := a.none(""); err != nil {
		return err
	}
	return c.document(reference.Schema(c.connectors.registry()))
}
