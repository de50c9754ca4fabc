package cmd

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// reorder puts a command's flags before its names, since the flag package stops at the first name. What follows "--" are names.
func reorder(app *cli.App, args []string) []string {
	var command *cli.Command // the innermost one that was named
	flags := slices.Clone(app.Flags)
	for _, one := range app.Commands { // a flag before the command's name may be any command's
		flags = append(flags, one.Flags...)
		for _, inner := range one.Subcommands {
			flags = append(flags, inner.Flags...)
		}
	}
	inner := func(name string) *cli.Command {
		if command == nil {
			return app.Command(name)
		}
		for _, c := range command.Subcommands {
			if c.HasName(name) {
				return c
			}
		}
		return nil
	}
	var before, names, ordered []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			names = append(names, args[i+1:]...)
			i = len(args)
		case len(arg) > 1 && arg[0] == '-':
			ordered = append(ordered, arg)
			if takesValue(flags, arg) && i+1 < len(args) {
				i++
				ordered = append(ordered, args[i])
			}
		case len(before) == 0 || len(names) == 0 && inner(arg) != nil:
			before = append(before, arg)
			if command = inner(arg); command != nil && len(command.Subcommands) == 0 {
				flags = append(slices.Clone(app.Flags), command.Flags...)
			}
		default:
			names = append(names, arg)
		}
	}
	result := append(before, ordered...)
	if len(names) > 0 {
		result = append(append(result, "--"), names...)
	}
	return result
}

// takesValue tells whether the flag is known, has a value, and the value is not in the same word.
func takesValue(flags []cli.Flag, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			d, ok := f.(cli.DocGenerationFlag)
			return ok && d.TakesValue()
		}
	}
	return false
}
