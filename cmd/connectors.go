package cmd

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/home"
	"errand/engine/task"
)

// connectors makes the connectors for an environment.
type connectors func(task.Environment) []task.Connector

// registry returns the task types without credentials, for commands that only describe them.
func (k connectors) registry() *task.Registry {
	return task.NewRegistry(k(task.Environment{})...)
}

// over returns the task types with the credentials of a store. Secrets are masked in the outputs of
// tasks.
func (k connectors) over(s *credential.Store) *task.Registry {
	return (&home.Home{Credentials: s, Connectors: k}).Registry()
}

type connectorsCommand struct {
	*terminal
	connectors connectors
	output     output
}

func (c *connectorsCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "connectors",
		Usage:       "list the connectors and the parameters of their credentials",
		Description: "errand connectors\nerrand connectors -o json",
		Flags:       []cli.Flag{c.output.flag()},
	}
}

func (c *connectorsCommand) run(_ context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none("errand tasks NAME lists a connector's tasks"); err != nil {
		return err
	}
	all := c.connectors.registry().Connectors()
	if asJSON {
		list := []any{}
		for _, one := range all {
			parameters := []any{}
			for _, p := range one.Credential {
				parameters = append(parameters, map[string]any{
					"name": p.Name, "title": p.Title, "description": p.Description, "default": p.Default,
					"encrypted": p.Encrypted, "required": p.Required, "variable": p.Variable,
				})
			}
			names := []string{}
			for _, t := range one.Types {
				names = append(names, t.Name)
			}
			list = append(list, map[string]any{"name": one.Name, "title": one.Title, "description": one.Description, "credential": parameters, "tasks": names})
		}
		return c.writeJSON(map[string]any{"version": 1, "connectors": list})
	}
	width, _ := size(c.stdout)
	for i, one := range all {
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		fmt.Fprintf(c.stdout, "%s: %s\n", one.Name, one.Title)
		for _, line := range wrap(one.Description, min(width, 100)-2) {
			fmt.Fprintf(c.stdout, "  %s\n", line)
		}
		if len(one.Credential) > 0 {
			fmt.Fprintln(c.stdout, "\n  credential")
			rows := [][]string{}
			for _, p := range one.Credential {
				rows = append(rows, []string{p.Name, yesNo(p.Encrypted), p.Variable, dash(p.Default), p.Description})
			}
			table(c.stdout, "    ", width, []string{"PARAMETER", "ENCRYPTED", "VARIABLE", "DEFAULT", "DESCRIPTION"}, rows)
		}
		if len(one.Types) == 0 {
			continue
		}
		fmt.Fprintln(c.stdout, "\n  tasks")
		table(c.stdout, "    ", width, []string{"NAME", "DESCRIPTION"}, taskRows(one.Types))
	}
	return nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
