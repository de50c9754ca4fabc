// Package cmd implements the command line of Errand. A Command has its own streams and connectors,
// so that a test can run it in its own process, and a program with more task types needs only a
// short main function.
//
// Each command is a struct with its flags as fields, in a file of its name. Command.commands lists
// all commands. These files are shared:
//
//   - build.go makes commands and groups; args.go reads names; flags.go has common flags
//   - terminal.go has the terminal and stream.go its streams; ask.go asks a person; table.go,
//     json.go and result.go print; log.go has the flags of a log
//   - hint.go makes hints that work when they are typed; complete.go and complete_*.go return the
//     words that a shell completes
//   - edition.go makes another program of a Command: edition_adapt.go changes the commands,
//     vocabulary.go the texts, and extra.go adds commands; worker.go and
//     worker_metrics.go are for a command that carries on runs
//   - exit.go has the exit codes; exit_run.go has those of a runner's errors
//   - definitions.go and connectors.go find definitions and task types; place.go makes sandboxes
//   - home.go opens the home with its runs and credentials; durable.go and detach.go continue runs;
//     examine.go is what doctor and the console find out about a home
//   - intake.go finds and loads intake files
//   - progress.go, plain.go and live*.go show a run; inputs.go and decide.go read its inputs and
//     the decisions in a sandbox; turn.go says which run has the turn
//   - runs.go and credentials.go with credentials_ask.go are for the commands of these groups
//   - serve.go opens what a service keeps, for the commands about it; serve_run.go is the service,
//     with its parts in serve_*.go; listen.go and bearer.go are what every server needs
//   - calls.go finds the calls that an interrupt waits for; copied.go is about homes that are copies
//   - person.go says who decides, users*.go which users there are; rewrite.go replaces files
//   - init_*.go, check_fix.go, show_example.go, test_*.go, tasks_change.go and sandbox_page.go belong
//     to one command each
//
// Standard output contains only data; everything else goes to standard error. Messages begin with
// a lower-case letter and have no full stop.
package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/home"
	"errand/engine/task"
)

// A Command is the program. It can run any number of times, one after the other.
type Command struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string

	// Connectors makes the connectors for an environment: the network, or the sandbox.
	Connectors func(task.Environment) []task.Connector

	Self    string     // the file of the program, for --detach; defaults to the running program
	Runner  home.Maker // makes the runner; defaults to a local one with a journal in the home
	Edition *Edition   // what makes it another program; nil for errand
	Users   Directory  // defaults to the users of the operating system

	terminal *terminal // made by Run; keeps the input that was read ahead
}

// New returns a command that uses the streams and the environment of the process.
func New(connectors func(task.Environment) []task.Connector) *Command {
	return &Command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Connectors: connectors}
}

// commands returns all commands of the program.
func (c *Command) commands() []*cli.Command {
	h := homeFlags{terminal: c.terminal, connectors: connectors(c.Connectors), self: c.Self, runner: c.Runner}
	if c.Edition == nil {
		return c.shared(h)
	}
	h.further = c.Edition.Flags
	all := c.shared(h)
	end := len(all) - 3 // completion, version and help come last
	for _, extra := range c.Edition.Commands {
		all = slices.Insert(all, end, build(&extraCommand{homeFlags: h, extra: extra}))
		end++
	}
	c.terminal.vocabulary = newVocabulary(c.Edition, all)
	c.terminal.vocabulary.adapt("", all)
	return all
}

// shared returns the commands of errand. Other programs have most of them.
func (c *Command) shared(h homeFlags) []*cli.Command {
	t, k := h.terminal, h.connectors
	reading, keys := h, h
	reading.reads, keys.needsNoRuns = true, true
	return []*cli.Command{
		build(&initCommand{terminal: t, connectors: k}),
		build(&runCommand{homeFlags: h}),
		group("runs", "show, continue, decide about and cancel runs", runsNote,
			build(&runsList{homeFlags: reading}),
			build(&runsShow{homeFlags: reading}),
			build(&runsEvents{homeFlags: reading}),
			build(&runsResume{homeFlags: h}),
			build(&runsRetry{homeFlags: h}),
			build(&runsResolve{homeFlags: h}),
			build(&runsApprove{homeFlags: h}),
			build(&runsCancel{homeFlags: h}),
			build(&runsAdopt{homeFlags: h}),
			build(&runsSuspect{homeFlags: h}),
			build(&runsPrune{homeFlags: reading}),
			build(&runsRecord{homeFlags: reading}),
		),
		group("credentials", "store, check and export the credentials of connectors", credentialsNote,
			build(&credentialsAdd{credentialsChange{homeFlags: h}}),
			build(&credentialsEdit{credentialsChange{homeFlags: h}}),
			build(&credentialsList{homeFlags: reading}),
			build(&credentialsShow{homeFlags: reading}),
			build(&credentialsValidate{homeFlags: reading}),
			build(&credentialsDelete{homeFlags: h}),
			build(&credentialsRotate{homeFlags: keys}),
			build(&credentialsRewrap{homeFlags: h}),
			build(&credentialsEscrow{homeFlags: reading}),
			build(&credentialsRecover{homeFlags: h}),
			build(&credentialsExport{homeFlags: reading}),
			build(&credentialsImport{homeFlags: h}),
		),
		commandWith(&serveCommand{homeFlags: h}, serveNote, serveCommands(h, reading)...),
		group("intake", "try the rules by which tickets start workflows", intakeNote,
			build(&intakeTest{terminal: t, connectors: k}),
		),
		build(&backupCommand{homeFlags: reading}),
		build(&restoreCommand{homeFlags: h}),
		build(&doctorCommand{homeFlags: reading}),
		build(&checkCommand{terminal: t, connectors: k}),
		build(&workflowsCommand{terminal: t}),
		build(&showCommand{terminal: t, connectors: k}),
		build(&planCommand{homeFlags: h}),
		build(&testCommand{homeFlags: reading}),
		build(&graphCommand{terminal: t, connectors: k}),
		build(&connectorsCommand{terminal: t, connectors: k}),
		build(&tasksCommand{terminal: t, connectors: k}),
		build(&schemaCommand{terminal: t, connectors: k}),
		build(&lspCommand{terminal: t, connectors: k}),
		build(&sandboxCommand{terminal: t}),
		build(&completionCommand{terminal: t}),
		build(&versionCommand{terminal: t}),
		build(&helpCommand{terminal: t, commands: c.commands, again: c.Run}),
	}
}

