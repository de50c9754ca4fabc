package cmd

import (
	"errors"
	"fmt"
	"path/filepath"

	"errand/engine/library"
)

// Exit codes.
const (
	ExitSucceeded     = 0
	ExitFailed        = 1  // the run failed
	ExitUsage         = 2  // the command line is wrong
	ExitProblems      = 3  // the definition has problems
	ExitUncertain     = 4  // uncertain, or waiting for a person
	ExitCancelled     = 5  // cancelled
	ExitNotFound      = 6  // not found, or in conflict with what exists
	ExitUnreachable   = 69 // a system could not be reached
	ExitInternal      = 70 // a fault of Errand itself
	ExitOutput        = 74 // the disk failed or is full, or the output cannot be written
	ExitLocked        = 75 // another process holds the journal or the run
	ExitCredentials   = 77 // credentials are missing or refused
	ExitConfiguration = 78 // a setting is wrong
)

// An Exit ends the command with a code. Message and Hint are written to standard error.
type Exit struct {
	Code    int
	Message string // empty if the command printed everything itself
	Hint    string
}

func (e *Exit) Error() string { return e.Message }

// usage is the Exit for a wrong command line.
func usage(format string, args ...any) *Exit {
	return &Exit{Code: ExitUsage, Message: fmt.Sprintf(format, args...)}
}

// print writes the message and the hint.
func (e *Exit) print(t *terminal) {
	if e.Message != "" {
		fmt.Fprintln(t.stderr, t.program()+":", e.Message)
	}
	if e.Hint != "" && t.offers(e.Hint) {
		fmt.Fprintln(t.stderr, "  hint:", t.atHome(e.Hint))
	}
}

// definitionExit converts an error of package library to an Exit with a hint. It returns other
// errors unchanged.
func definitionExit(err error) error {
	if missing, ok := errors.AsType[*library.NotFoundError](err); ok {
		hint := "errand workflows lists the workflows; write the name of a file with its extension, such as " + missing.Name + ".yaml"
		if filepath.Ext(missing.Name) != "" {
			hint = "errand workflows lists the workflows; if you mean a file, write its path: ./" + missing.Name
		}
		if missing.Near != "" {
			hint = `did you mean "` + missing.Near + `"?`
		}
		return &Exit{Code: ExitNotFound, Message: missing.Error(), Hint: hint}
	}
	if folder, ok := errors.AsType[*library.FolderError](err); ok {
		return &Exit{Code: ExitConfiguration, Message: folder.Error(), Hint: "the folder was named by --definitions or ERRAND_DEFINITIONS"}
	}
	if file, ok := errors.AsType[*library.FileError](err); ok {
		if errors.Is(file, library.ErrNotFound) {
			return &Exit{Code: ExitNotFound, Message: file.Error()}
		}
		return usage("%v", file)
	}
	return err
}
