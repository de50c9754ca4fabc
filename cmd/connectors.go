package cmd

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

func (c *Command) connectorsCommand() *cli.Command {
	return &cli.Command{
		Name:        "connectors",
		Usage:       "list the connectors and the parameters of their credentials",
		Description: "errand connectors\nerrand connectors -o json",
		Flags:       []cli.Flag{outputFlag()},
		Action:      c.connectors,
	}
}

func (c *Command) connectors(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	if x.NArg() > 0 {
		return usage("`errand connectors` takes no name; errand tasks %s lists a connector's tasks", x.Args().First())
	}
	all := c.registry().Connectors()
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
		return writeJSON(c.Stdout, map[string]any{"version": 1, "connectors": list})
	}
	width, _ := size(c.Stdout)
	for i, one := range all {
		if i > 0 {
			fmt.Fprintln(c.Stdout)
		}
		fmt.Fprintf(c.Stdout, "%s: %s\n", one.Name, one.Title)
		for _, line := range wrap(one.Description, min(width, 100)-2) {
			fmt.Fprintf(c.Stdout, "  %s\n", line)
		}
		if len(one.Credential) > 0 {
			fmt.Fprintln(c.Stdout, "\n  credential")
			rows := [][]string{}
			for _, p := range one.Credential {
				rows = append(rows, []string{p.Name, yesNo(p.Encrypted), p.Variable, dash(p.Default), p.Description})
			}
			table(c.Stdout, "    ", width, []string{"PARAMETER", "ENCRYPTED", "VARIABLE", "DEFAULT", "DESCRIPTION"}, rows)
		}
		fmt.Fprintln(c.Stdout, "\n  tasks")
		table(c.Stdout, "    ", width, []string{"NAME", "DESCRIPTION"}, taskRows(one.Types))
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