// Run runs a command line, given without the name of the program, and returns the exit code.
func (c *Command) Run(ctx context.Context, args []string) int {
	if c.terminal == nil {
		c.terminal = &terminal{}
	}
	stdout, stderr := stream{&sink{to: c.Stdout}}, stream{&sink{to: c.Stderr}}
	c.terminal.home = nil
	c.terminal.stdin, c.terminal.stdout, c.terminal.stderr, c.terminal.getenv = c.Stdin, stdout, stderr, c.Getenv
	if c.terminal.users = c.Users; c.Users == nil {
		c.terminal.users = systemUsers{}
	}
	commands := c.commands()
	name := c.terminal.program()
	app := &cli.App{
		Name:                  name,
		HelpName:              name,
		Usage:                 "run declarative workflows for a service desk",
		Description:           c.terminal.reword("errand run start-instance --sandbox --request 100-291 --input instance_id=i-0a1b2c3d4e5f60001\nerrand check definitions/\nerrand tasks ec2.create_instance"),
		Commands:              commands,
		Flags:                 []cli.Flag{cli.HelpFlag}, // not added if a command is named help
		Reader:                c.Stdin,
		Writer:                stdout,
		ErrWriter:             stderr,
		HideHelpCommand:       true,
		HideVersion:           true,
		CustomAppHelpTemplate: c.appHelp(),
		ExitErrHandler:        func(*cli.Context, error) {},
		OnUsageError:          usageError,

		DisableSliceFlagSeparator: true, // a comma in a value belongs to the value
		Action: func(x *cli.Context) error {
			if x.NArg() > 0 {
				return unknownCommand("", x.Args().First(), commands)
			}
			return cli.ShowAppHelp(x)
		},
	}
	if len(args) > 0 && args[0] == "--version" {
		args = append([]string{"version"}, args[1:]...)
	}
	if len(args) > 0 && args[0] == completeWord {
		c.complete(ctx, app, args[1:])
		return ExitSucceeded
	}
	code := exitCode(app.RunContext(ctx, append([]string{name}, readLine(app, args).args()...)), c.terminal)
	if err := stdout.lost(); err != nil {
		lost := Exit{Code: ExitOutput, Message: "the output cannot be written: " + err.Error(), Hint: "what the command did stands; only its output is lost"}
		lost.print(c.terminal)
		if code == ExitSucceeded {
			return lost.Code
		}
	}
	return code
}

// exitCode prints the error of a command and returns its exit code.
func exitCode(err error, t *terminal) int {
	if err == nil {
		return ExitSucceeded
	}
	failure, ok := errors.AsType[*Exit](err)
	if !ok {
		failure = &Exit{Code: ExitInternal, Message: err.Error()}
	}
	failure.print(t)
	return failure.Code
}

// appHelp returns the template of the help of the program.
func (c *Command) appHelp() string {
	purpose := "runs declarative workflows for a service desk"
	if c.Edition != nil {
		purpose = c.Edition.Purpose
	}
	return c.terminal.program() + " " + purpose + "\n" + strings.ReplaceAll(appHelp, "errand ", c.terminal.program()+" ")
}

const appHelp = `
Examples:
  errand run start-instance --sandbox --request 100-291 --input instance_id=i-0a1b2c3d4e5f60001
  errand check my-workflows/
  errand tasks ec2.create_instance

Usage: errand COMMAND [ARGUMENTS] [FLAGS]

Commands:
{{range .VisibleCommands}}  {{printf "%-12s" .Name}} {{.Usage}}
{{end}}
errand COMMAND --help explains a command.

Exit codes: 0 succeeded, 1 the run, a test case or a verification failed, 2 usage, 3 the definition has problems,
4 uncertain or waiting, 5 cancelled, 6 not found or conflict, 69 a system could not be reached, 70 internal error,
74 the disk is full or output cannot be written, 75 another process holds the journal or the run, 77 credentials,
78 configuration.
`

// serveCommands returns the commands about what a service keeps. reading is for those that only read.
func serveCommands(h, reading homeFlags) []*cli.Command {
	h.needsNoRuns, reading.needsNoRuns = true, true
	return []*cli.Command{
		group("token", "make, list and revoke tokens", tokenNote,
			build(&serveTokenAdd{homeFlags: h}),
			build(&serveTokenList{homeFlags: reading}),
			build(&serveTokenRevoke{homeFlags: h}),
		),
		group("audit", "list and verify the audit log", auditNote,
			build(&serveAuditList{homeFlags: reading}),
			build(&serveAuditVerify{homeFlags: reading}),
		),
		build(&servePause{homeFlags: h}),
		build(&serveUnpause{homeFlags: h}),
		build(&servePaused{homeFlags: reading}),
	}
}
