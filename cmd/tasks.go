package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

func (c *Command) tasksCommand() *cli.Command {
	return &cli.Command{
		Name:         "tasks",
		Usage:        "list the task types, or describe one",
		ArgsUsage:    "[NAME|CONNECTOR]",
		Description:  "errand tasks\nerrand tasks ec2\nerrand tasks ec2.create_instance\nerrand tasks ec2.create_instance -o json",
		Flags:        []cli.Flag{outputFlag()},
		BashComplete: c.completeTasks,
		Action:       c.tasks,
	}
}

func (c *Command) tasks(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	registry := c.registry()
	var types []task.Type
	switch name := x.Args().First(); {
	case x.NArg() > 1:
		return usage("one name is wanted, and there are %d", x.NArg())
	case name == "":
		for _, name := range registry.Names() {
			t, _ := registry.Lookup(name)
			types = append(types, t)
		}
	default:
		t, found := registry.Lookup(name)
		if connector, is := registry.Connector(name); is {
			types = connector.Types
			break
		}
		if !found {
			return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no task type %q", name), Hint: diag.DidYouMean(name, registry.Names())}
		}
		if asJSON {
			break
		}
		c.describeTask(t)
		return nil
	}
	if asJSON {
		if t, found := registry.Lookup(x.Args().First()); found {
			types = []task.Type{t}
		}
		list := []any{}
		for _, t := range types {
			list = append(list, map[string]any{
				"name": t.Name, "title": t.Title, "description": t.Doc, "effect": t.Effect,
				"input": t.Input.JSONSchema(nil), "output": t.Output.JSONSchema(nil),
			})
		}
		return writeJSON(c.Stdout, map[string]any{"version": 1, "tasks": list})
	}
	width, _ := size(c.Stdout)
	table(c.Stdout, "", width, []string{"NAME", "DESCRIPTION"}, taskRows(types))
	return nil
}

func taskRows(types []task.Type) [][]string {
	rows := make([][]string, len(types))
	for i, t := range types {
		first, _, _ := strings.Cut(t.Doc, ". ")
		rows[i] = []string{t.Name, strings.TrimSuffix(first, ".")}
	}
	return rows
}

func (c *Command) describeTask(t task.Type) {
	w := c.Stdout
	width, _ := size(w)
	fmt.Fprintf(w, "%s: %s\n", t.Name, t.Title)
	for _, line := range wrap(t.Doc, min(width, 100)-2) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	fmt.Fprintf(w, "  Effect: %s, which %s.\n", t.Effect, strings.ReplaceAll(t.Effect.Doc(), ";", ":"))
	fmt.Fprintln(w, "\ninput parameters")
	inputFields(w, width, t.Input.Fields)
	fmt.Fprintln(w, "\noutput parameters")
	fields(w, width, t.Output.Fields)
}

// inputFields and fields write parameters in tables like those of a connector's documentation. An input that is not
// required may be null, so that goes without saying; an output that may be null must be guarded.
func inputFields(w io.Writer, width int, list []schema.Field) {
	shown := slices.Clone(list)
	for i := range shown {
		shown[i].Type.Nullable = false
	}
	fields(w, width, shown)
}

func fields(w io.Writer, width int, list []schema.Field) {
	rows := make([][]string, len(list))
	for i, f := range list {
		about := f.Description
		if f.Title != "" {
			about = f.Title + ". " + about
		}
		fallback := "-"
		if f.Default != nil {
			fallback = plainText(f.Default)
		}
		rows[i] = []string{f.Name, f.Type.String(), yesNo(f.Required), fallback, about}
	}
	table(w, "  ", width, []string{"NAME", "TYPE", "REQUIRED", "DEFAULT", "DESCRIPTION"}, rows)
}
