package cmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
)

// A command is one command of the program: a struct with its dependencies and its flags.
type command interface {
	// describe returns the name, the help and the flags. The flags are stored in the struct.
	describe() *cli.Command

	// run executes the command. The flags are set.
	run(ctx context.Context, a arguments) error
}

// build makes a command of the cli library from a command.
func build(c command) *cli.Command {
	made := c.describe()
	made.CustomHelpTemplate = commandHelp
	made.HideHelpCommand = true
	made.OnUsageError = usageError
	made.Action = func(x *cli.Context) error {
		if user, ok := c.(homeUser); ok {
			user.nameHome()
		}
		if p, ok := x.App.Metadata[completing].(*partial); ok {
			p.offer(x.Context, c)
			return nil
		}
		return c.run(x.Context, arguments{command: fullName(x), names: x.Args().Slice()})
	}
	return made
}

// fullName returns the words that lead to a command, such as "errand runs show".
func fullName(x *cli.Context) string {
	name := ""
	for _, c := range x.Lineage() {
		if c.Command != nil && c.Command.Name != "" && c.Command.Name != "errand" {
			name = " " + c.Command.Name + name
		}
	}
	return "errand" + name
}

// group makes a command that only contains other commands. Its help shows the note below their
// list.
func group(name, usage, note string, commands ...*cli.Command) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, Subcommands: commands,
		CustomHelpTemplate: strings.Replace(groupHelp, "NOTE", note, 1),
		HideHelpCommand:    true,
		OnUsageError:       usageError,
		Action: func(x *cli.Context) error {
			if x.NArg() == 0 {
				return cli.ShowSubcommandHelp(x)
			}
			word := x.Args().First()
			exit := unknownCommand(word, commands)
			exit.Message = fmt.Sprintf("there is no command %q", name+" "+word)
			exit.Hint = cmp.Or(exit.Hint, "errand "+name+" --help lists the commands")
			return exit
		},
	}
}

// unknownCommand is the error for a word that is not the name of one of the commands.
func unknownCommand(word string, commands []*cli.Command) *Exit {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.Name
	}
	for _, c := range commands { // without the name of its group
		if innerCommand(c, word) != nil {
			return &Exit{Code: ExitUsage, Message: fmt.Sprintf("there is no command %q", word), Hint: "errand " + c.Name + " " + word + " --help explains the command of " + c.Name}
		}
	}
	return &Exit{Code: ExitUsage, Message: fmt.Sprintf("there is no command %q", word), Hint: diag.DidYouMean(word, names)}
}

// usageError is the error for a wrong flag.
func usageError(x *cli.Context, err error, _ bool) error {
	return &Exit{Code: ExitUsage, Message: err.Error(), Hint: fullName(x) + " --help lists the flags"}
}

const groupHelp = `errand {{.Name}}: {{.Usage}}

Commands:
{{range .VisibleCommands}}  errand {{$.Name}} {{printf "%-9s" .Name}} {{.Usage}}
{{end}}
NOTE
errand {{.Name}} COMMAND --help explains a command.
`

const commandHelp = `{{.HelpName}}: {{.Usage}}
{{if .Description}}
Examples:{{nindent 2 .Description}}
{{end}}
Usage: {{.HelpName}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}{{if .VisibleFlags}} [FLAGS]

Flags:
{{range .VisibleFlags}}  {{.}}
{{end}}{{end}}`
