package cmd

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/task"
)

func (c *Command) credentialsValidateCommand() *cli.Command {
	return &cli.Command{
		Name:        "validate",
		Usage:       "try a credential out with calls that change nothing",
		ArgsUsage:   "CONNECTOR NAME",
		Description: "errand credentials validate ec2 default\nerrand credentials validate ism default -o json",
		Flags:       []cli.Flag{outputFlag()},
		Action:      c.credentialsValidate,
	}
}

func (c *Command) credentialsValidate(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	s, connector, name, err := c.named(x, false)
	if err != nil {
		return err
	}
	of := connector.Name
	if _, err := s.Show(x.Context, connector, name); err != nil {
		return credentialExit(err)
	}
	good, checks := c.tryOut(x, connector, name)
	if good {
		if err := s.MarkValidated(x.Context, of, name, time.Now()); err != nil {
			return credentialExit(err)
		}
	}
	if asJSON {
		list := []any{}
		for _, check := range checks {
			list = append(list, map[string]any{"parameter": check.Parameter, "ok": check.OK, "message": check.Message})
		}
		if err := writeJSON(c.Stdout, map[string]any{"version": 1, "connector": of, "name": name, "valid": good, "checks": list}); err != nil {
			return err
		}
	} else {
		c.showChecks(checks)
	}
	if !good {
		return &Exit{Code: ExitCredentials, Message: fmt.Sprintf("credential %s of %s is not usable as it is", name, of), Hint: "errand credentials edit " + of + " " + name}
	}
	fmt.Fprintf(c.Stderr, "credential %s of %s is good\n", name, of)
	return nil
}

// tryOut has a connector try a credential out.
func (c *Command) tryOut(x *cli.Context, connector task.Connector, name string) (good bool, checks []task.Check) {
	good = true
	if connector.Ready != nil {
		if err := connector.Ready(x.Context, name); err != nil {
			return false, []task.Check{{Message: readyMessage(err)}}
		}
	}
	if connector.Validate != nil {
		checks = connector.Validate(x.Context, name)
	}
	for _, check := range checks {
		good = good && check.OK
	}
	return good, checks
}

// showChecks prints a mark beside each parameter.
func (c *Command) showChecks(checks []task.Check) {
	for _, check := range checks {
		mark := "✓"
		if !check.OK {
			mark = "✗"
		}
		what := check.Parameter
		if what != "" {
			what += " "
		}
		fmt.Fprintf(c.Stdout, "%s %s%s\n", mark, what, diag.Printable(check.Message))
	}
}
