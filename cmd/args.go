package cmd

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// arguments are the names that follow a command and its flags.
type arguments struct {
	command string // such as "errand runs show"
	names   []string
}

// one returns the only name.
func (a arguments) one(what string) (string, error) {
	switch n := len(a.names); n {
	case 0:
		return "", &Exit{Code: ExitUsage, Message: "name " + what, Hint: a.command + " --help shows examples"}
	case 1:
		return a.names[0], nil
	default:
		return "", usage("expected one name, got %d: %s", n, strings.Join(a.names, " "))
	}
}

// optional returns the only name, or "" if there is none.
func (a arguments) optional() (string, error) {
	switch n := len(a.names); n {
	case 0:
		return "", nil
	case 1:
		return a.names[0], nil
	default:
		return "", usage("expected one name, got %d: %s", n, strings.Join(a.names, " "))
	}
}

// none returns an error if there is a name. The hint says what to do instead, and may be empty;
// NAME in it stands for the first name.
func (a arguments) none(hint string) error {
	if len(a.names) == 0 {
		return nil
	}
	if hint != "" {
		hint = "; " + strings.ReplaceAll(hint, "NAME", a.names[0])
	}
	return usage("`%s` takes no name, got %q%s", a.command, a.names[0], hint)
}

// reorder puts a command's flags before its names, because the flag package stops at the first
// name. Everything after "--" is a name. If the help of a command is asked for, its names are left
// out, because the library would take the first one for a topic.
func reorder(app *cli.App, args []string) []string {
	var command *cli.Command // the innermost command that was named
	flags := slices.Clone(app.Flags)
	for _, one := range app.Commands { // a flag may precede the name of its command
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
	asksHelp := false
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			names = append(names, args[i+1:]...)
			i = len(args)
		case len(arg) > 1 && arg[0] == '-':
			ordered = append(ordered, arg)
			asksHelp = asksHelp || isHelp(arg)
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
	if asksHelp {
		switch {
		case command == nil && len(before) > 0: // no command has this name: it is refused
			return before
		case command != nil && len(command.Subcommands) > 0 && len(names) > 0:
			return append(before, names...)
		case command != nil && command.Name == "help":
			return []string{"help", "help"} // the library would print the help of the program
		}
		names, ordered = nil, []string{"--help"}
	}
	result := append(before, ordered...)
	if len(names) > 0 {
		result = append(append(result, "--"), names...)
	}
	return result
}

// isHelp reports whether an argument asks for help.
func isHelp(arg string) bool {
	return slices.Contains(cli.HelpFlag.Names(), strings.TrimLeft(arg, "-"))
}

// takesValue reports whether a flag is known and takes its value from the next word.
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
