package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/graph"
)

type graphCommand struct {
	*terminal
	connectors  connectors
	format      string
	definitions definitions
}

func (c *graphCommand) describe() *cli.Command {
	formats := make([]string, len(graph.Formats))
	for i, f := range graph.Formats {
		formats[i] = f.Name + " (" + f.About + ")"
	}
	return &cli.Command{
		Name:      "graph",
		Usage:     "draw a workflow: its steps, its branches and its handlers",
		ArgsUsage: "NAME|FILE",
		Description: "errand graph provision-instance\n" +
			"errand graph my-workflow.yaml --format svg > my-workflow.svg\n" +
			"errand graph my-workflow.yaml --format dot | dot -Tpdf > my-workflow.pdf",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: graph.Formats[0].Name, Usage: "write it as `FORMAT`: " + strings.Join(formats, ", "), Destination: &c.format},
			c.definitions.flag(),
		},
	}
}

func (c *graphCommand) run(_ context.Context, a arguments) error {
	at := slices.IndexFunc(graph.Formats, func(f graph.Format) bool { return f.Name == c.format })
	if at < 0 {
		var known []string
		for _, f := range graph.Formats {
			known = append(known, f.Name)
		}
		return &Exit{Code: ExitUsage, Message: fmt.Sprintf("there is no format %q", c.format), Hint: diag.DidYouMean(c.format, known)}
	}
	name, err := a.one("the workflow to draw")
	if err != nil {
		return err
	}
	p, err := c.definitions.load(c.terminal, name, c.connectors.registry())
	if err != nil {
		return err
	}
	return c.document(graph.Formats[at].Render(graph.New(p)))
}
