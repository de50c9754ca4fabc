package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"errand/engine/credential"
	"errand/engine/diag"
	"errand/engine/home"
	"errand/engine/schema"
	"errand/engine/task"
)

// asks reports whether a person can be asked: input and messages are on a real terminal.
func (t *terminal) asks() bool { return isTerminal(t.stdin) && isTerminal(t.stderr) }

// askInput asks for an input until the answer is valid.
func (t *terminal) askInput(given *home.Inputs, f schema.Field) error {
	what := f.Name
	if f.Description != "" {
		what += " (" + strings.TrimSuffix(f.Description, ".") + ")"
	}
	for {
		answer, err := t.ask(what, f.Type)
		if err != nil {
			return err
		}
		problems := given.AddText(f.Name, answer)
		if len(problems) == 0 {
			return nil
		}
		for _, problem := range problems {
			fmt.Fprintf(t.stderr, "input %s: %s\n", problem.Input, diag.Printable(problem.Message))
		}
	}
}

// ask asks for one line, which must hold a value of a type.
func (t *terminal) ask(what string, of schema.Type) (string, error) {
	line, err := t.readLine(what)
	if errors.Is(err, io.EOF) && line == "" {
		fmt.Fprintln(t.stderr)
		return "", usage("no answer; expected %s", of.NotNull().Article())
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// askLine asks for one line. The answer may be empty.
func (t *terminal) askLine(what string) (string, error) {
	line, err := t.readLine(what)
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", usage("no answer; expected a line of text")
	}
	return strings.TrimSpace(line), nil
}

func (t *terminal) readLine(what string) (string, error) {
	fmt.Fprintf(t.stderr, "%s: ", what)
	if t.lines == nil {
		t.lines = bufio.NewReader(t.stdin)
	}
	return t.lines.ReadString('\n')
}

// choose asks a person to choose one of several, by number or by name. It returns the index.
func (t *terminal) choose(what string, names, about []string) (int, error) {
	for i, name := range names {
		fmt.Fprintf(t.stderr, "  %d  %-26s %s\n", i+1, name, about[i])
	}
	for {
		answer, err := t.askLine(what)
		if err != nil {
			return 0, err
		}
		for i, name := range names {
			if answer == name || answer == strconv.Itoa(i+1) {
				return i, nil
			}
		}
		fmt.Fprintf(t.stderr, "expected a number from 1 to %d, or a name\n", len(names))
	}
}

// askPassphrase asks for a passphrase without showing it. It asks twice for a new one.
func (t *terminal) askPassphrase(_ context.Context, q credential.Question) (task.Secret, error) {
	what := "passphrase of the credentials in " + q.Home
	if q.New {
		what = "new " + what
	}
	first, err := t.askSecret(what)
	if err != nil || !q.New {
		return first, err
	}
	again, err := t.askSecret("repeat the passphrase")
	if err == nil && again != first {
		err = errors.New("the two passphrases differ")
	}
	return again, err
}

// askSecret asks for one line without showing it.
func (t *terminal) askSecret(what string) (task.Secret, error) {
	fmt.Fprintf(t.stderr, "%s (not shown): ", what)
	in, ok := t.stdin.(*os.File)
	if !ok {
		return task.Secret{}, usage("cannot ask for the %s: standard input is not a terminal", what)
	}
	text, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(t.stderr)
	return task.NewSecret(strings.TrimSpace(string(text))), err
}
