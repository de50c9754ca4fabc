// Package cmd is Errand's command line as a value: a Command with its streams and its connectors, so that a test can run it in
// process and a binary with more task types is a few lines of main.
//
// One file a command: init.go with init_ask.go and init_first.go, run.go, runs.go with runs_list.go to runs_record.go, check.go, workflows.go, show.go, plan.go, graph.go, test.go with
// test_cases.go to test_report.go, connectors.go, tasks.go,
// schema.go, lsp.go, sandbox.go, completion.go, version.go, help.go. Beside them: exit.go (exit codes), args.go (flags before and after names),
// find.go (where a definition comes from), inputs.go and ask.go (a run's inputs), decide.go (approvals in the sandbox), home.go (where runs
// are kept), durable.go and detach.go (carrying them out), progress.go with plain.go and live.go (what a run shows), check_fix.go and
// rewrite.go (fixes made to files), table.go, terminal.go.
//
// Standard output is data; everything else goes to standard error. Messages have no capital at the start and no full stop.
package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"errand/engine/journal"
	"errand/engine/task"
)

// A Command is the program, ready to be run any number of times, one after the other.
type Command struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	lines          *bufio.Reader // over Stdin, once something was asked

	// Connectors makes the connectors for an environment: the network, or the sandbox.
	Connectors func(task.Environment) []task.Connector

	Self string                                // the program's own file, for --detach; empty: the one that runs
	Wrap func(journal.Journal) journal.Journal // what stands between the runs and their journal; nil: nothing
}

// New is a command on the process's own streams and environment.
func New(connectors func(task.Environment) []task.Connector) *Command {
	return &Command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Connectors: connectors}
}

// commands are the program's table of contents.
func (c *Command) commands() []*cli.Command {
	return []*cli.Command{
		c.initCommand(),
		c.runCommand(),
		c.runsCommand(),
		c.credentialsCommand(),
		c.doctorCommand(),
		c.checkCommand(),
		c.workflowsCommand(),
		c.showCommand(),
		c.planCommand(),
		c.testCommand(),
		c.graphCommand(),
		c.connectorsCommand(),
		c.tasksCommand(),
		c.schemaCommand(),
		c.lspCommand(),
		c.sandboxCommand(),
		c.completionCommand(),
		c.versionCommand(),
		c.helpCommand(),
	}
}

// Run carries out a command line, without the program's name, and returns the exit code.
func (c *Command) Run(ctx context.Context, args []string) int {
	app := &cli.App{
		Name:                  "errand",
		HelpName:              "errand",
		Usage:                 "run declarative workflows for a service desk",
		Description:           "errand run start-instance --sandbox --request 100-291 --input instance_id=i-0a1b2c3d4e5f60001\nerrand check definitions/\nerrand tasks ec2.create_instance",
		Commands:              c.commands(),
		Flags:                 []cli.Flag{cli.HelpFlag}, // the library adds none if a command is named help
		Reader:                c.Stdin,
		Writer:                c.Stdout,
		ErrWriter:             c.Stderr,
		HideHelpCommand:       true,
		HideVersion:           true,
		EnableBashCompletion:  true,
		CustomAppHelpTemplate: appHelp,
		ExitErrHandler:        func(*cli.Context, error) {},
		OnUsageError:          usageError,
		CommandNotFound:       nil,

		DisableSliceFlagSeparator: true, // a comma in a value is the value's own
		Action: func(x *cli.Context) error {
			if x.NArg() > 0 {
				return c.unknownCommand(x.Args().First())
			}
			return cli.ShowAppHelp(x)
		},
	}
	for _, command := range app.Commands {
		command.OnUsageError = usageError
		if command.CustomHelpTemplate == "" { // a group of commands has its own
			command.CustomHelpTemplate = commandHelp
		}
		command.HideHelpCommand = true
	}
	err := app.RunContext(ctx, append([]string{"errand"}, reorder(app, args)...))
	return c.exit(err)
}

// exit says on standard error what went wrong, and returns its code.
func (c *Command) exit(err error) int {
	if err == nil {
		return ExitSucceeded
	}
	failure, ok := errors.AsType[*Exit](err)
	if !ok {
		failure = &Exit{Code: ExitInternal, Message: err.Error()}
	}
	if failure.Message != "" {
		fmt.Fprintln(c.Stderr, "errand:", failure.Message)
	}
	if failure.Hint != "" {
		fmt.Fprintln(c.Stderr, "  hint:", failure.Hint)
	}
	return failure.Code
}

const appHelp = `errand runs declarative workflows for a service desk

Examples:
  errand run start-instance --sandbox --request 100-291 --input instance_id=i-0a1b2c3d4e5f60001
  errand check my-workflows/
  errand tasks ec2.create_instance

Usage: errand COMMAND [ARGUMENTS] [FLAGS]

Commands:
{{range .VisibleCommands}}  {{printf "%-12s" .Name}} {{.Usage}}
{{end}}
errand COMMAND --help tells more. Exit codes: 0 succeeded, 1 the run, or a test case, failed, 2 usage, 3 the definition has problems,
4 uncertain or waiting, 5 cancelled, 6 not found or conflict, 69 a system could not be reached, 70 internal, 75 the journal or the run is
held by another process, 77 credentials, 78 configuration.
`

const commandHelp = `errand {{.Name}}: {{.Usage}}
{{if .Description}}
Examples:{{nindent 2 .Description}}
{{end}}
Usage: errand {{.Name}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}{{if .VisibleFlags}} [FLAGS]

Flags:
{{range .VisibleFlags}}  {{.}}
{{end}}{{end}}`
