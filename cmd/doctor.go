package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
)

type doctorCommand struct {
	homeFlags
	output output
}

func (c *doctorCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "doctor",
		Usage:       "check what runs need: the home, the journal, the clock, the key, the credentials and the systems",
		Description: "errand doctor\nerrand doctor -o json",
		Flags:       c.homeFlags.with(c.output.flag()),
	}
}

// run makes all checks, even after a finding. It changes nothing, but creates a home that does not
// exist.
func (c *doctorCommand) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none(""); err != nil {
		return err
	}
	found := c.examineHome(ctx, a.command)
	credentials, err := c.examineCredentials(ctx)
	if err != nil {
		return err
	}
	found = append(found, credentials...)
	code, wrong := ExitSucceeded, 0
	for _, f := range found {
		if !f.OK {
			wrong++
			if code == ExitSucceeded {
				code = f.code
			}
		}
	}
	if asJSON {
		if err := c.writeJSON(map[string]any{"version": 1, "ok": wrong == 0, "findings": found}); err != nil {
			return err
		}
	} else {
		for _, f := range found {
			mark := "✓"
			switch {
			case !f.OK:
				mark = "✗"
			case f.Warning:
				mark = "!"
			}
			fmt.Fprintf(c.stdout, "%s %s: %s\n", mark, f.What, diag.Printable(f.Message))
			if f.Hint != "" && c.offers(f.Hint) {
				fmt.Fprintf(c.stdout, "    hint: %s\n", diag.Printable(c.atHome(f.Hint)))
			}
		}
	}
	if wrong > 0 {
		return &Exit{Code: code, Message: fmt.Sprintf("%d of %d findings need attention", wrong, len(found))}
	}
	return nil
}

// examineHome examines the system that keeps the runs, if it is not the home. Then it opens the home, and
// checks it with its journal and the clock.
func (c *doctorCommand) examineHome(ctx context.Context, by string) []finding {
	at, err := c.home()
	if err != nil {
		return []finding{errorFinding("home", err)}
	}
	found := c.examineSystem(ctx, at)
	o, err := c.open(ctx, by, c.connectors.registry())
	if err != nil {
		why := errorFinding("home "+at.Folder, err)
		if slices.ContainsFunc(found, func(f finding) bool { return f.Message == why.Message }) {
			return found // the system cannot be reached
		}
		return append(found, why)
	}
	defer o.close()
	if c.vocabulary != nil { // the runs are elsewhere
		if err := o.OpenJournal(ctx); err != nil {
			return append(found, errorFinding("journal", runExit(err, "")))
		}
	}
	return append(found, examineOpened(ctx, o)...)
}

// examineCredentials opens the store, and tests the credentials.
func (c *doctorCommand) examineCredentials(ctx context.Context) ([]finding, error) {
	s, err := c.store(false)
	if err != nil {
		return nil, err
	}
	return examineCredentials(ctx, s, c.connectors.over(s)), nil
}
