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

// A line is a command line, read as far as its flags and names go.
type line struct {
	before   []string     // the words that lead to the command
	command  *cli.Command // the innermost command that was named; nil if there is none
	flags    []string     // flags with their values
	names    []string
	asksHelp bool
	pending  string // the last word, if it is a flag whose value is missing
}

// readLine reads a command line. Flags may stand anywhere. Everything after "--" is a name.
func readLine(app *cli.App, args []string) line {
	var l line
	flags := append(slices.Clone(app.Flags), allFlags(app.Commands)...) // a flag may precede the name of its command
	inner := func(name string) *cli.Command {
		if l.command == nil {
			return app.Command(name)
		}
		for _, c := range l.command.Subcommands {
			if c.HasName(name) {
				return c
			}
		}
		return nil
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			l.names = append(l.names, args[i+1:]...)
			i = len(args)
		case len(arg) > 1 && arg[0] == '-':
			l.flags = append(l.flags, arg)
			l.asksHelp = l.asksHelp || isHelp(arg)
			switch takes := takesValue(flags, arg); {
			case takes && i+1 < len(args):
				i++
				l.flags = append(l.flags, args[i])
			case takes:
				l.pending = arg
			}
		case len(l.before) == 0 || len(l.names) == 0 && inner(arg) != nil:
			l.before = append(l.before, arg)
			if l.command = inner(arg); l.command != nil && len(l.command.Subcommands) == 0 {
				flags = append(slices.Clone(app.Flags), l.command.Flags...)
			}
		default:
			l.names = append(l.names, arg)
		}
	}
	return l
}

// allFlags returns the flags of commands and of those inside them.
func allFlags(commands []*cli.Command) (flags []cli.Flag) {
	for _, c := range commands {
		flags = append(append(flags, c.Flags...), allFlags(c.Subcommands)...)
	}
	return flags
}

// args returns the line with the flags before the names, because the flag package stops at the
// first name. If the help of a command is asked for, its names are left out, because the library
// would take the first one for a topic.
func (l line) args() []string {
	if l.asksHelp {
		switch {
		case l.command == nil && len(l.before) > 0: // no command has this name: it is refused
			return l.before
		case l.command != nil && len(l.command.Subcommands) > 0 && len(l.names) > 0:
			return append(l.before, l.names...)
		case l.command != nil && l.command.Name == "help":
			return []string{"help", "help"} // the library would print the help of the program
		}
		return append(l.before, "--help")
	}
	result := append(l.before, l.flags...)
	if len(l.names) > 0 {
		result = append(append(result, "--"), l.names...)
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
