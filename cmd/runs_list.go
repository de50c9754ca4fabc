package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
)

type runsList struct {
	homeFlags
	workflow string
	request  string
	status   string
	limit    int
	after    string
	output   output
}

func (c *runsList) describe() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list runs, the newest first",
		Description: "errand runs list\nerrand runs list --request 100-291\nerrand runs list --status uncertain -o json",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "workflow", Usage: "only runs of the workflow `NAME`", Destination: &c.workflow},
			&cli.StringFlag{Name: "request", Usage: "only runs for the service request `ID`", Destination: &c.request},
			&cli.StringFlag{Name: "status", Usage: "only runs with the status `STATUS`: succeeded, failed, uncertain, cancelled, waiting or running", Destination: &c.status},
			&cli.IntFlag{Name: "limit", Value: 50, Usage: "list at most `N` runs; 0 lists all", Destination: &c.limit},
			&cli.StringFlag{Name: "after", Usage: "only the runs that follow `RUN` in the list, which -o json prints as the member next", Destination: &c.after},
			c.output.flag(),
		),
	}
}

// statuses are the values of --status.
var statuses = []engine.Status{engine.Succeeded, engine.Failed, engine.Uncertain, engine.Cancelled, engine.Waiting, engine.Running}

func (c *runsList) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none("--request, --workflow and --status choose runs"); err != nil {
		return err
	}
	if err := knownStatus(c.status); err != nil {
		return err
	}
	if c.limit < 0 {
		return usage("--limit %d: expected a number of runs, or 0 for all", c.limit)
	}
	o, err := c.open(ctx, a.command, c.connectors.registry())
	if err != nil {
		return err
	}
	defer o.close()
	query := engine.Query{Workflow: c.workflow, Request: c.request, Status: engine.Status(c.status), After: c.after}
	if c.limit > 0 {
		query.Limit = c.limit + 1 // one run more, to know whether the list is complete
	}
	runs, err := o.List(ctx, query)
	if err != nil {
		return runExit(err, "")
	}
	next := ""
	if c.limit > 0 && len(runs) > c.limit {
		runs = runs[:c.limit]
		next = runs[c.limit-1].Run
	}
	if asJSON {
		return c.printJSON(ctx, o, runs, next)
	}
	if len(runs) == 0 {
		fmt.Fprintln(c.stderr, "no runs found in", o.Folder)
		return nil
	}
	rows := make([][]string, len(runs))
	for i, run := range runs {
		request := run.Request
		if request == "" {
			request = "-"
		}
		rows[i] = []string{run.Run, run.Workflow, diag.Printable(request), string(run.Status), shortTime(run.Started), diag.Printable(c.atHome(noteOn(run)))}
	}
	width, _ := size(c.stdout)
	table(c.stdout, "", width, []string{"RUN", "WORKFLOW", "REQUEST", "STATUS", "STARTED", "NOTE"}, rows)
	return nil
}

// printJSON prints {"version":1,"runs":[…],"next":…}. Each run is an engine.View. next is the value
// of --after for the rest of the list, or null if the list is complete.
func (c *runsList) printJSON(ctx context.Context, o *opened, runs []engine.View, next string) error {
	list := struct {
		Version int           `json:"version"`
		Runs    []engine.View `json:"runs"`
		Next    *string       `json:"next"`
	}{Version: 1, Runs: runs}
	if next != "" {
		list.Next = &next
	}
	for i, run := range runs {
		if !run.Ended.IsZero() {
			continue
		}
		v, err := o.Read(ctx, run.Run)
		if err != nil {
			return runExit(err, run.Run)
		}
		runs[i] = v
	}
	return c.writeJSON(list)
}

func knownStatus(status string) error {
	if status == "" {
		return nil
	}
	var names []string
	for _, s := range statuses {
		if status == string(s) {
			return nil
		}
		names = append(names, string(s))
	}
	return &Exit{Code: ExitUsage, Message: fmt.Sprintf("unknown status %q", status), Hint: diag.DidYouMean(status, names)}
}

// noteOn returns a short note on a run that adds to its status.
func noteOn(v engine.View) string {
	var asking []string // the steps that wait for a person
	for _, w := range v.Waits {
		switch {
		case w.For == engine.WaitPerson:
			asking = append(asking, w.Step)
		case w.For == engine.WaitAdoption:
			return "waits for adoption: " + w.Reason
		case w.For == engine.WaitTrouble:
			return troubleNote(w)
		case w.For == engine.WaitProcess && w.Reason != "" && v.Due.IsZero():
			return w.Reason
		case w.For == engine.WaitProcess && w.Reason != "":
			return "its process ended; errand runs resume " + v.Run + " continues the run"
		}
	}
	switch {
	case len(asking) == 1 && v.Status == engine.Uncertain:
		return "step " + asking[0] + " is uncertain"
	case len(asking) == 1:
		return "step " + asking[0] + " waits for a decision"
	case len(asking) > 1:
		return "steps " + strings.Join(asking, ", ") + " wait for a decision"
	case !v.Ended.IsZero():
		return "after " + since(v.Started, v.Ended)
	case v.Cancelling:
		return "is being cancelled"
	case v.Process != "":
		return "is carried out by " + v.Process
	case v.Due.After(time.Now()):
		return "waits until " + shortTime(v.Due)
	}
	return "is due"
}

func shortTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }
