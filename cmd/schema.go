package cmd

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	shipped "errand/definitions"
	"errand/engine/reference"
	"errand/engine/task"
)

type schemaCommand struct {
	*terminal
	connectors connectors
}

func (c *schemaCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "schema",
		Usage:       "print the JSON Schema of a definition, an intake file, or a part of a test case, for editors",
		ArgsUsage:   "[case|intake|mocks|world]",
		Description: "errand schema > schema.json\nerrand schema world > world.schema.json",
	}
}

func (c *schemaCommand) words(_ context.Context, p *partial) []candidate {
	var parts []candidate
	for _, part := range schemaParts {
		parts = append(parts, candidate{word: part})
	}
	return p.first(parts)
}

// schemaParts are the files beside a definition that have a schema, without their ending.
var schemaParts = func() (names []string) {
	for _, file := range slices.Sorted(maps.Keys(shipped.Schemas)) {
		names = append(names, strings.TrimSuffix(file, ".yaml"))
	}
	return names
}()

func (c *schemaCommand) run(_ context.Context, a arguments) error {
	name, err := a.optional()
	switch {
	case err != nil:
		return err
	case name == "":
		return c.document(reference.Schema(c.connectors.registry()))
	}
	schema, ok := shipped.Schemas[name+".yaml"]
	if !ok {
		return usage("there is no schema of %q; expected %s", name, task.List("or", schemaParts))
	}
	return c.document(schema)
}
