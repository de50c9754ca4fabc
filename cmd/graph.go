package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/graph"
)

func (c *Command) graphCommand() *cli.Command {
	formats := make([]string, len(graph.Formats))
	for i, f := range graph.Formats {
		formats[i] = f.Name + " (" + f.About + ")"
	}
	return &cli.Command{
		Name:      "graph",
		Usage:     "draw a workflow: its steps and ways, and what happens when one fails",
		ArgsUsage: "NAME|FILE",
		Description: "errand graph provision-instance\n" +
			"errand graph my-workflow.yaml --format svg > my-workflow.svg\n" +
			"errand graph my-workflow.yaml --format dot | dot -Tpdf > my-workflow.pdf",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: graph.Formats[0].Name, Usage: "write it as `FORMAT`: " + strings.Join(formats, ", ")},
			c.definitionsFlag(),
		},
		BashComplete: c.completeWorkflows,
		Action:       c.graph,
	}
}

func (c *Command) graph(x *cli.Context) error {
	at := slices.IndexFunc(graph.Formats, func(f graph.Format) bool { return f.Name == x.String("format") })
	if at < 0 {
		var known []string
		for _, f := range graph.Formats {
			known = append(known, f.Name)
		}
		return &Exit{Code: ExitUsage, Message: fmt.Sprintf("there is no format %q", x.String("format")), Hint: diag.DidYouMean(x.String("format"), known)}
	}
	name, err := oneName(x, "the workflow to draw")
	if err != nil {
		return err
	}
	p, err := c.load(x, name, c.registry())
	if err != nil {
		return err
	}
	_, err = c.Stdout.Write(graph.Formats[at].Render(graph.New(p)))
	return err
}
