package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/golden"
	"errand/engine/journal"
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

// againstHistory replays the runs on record of a workflow with the definition as it is now.
func (c *Command) againstHistory(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	name, err := oneName(x, "the definition to hold against the runs on record")
	if err != nil {
		return err
	}
	p, err := c.load(x, name, c.registry())
	if err != nil {
		return err
	}
	return c.inHome(x, func(d *desk) error {
		runs, err := d.Journal.List(x.Context, journal.Query{Workflow: p.Name})
		if err != nil {
			return journalExit(err, "")
		}
		if len(runs) == 0 {
			return &Exit{Code: ExitNotFound, Message: "there is no run of " + p.Name + " on record", Hint: "--home says where runs are kept"}
		}
		bench := c.bench(x)
		beside := &golden.Case{File: p.File}
		find := bench.Find
		bench.Find = func(_ *golden.Case, name string) (string, []byte, error) { return find(beside, name) } // what it calls lies beside it
		all := make([]golden.Past, 0, len(runs))
		for _, run := range slices.Backward(runs) {
			v, err := d.Look(x.Context, run.ID)
			if err != nil {
				all = append(all, golden.Past{Run: run.ID, Request: run.Request, Fate: golden.Incomparable, Where: err.Error()})
				continue
			}
			all = append(all, bench.Against(x.Context, v, p.Own()))
		}
		return c.showHistory(p.Name, all, asJSON)
	})
}

func (c *Command) showHistory(workflow string, all []golden.Past, asJSON bool) error {
	count := map[golden.PastFate]int{}
	var report []pastJSON
	for _, past := range all {
		count[past.Fate]++
		report = append(report, pastJSON{past.Run, past.Request, string(past.Fate), past.Where, past.Was, past.Is})
		if !asJSON && past.Fate != golden.AsBefore {
			fmt.Fprintf(c.Stdout, "%s  %s  %s\n", past.Run, diag.Printable(past.Request), diag.Printable(past.String()))
		}
	}
	if asJSON {
		if err := writeJSON(c.Stdout, map[string]any{"version": 1, "workflow": workflow, "runs": report}); err != nil {
			return err
		}
	}
	said := []string{}
	for _, fate := range []golden.PastFate{golden.AsBefore, golden.OtherData, golden.OtherPath, golden.Incomparable} {
		if n := count[fate]; n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, fate))
		}
	}
	fmt.Fprintf(c.Stderr, "%s of %s: %s\n", counted(len(all), "run"), workflow, strings.Join(said, ", "))
	if count[golden.OtherPath]+count[golden.OtherData] > 0 {
		return &Exit{Code: ExitFailed}
	}
	return nil
}
