package cmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
)

// Exit codes.
const (
	ExitSucceeded     = 0
	ExitFailed        = 1  // the run failed
	ExitUsage         = 2  // the command line is wrong
	ExitProblems      = 3  // the definition has problems
	ExitUncertain     = 4  // uncertain, or waiting for a person
	ExitCancelled     = 5  // cancelled
	ExitNotFound      = 6  // not found, or in conflict with what is there
	ExitUnreachable   = 69 // a system could not be reached
	ExitInternal      = 70 // a fault of Errand itself
	ExitLocked        = 75 // the journal, or the run, is held by somebody else
	ExitCredentials   = 77 // credentials are missing or refused
	ExitConfiguration = 78 // a setting is wrong
)

// An Exit ends the command with a code. Message and Hint go to standard error.
type Exit struct {
	Code    int
	Message string // empty: everything was said
	Hint    string
}

func (e *Exit) Error() string { return e.Message }

func usage(format string, args ...any) *Exit {
	return &Exit{Code: ExitUsage, Message: fmt.Sprintf(format, args...)}
}

func usageError(x *cli.Context, err error, _ bool) error {
	name := "errand"
	if x.Command != nil && x.Command.Name != "" && x.Command.Name != "errand" {
		name += " " + x.Command.Name
	}
	return &Exit{Code: ExitUsage, Message: err.Error(), Hint: name + " --help lists the flags"}
}

func (c *Command) unknownCommand(name string) error {
	var names []string
	for _, command := range c.commands() {
		names = append(names, command.Name)
	}
	return &Exit{Code: ExitUsage, Message: fmt.Sprintf("there is no command %q", name), Hint: diag.DidYouMean(name, names)}
}
