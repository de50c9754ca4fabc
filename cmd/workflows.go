package cmd

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/definition"
)

type workflowsCommand struct {
	*terminal
	output      output
	definitions definitions
}

func (c *workflowsCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "workflows",
		Usage:       "list the workflows that can be run by name",
		Description: "errand workflows\nerrand workflows --definitions my-workflows/\nerrand workflows -o json",
		Flags:       []cli.Flag{c.output.flag(), c.definitions.flag()},
	}
}

// A listedWorkflow is an entry of `errand workflows -o json`, which is
// {"version":1,"workflows":[{"name","title","description","inputs","file"}]}.
type listedWorkflow struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Inputs      []string `json:"inputs"`
	File        string   `json:"file"`
}

func (c *workflowsCommand) run(_ context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none("errand show NAME describes one"); err != nil {
		return err
	}
	names, err := c.definitions.library().Names()
	if err != nil {
		return definitionExit(err)
	}
	list := []listedWorkflow{}
	for _, name := range names {
		src, err := c.definitions.find(name)
		if err != nil {
			return err
		}
		d, _ := definition.Parse(src.File, src.Text) // a definition with problems is listed too
		entry := listedWorkflow{Name: name, Title: d.Title.Value, Description: d.Description.Value, Inputs: []string{}, File: src.File}
		for _, in := range d.Inputs {
			entry.Inputs = append(entry.Inputs, in.Name.Value)
		}
		list = append(list, entry)
	}
	if asJSON {
		return c.writeJSON(map[string]any{"version": 1, "workflows": list})
	}
	rows := make([][]string, len(list))
	for i, w := range list {
		rows[i] = []string{w.Name, strings.Join(w.Inputs, " "), w.Title}
	}
	width, _ := size(c.stdout)
	table(c.stdout, "", width, []string{"NAME", "INPUTS", "TITLE"}, rows)
	return nil
}
