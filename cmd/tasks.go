package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

type tasksCommand struct {
	*terminal
	connectors connectors
	output     output
}

func (c *tasksCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "tasks",
		Usage:       "list the task types, or describe one: what it changes, what must be permitted, its parameters",
		ArgsUsage:   "[NAME|CONNECTOR]",
		Description: "errand tasks\nerrand tasks ec2\nerrand tasks ec2.create_instance\nerrand tasks ec2.create_instance -o json",
		Flags:       []cli.Flag{c.output.flag()},
	}
}

func (c *tasksCommand) words(_ context.Context, p *partial) []candidate {
	return p.first(taskWords(c.connectors.registry()))
}

func (c *tasksCommand) run(_ context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	name, err := a.optional()
	if err != nil {
		return err
	}
	types, one, err := taskTypes(c.connectors.registry(), name)
	switch {
	case err != nil:
		return err
	case asJSON:
		list := []any{}
		for _, t := range types {
			input := t.Parameters().JSONSchema(nil)
			if rules := t.RuleSchemas(); len(rules) > 0 {
				input["allOf"] = rules
			}
			list = append(list, map[string]any{
				"name": t.Name, "title": t.Title, "description": t.Doc, "effect": t.Effect,
				"input": input, "rules": t.Sentences(), "output": t.Output.JSONSchema(nil),
				"change": changeJSON(t), "permissions": permissionsJSON(t),
			})
		}
		return c.writeJSON(map[string]any{"version": 1, "tasks": list})
	case one:
		printTask(c.stdout, types[0])
		return nil
	}
	width, _ := size(c.stdout)
	rows := taskRows(types)
	for i, t := range types {
		rows[i] = slices.Insert(rows[i], 1, changeOf(t))
	}
	table(c.stdout, "", width, []string{"NAME", "A CALL", "DESCRIPTION"}, rows)
	return nil
}

// taskTypes returns the task types for a name: all if the name is empty, those of a connector, or
// the type with this name.
func taskTypes(registry *task.Registry, name string) (types []task.Type, one bool, err error) {
	if name == "" {
		for _, name := range registry.Names() {
			t, _ := registry.Lookup(name)
			types = append(types, t)
		}
		return types, false, nil
	}
	if connector, ok := registry.Connector(name); ok {
		return connector.Types, false, nil
	}
	if t, ok := registry.Lookup(name); ok {
		return []task.Type{t}, true, nil
	}
	return nil, false, noTask(name, registry)
}

// noTask returns the error for the name of a task type that does not exist.
func noTask(name string, registry *task.Registry) *Exit {
	hint := "errand tasks lists the task types"
	if near, _ := program.NearestTask(name, registry); near != "" {
		hint = `did you mean "` + near + `"?`
	}
	return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no task type %q", name), Hint: hint}
}

// taskRows returns a row of a table for each task type: its name and the first sentence about it.
func taskRows(types []task.Type) [][]string {
	rows := make([][]string, len(types))
	for i, t := range types {
		first, _, _ := strings.Cut(t.Doc, ". ")
		rows[i] = []string{t.Name, strings.TrimSuffix(first, ".")}
	}
	return rows
}

// printTask describes a task type for people.
func printTask(w io.Writer, t task.Type) {
	width, _ := size(w)
	fmt.Fprintf(w, "%s: %s\n", t.Name, t.Title)
	for _, line := range wrap(t.Doc, min(width, 100)-2) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	fmt.Fprintf(w, "  Effect: %s, which %s.\n", t.Effect, strings.ReplaceAll(t.Effect.Doc(), ";", ":"))
	printChange(w, t)
	fmt.Fprintln(w, "\ninput parameters")
	inputFields(w, width, t.Input.Fields)
	for i, rule := range t.Sentences() {
		if i == 0 {
			fmt.Fprintln(w, "\nrules")
		}
		for _, line := range wrap(rule, min(width, 100)-2) {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	fmt.Fprintln(w, "\noutput parameters")
	fields(w, width, t.Output.Fields)
}

// inputFields writes a table of input parameters. It does not say which may be null, because every
// optional parameter may be.
func inputFields(w io.Writer, width int, list []schema.Field) {
	shown := withMembers("", list)
	for i := range shown {
		shown[i].Type.Nullable = false
	}
	fields(w, width, shown)
}

// withMembers returns the fields, each followed by its members: opts, opts.size, opts.rules[].port.
func withMembers(around string, list []schema.Field) []schema.Field {
	var all []schema.Field
	for _, f := range list {
		f.Name = around + f.Name
		all = append(all, f)
		path, t := f.Name, f.Type
		for ; t.Items != nil; t = *t.Items {
			path += "[]"
		}
		all = append(all, withMembers(path+".", t.Fields)...)
	}
	return all
}

// fields writes a table of parameters.
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
		if f.Unless != "" {
			fallback += " unless " + f.Unless
		}
		rows[i] = []string{f.Name, f.Type.String(), yesNo(f.Required), fallback, about}
	}
	table(w, "  ", width, []string{"NAME", "TYPE", "REQUIRED", "DEFAULT", "DESCRIPTION"}, rows)
}
