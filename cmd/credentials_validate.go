package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/home"
	"errand/engine/task"
)

type credentialsValidate struct {
	homeFlags
	output output
}

func (c *credentialsValidate) describe() *cli.Command {
	return &cli.Command{
		Name:        "validate",
		Usage:       "test a credential with calls that change nothing",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials validate ec2 default\nerrand credentials validate ism default -o json",
		Flags:       c.homeFlags.with(c.output.flag()),
	}
}

func (c *credentialsValidate) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	n, err := c.named(a, false)
	if err != nil {
		return err
	}
	if _, err := n.show(ctx); err != nil {
		return err
	}
	of := n.connector.Name
	good, checks := home.Try(ctx, n.connector, n.name)
	if good {
		if err := n.store.MarkValidated(ctx, of, n.name, time.Now()); err != nil {
			return credentialExit(err)
		}
	}
	if asJSON {
		list := []any{}
		for _, check := range checks {
			list = append(list, map[string]any{"parameter": check.Parameter, "ok": check.OK, "warning": check.Warning, "message": check.Message})
		}
		if err := c.writeJSON(map[string]any{"version": 1, "connector": of, "name": n.name, "valid": good, "checks": list}); err != nil {
			return err
		}
	} else {
		printChecks(c.stdout, checks)
	}
	if !good && !slices.ContainsFunc(checks, func(check task.Check) bool { return checkCode(check) == ExitCredentials }) {
		return &Exit{Code: ExitUnreachable, Message: fmt.Sprintf("%s could not be tested", n), Hint: "try again when the system can be reached; errand credentials edit " + of + " " + n.name + " changes its address"}
	}
	if !good {
		return &Exit{Code: ExitCredentials, Message: fmt.Sprintf("%s is not usable", n), Hint: "errand credentials edit " + of + " " + word(n.name)}
	}
	fmt.Fprintf(c.stderr, "%s is good\n", n)
	return nil
}

// checkCode returns the exit code for a check, 0 if it found no fault.
func checkCode(check task.Check) int {
	switch {
	case check.OK:
		return ExitSucceeded
	case check.Unreachable:
		return ExitUnreachable
	}
	return ExitCredentials
}

// printChecks prints each parameter with a mark.
func printChecks(w io.Writer, checks []task.Check) {
	for _, check := range checks {
		mark := "✓"
		switch {
		case !check.OK:
			mark = "✗"
		case check.Warning:
			mark = "!"
		}
		what := check.Parameter
		if what != "" {
			what += " "
		}
		fmt.Fprintf(w, "%s %s%s\n", mark, what, diag.Printable(check.Message))
	}
}
