package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
)

type runsList struct {
	home
	workflow string
	request  string
	status   string
	limit    int
	output   output
}

func (c *runsList) describe() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list runs, the newest first",
		Description: "errand runs list\nerrand runs list --request 100-291\nerrand runs list --status uncertain -o json",
		Flags: c.home.with(
			&cli.StringFlag{Name: "workflow", Usage: "only runs of the workflow `NAME`", Destination: &c.workflow},
			&cli.StringFlag{Name: "request", Usage: "only runs for the service request `ID`", Destination: &c.request},
			&cli.StringFlag{Name: "status", Usage: "only runs that are `STATUS`: succeeded, failed, uncertain, cancelled or waiting", Destination: &c.status},
			&cli.IntFlag{Name: "limit", Value: 50, Usage: "at most `N`; 0 for all", Destination: &c.limit},
			c.output.flag(),
		),
	}
}

// statuses are the values of --status.
var statuses = []engine.Status{engine.Succeeded, engine.Failed, engine.Uncertain, engine.Cancelled, engine.Waiting}

func (c *runsList) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none("--request, --workflow and --status choose"); err != nil {
		return err
	}
	if err := knownStatus(c.status); err != nil {
		return err
	}
	if c.limit < 0 {
		return usage("--limit %d: a number of runs is wanted, or 0 for all", c.limit)
	}
	d, err := c.open(ctx, a.command, c.connectors.registry())
	if err != nil {
		return err
	}
	defer d.close()
	runs, err := d.Journal.List(ctx, journal.Query{
		Workflow: c.workflow, Request: c.request, Status: c.status, Limit: c.limit,
	})
	if err != nil {
		return journalExit(err, "")
	}
	if asJSON {
		list := make([]runJSON, len(runs))
		for i, run := range runs {
			list[i] = d.json(ctx, run)
		}
		return writeJSON(c.stdout, map[string]any{"version": 1, "runs": list})
	}
	if len(runs) == 0 {
		fmt.Fprintln(c.stderr, "no such runs in", d.home)
		return nil
	}
	rows := make([][]string, len(runs))
	for i, run := range runs {
		request := run.Request
		if request == "" {
			request = "-"
		}
		rows[i] = []string{run.ID, run.Workflow, diag.Printable(request), run.Status, shortTime(run.Started), diag.Printable(d.note(run))}
	}
	width, _ := size(c.stdout)
	table(c.stdout, "", width, []string{"RUN", "WORKFLOW", "REQUEST", "STATUS", "STARTED", "NOTE"}, rows)
	return nil
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
	return &Exit{Code: ExitUsage, Message: "--status " + status + " is not known", Hint: diag.DidYouMean(status, names)}
}

// note says in a few words what is to be known about a run beside its status.
func (d *desk) note(run journal.Run) string {
	switch {
	case run.Reason != "":
		return run.Reason
	case !run.Ended.IsZero():
		return "after " + since(run.Started, run.Ended)
	case run.Cancel:
		return "is being cancelled"
	case run.Holder != "":
		about, alive := d.Journal.Alive(run.Holder)
		if alive {
			return "is carried out by " + about
		}
		return "was left by a process that ended; errand runs resume " + run.ID
	case run.Wake.After(time.Now()):
		return "waits until " + shortTime(run.Wake)
	}
	return "is due"
}

func shortTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// A runJSON is a run as `errand runs` prints it: the shape of `errand run -o json`, and for a run that
// has not ended when it is due and why nobody works on it.
type runJSON struct {
	engine.Result
	Due    time.Time `json:"due_at,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

func (d *desk) json(ctx context.Context, run journal.Run) runJSON {
	v, err := d.Look(ctx, run.ID)
	j := runJSON{Result: v.Result, Due: run.Wake, Reason: run.Reason}
	if err != nil { // it cannot be replayed; this much is known without
		j.Result = engine.Result{
			Version: 1, Run: run.ID, Workflow: run.Workflow, Request: run.Request, Started: run.Started, Ended: run.Ended,
			Outputs: map[string]any{}, Steps: []engine.StepResult{},
		}
		if j.Reason == "" {
			j.Reason = err.Error()
		}
	}
	j.Status = engine.Status(run.Status)
	return j
}
