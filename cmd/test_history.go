package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/golden"
)

// A pastJSON is one run of errand test --against-history -o json.
type pastJSON struct {
	Run     string `json:"run"`
	Request string `json:"request"`
	Fate    string `json:"fate"` // as before, other data, another path, not comparable
	Where   string `json:"where,omitempty"`
	Was     string `json:"was,omitempty"`
	Is      string `json:"is,omitempty"`
}

// replayHistory replays the runs on record of a workflow with its current definition.
func (c *testCommand) replayHistory(ctx context.Context, a arguments, asJSON bool) error {
	name, err := a.one("the definition to compare with the runs on record")
	if err != nil {
		return err
	}
	p, err := c.definitions.load(c.terminal, name, c.connectors.registry())
	if err != nil {
		return err
	}
	return c.use(ctx, a.command, func(o *opened) error {
		runs, err := o.List(ctx, engine.Query{Workflow: p.Name})
		if err != nil {
			return runExit(err, "")
		}
		if len(runs) == 0 {
			return &Exit{Code: ExitNotFound, Message: "no run of " + p.Name + " is on record", Hint: "add --home DIR if its runs are in another home"}
		}
		bench := c.connectors.bench(c.definitions)
		all := make([]golden.Past, 0, len(runs))
		for _, run := range slices.Backward(runs) {
			record, err := o.Record(ctx, run.Run)
			if err != nil {
				all = append(all, golden.Past{Run: run.Run, Request: run.Request, Fate: golden.Incomparable, Where: err.Error()})
				continue
			}
			all = append(all, bench.Against(ctx, record, p.File, p.Own()))
		}
		return c.printHistory(p.Name, all, asJSON)
	})
}

// printHistory prints what the current definition would change in the runs.
func (c *testCommand) printHistory(workflow string, all []golden.Past, asJSON bool) error {
	count := map[golden.PastFate]int{}
	var report []pastJSON
	for _, past := range all {
		count[past.Fate]++
		report = append(report, pastJSON{past.Run, past.Request, string(past.Fate), past.Where, past.Was, past.Is})
		if !asJSON && past.Fate != golden.AsBefore {
			fmt.Fprintf(c.stdout, "%s  %s  %s\n", past.Run, diag.Printable(past.Request), diag.Printable(past.String()))
		}
	}
	if asJSON {
		if err := c.writeJSON(map[string]any{"version": 1, "workflow": workflow, "runs": report}); err != nil {
			return err
		}
	}
	said := []string{}
	for _, fate := range []golden.PastFate{golden.AsBefore, golden.OtherData, golden.OtherPath, golden.Incomparable} {
		if n := count[fate]; n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, fate))
		}
	}
	fmt.Fprintf(c.stderr, "%s of %s: %s\n", plural(len(all), "run"), workflow, strings.Join(said, ", "))
	if count[golden.OtherPath]+count[golden.OtherData] > 0 {
		return &Exit{Code: ExitFailed}
	}
	return nil
}
