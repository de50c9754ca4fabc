package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
			p.offer(x.Context, c, x.Command.VisibleFlags())
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
		if c.Command != nil && c.Command.Name != "" && c.Command.Name != x.App.Name {
			name = " " + c.Command.Name + name
		}
	}
	return x.App.Name + name
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
			path := strings.TrimPrefix(fullName(x)+" ", x.App.Name+" ")
			exit := unknownCommand(path, x.Args().First(), commands)
			exit.Hint = cmp.Or(exit.Hint, fullName(x)+" --help lists the commands")
			return exit
		},
	}
}

// commandWith makes a command that does something by itself and contains other commands.
func commandWith(c command, note string, commands ...*cli.Command) *cli.Command {
	made := build(c)
	made.Subcommands = commands
	made.CustomHelpTemplate = strings.Replace(commandWithHelp, "NOTE", note, 1)
	return made
}

// otherCommands are commands of other programs, and what they are here.
var otherCommands = map[string]string{
	"ls": "workflows", "list": "workflows", "validate": "check", "lint": "check", "verify": "check", "ps": "runs list", "status": "runs list",
	"logs": "runs show", "start": "run", "exec": "run", "describe": "show", "cat": "show", "new": "init", "create": "init",
}

// unknownCommand is the error for a word that is not the name of one of the commands. path is that of
// their group, with a space at its end; it is empty for the program.
func unknownCommand(path, word string, commands []*cli.Command) *Exit {
	var names []string
	for _, c := range visible(commands) {
		names = append(names, c.Name)
	}
	message := fmt.Sprintf("there is no command %q", path+word)
	if meant := otherCommands[word]; path == "" && slices.Contains(names, strings.Fields(meant + " -")[0]) {
		return &Exit{Code: ExitUsage, Message: message, Hint: `did you mean "` + meant + `"?`}
	}
	if inside := groupOf(word, commands); inside != "" { // the word stands without its group
		return &Exit{Code: ExitUsage, Message: message, Hint: "errand " + path + inside + " " + word + " --help explains the command of " + path + inside}
	}
	return &Exit{Code: ExitUsage, Message: message, Hint: diag.DidYouMean(word, names)}
}

// groupOf returns the words that lead to the first group that has a command with a name, or "".
func groupOf(name string, commands []*cli.Command) string {
	for _, c := range commands {
		if inner := innerCommand(c, name); inner != nil && !inner.Hidden {
			return c.Name
		}
		if inside := groupOf(name, c.Subcommands); inside != "" {
			return c.Name + " " + inside
		}
	}
	return ""
}

// usageError is the error for a wrong flag.
func usageError(x *cli.Context, err error, _ bool) error {
	return &Exit{Code: ExitUsage, Message: err.Error(), Hint: fullName(x) + " --help lists the flags"}
}

const groupHelp = `{{.HelpName}}: {{.Usage}}

Commands:
{{range .VisibleCommands}}  {{$.HelpName}} {{printf "%-9s" .Name}} {{.Usage}}
{{end}}
NOTE
{{.HelpName}} COMMAND --help explains a command.
`

const commandHelp = `{{.HelpName}}: {{.Usage}}
{{if .Description}}
Examples:{{nindent 2 .Description}}
{{end}}
Usage: {{.HelpName}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}{{if .VisibleFlags}} [FLAGS]

Flags:
{{range .VisibleFlags}}  {{.}}
{{end}}{{end}}`

const commandWithHelp = commandHelp + `
Commands:
{{range .VisibleCommands}}  {{$.HelpName}} {{printf "%-9s" .Name}} {{.Usage}}
{{end}}
NOTE
{{.HelpName}} COMMAND --help explains a command.
`
