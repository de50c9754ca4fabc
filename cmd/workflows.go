package cmd

import (
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/definition"
)

func (c *Command) workflowsCommand() *cli.Command {
	return &cli.Command{
		Name:        "workflows",
		Usage:       "list the workflows that can be run by name",
		Description: "errand workflows\nerrand workflows --definitions my-workflows/\nerrand workflows -o json",
		Flags:       []cli.Flag{outputFlag(), c.definitionsFlag()},
		Action:      c.workflows,
	}
}

// A listedWorkflow is an entry of `errand workflows -o json`: {"version":1,"workflows":[{"name","title","description","inputs"}]}.
type listedWorkflow struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Inputs      []string `json:"inputs"`
	File        string   `json:"file"`
}

func (c *Command) workflows(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	if x.NArg() > 0 {
		return usage("`errand workflows` takes no name; errand show %s describes one", x.Args().First())
	}
	names, err := c.workflowNames(x)
	if err != nil {
		return err
	}
	list := []listedWorkflow{}
	for _, name := range names {
		src, err := c.find(x, name)
		if err != nil {
			return err
		}
		d, _ := definition.Parse(src.file, src.text) // one that is broken is still listed: running it says why
		entry := listedWorkflow{Name: name, Title: d.Title.Value, Description: d.Description.Value, Inputs: []string{}, File: src.file}
		for _, in := range d.Inputs {
			entry.Inputs = append(entry.Inputs, in.Name.Value)
		}
		list = append(list, entry)
	}
	if asJSON {
		return writeJSON(c.Stdout, map[string]any{"version": 1, "workflows": list})
	}
	rows := make([][]string, len(list))
	for i, w := range list {
		rows[i] = []string{w.Name, strings.Join(w.Inputs, " "), w.Title}
	}
	width, _ := size(c.Stdout)
	table(c.Stdout, "", width, []string{"NAME", "INPUTS", "TITLE"}, rows)
	return nil
}
