package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/home"
	"errand/engine/program"
	"errand/engine/scaffold"
	"errand/engine/schema"
)

type showCommand struct {
	*terminal
	connectors  connectors
	source      bool
	output      output
	definitions definitions
}

func (c *showCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "describe a workflow: its inputs, steps and outputs",
		ArgsUsage:   "NAME|FILE",
		Description: "errand show provision-instance\nerrand show provision-instance --source > my-workflow.yaml\nerrand show provision-instance -o json",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "source", Usage: "print the definition as it was written", Destination: &c.source},
			c.output.flag(),
			c.definitions.flag(),
		},
	}
}

func (c *showCommand) run(_ context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	name, err := a.one("the workflow to show")
	if err != nil {
		return err
	}
	if c.source {
		src, err := c.definitions.find(name)
		if err == nil {
			err = c.document(src.Text)
		}
		return err
	}
	p, err := c.definitions.load(c.terminal, name, c.connectors.registry())
	if err != nil {
		return err
	}
	if asJSON {
		return c.writeJSON(p.Describe())
	}
	c.printProgram(p, c.definitions.typed(c.terminal, name))
	return nil
}

// printProgram describes a program for people. typed is the workflow as a person typed it.
func (c *showCommand) printProgram(p *program.Program, typed string) {
	w := c.stdout
	width, _ := size(w)
	fmt.Fprintf(w, "%s: %s\n", p.Name, p.Title)
	if p.Description != "" {
		for _, line := range wrap(p.Description, min(width, 100)-2) {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	if p.Concurrency != nil {
		fmt.Fprintf(w, "\none run at a time with the key %s\n", p.Concurrency.Text)
	}
	if len(p.Inputs.Fields) > 0 {
		fmt.Fprintln(w, "\ninputs")
		inputFields(w, width, p.Inputs.Fields)
	}
	for _, part := range []struct {
		title string
		steps []*program.Step
	}{{"steps", p.Steps}, {"on failure", p.OnFailure}, {"finally", p.Finally}} {
		if len(part.steps) > 0 {
			fmt.Fprintf(w, "\n%s\n", part.title)
			table(w, "  ", width, []string{"ID", "TASK", "NAME"}, stepRows(part.steps, ""))
		}
	}
	if len(p.Outputs) > 0 {
		fmt.Fprintln(w, "\noutputs")
		var rows [][]string
		for _, o := range p.Outputs {
			rows = append(rows, []string{o.Name, o.Type.String()})
		}
		table(w, "  ", width, []string{"NAME", "TYPE"}, rows)
	}
	fmt.Fprintf(w, "\ntry it: %s run %s --sandbox%s\n", c.program(), typed, exampleFlags(p))
}

func stepRows(steps []*program.Step, indent string) [][]string {
	var rows [][]string
	for _, s := range steps {
		name := s.Name
		if t, ok := s.Action.(*program.Task); ok && t.Until != nil {
			name = strings.TrimSpace(name + " (looks every " + schema.FormatDuration(t.Every) + ")")
		}
		rows = append(rows, []string{indent + cmp.Or(s.ID, "-"), s.Form(), name})
		for _, list := range s.Lists() {
			rows = append(rows, stepRows(list, indent+"  ")...)
		}
		rows = append(rows, stepRows(s.Undo, indent+"  undo ")...)
		rows = append(rows, stepRows(s.OnFailure, indent+"  ")...)
	}
	return rows
}

// exampleFlags returns the flags of a run in the sandbox, with values that the inputs accept.
func exampleFlags(p *program.Program) string {
	var b strings.Builder
	if p.NeedsRequest {
		b.WriteString(" --request 100-291")
	}
	for _, f := range p.Inputs.Fields {
		if f.Required {
			b.WriteString(" --input " + word(f.Name+"="+exampleText(p, f)))
		}
	}
	return b.String()
}

// exampleText returns a text that an input accepts, if possible one that the sandbox knows.
func exampleText(p *program.Program, f schema.Field) string {
	for _, text := range append(sandboxValues(f.Name), inputText(scaffold.ExampleOf(f))) {
		if len(home.NewInputs(p).AddText(f.Name, text)) == 0 {
			return text
		}
	}
	return "…" // the input has a pattern, for which nobody can find a text
}
