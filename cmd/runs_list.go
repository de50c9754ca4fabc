package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/schema"
)

type runsList struct {
	homeFlags
	workflow string
	request  string
	status   string
	waitsFor string
	since    string
	limit    int
	after    string
	pruned   bool
	output   output
}

func (c *runsList) describe() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list runs, the newest first",
		Description: "errand runs list\nerrand runs list --request 100-291\nerrand runs list --status uncertain -o json\nerrand runs list --waits-for person --since 7d",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "workflow", Usage: "only runs of the workflow `NAME`", Destination: &c.workflow},
			&cli.StringFlag{Name: "request", Usage: "only runs for the service request `ID`", Destination: &c.request},
			&cli.StringFlag{Name: "status", Usage: "only runs with the status `STATUS`: " + orList(statuses), Destination: &c.status},
			&cli.StringFlag{Name: "waits-for", Usage: "only runs that wait for `WHAT`: " + orList(waitsFor), Destination: &c.waitsFor},
			&cli.StringFlag{Name: "since", Usage: "only runs that started within this `TIME`, such as 24h or 7d, or since a day or an instant, such as 2026-03-01 or 2026-03-01T10:00:00Z", Destination: &c.since},
			&cli.IntFlag{Name: "limit", Value: defaultLimit, Usage: "list at most `N` runs; 0 lists all", Destination: &c.limit},
			&cli.StringFlag{Name: "after", Usage: "only the runs that follow `RUN` in the list, which -o json prints as the member next", Destination: &c.after},
			&cli.BoolFlag{Name: "pruned", Usage: "also runs whose record was deleted; --request ID lists them in any case", Destination: &c.pruned},
			c.output.flag(),
		),
	}
}

// defaultLimit is how many runs a list has if no flag says otherwise.
const defaultLimit = 50

// statuses are the values of --status.
var statuses = []engine.Status{engine.Succeeded, engine.Failed, engine.Uncertain, engine.Cancelled, engine.Waiting, engine.Running}

// waitsFor are the values of --waits-for.
var waitsFor = []engine.WaitFor{
	engine.WaitPerson, engine.WaitTime, engine.WaitRetry, engine.WaitPoll, engine.WaitEvidence, engine.WaitTurn, engine.WaitProcess, engine.WaitAdoption, engine.WaitTrouble,
}

// orList returns names as a list for a sentence, such as "a, b or c".
func orList[T ~string](names []T) string {
	texts := namesOf(names)
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
}

func namesOf[T ~string](names []T) []string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return texts
}

func (c *runsList) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none("--request, --workflow and --status choose runs"); err != nil {
		return err
	}
	if err := oneOf("status", c.status, statuses); err != nil {
		return err
	}
	if err := oneOf("--waits-for", c.waitsFor, waitsFor); err != nil {
		return err
	}
	since, err := sinceTime(c.since, time.Now())
	if err != nil {
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
	query := engine.Query{Workflow: c.workflow, Request: c.request, Status: engine.Status(c.status), WaitsFor: engine.WaitFor(c.waitsFor), Since: since, Pruned: c.pruned || c.request != "", After: c.after}
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
		if !query.Pruned && hasPruned(ctx, o, query) {
			fmt.Fprintf(c.stderr, "  hint: %s --pruned lists runs whose record was deleted\n", c.again())
		}
		return nil
	}
	rows := make([][]string, len(runs))
	for i, run := range runs {
		request := run.Request
		if request == "" {
			request = "-"
		}
		rows[i] = []string{run.Run, run.Workflow, diag.Printable(request), string(run.Status), shortTime(run.Started), diag.Printable(c.noteOn(run))}
	}
	width, _ := size(c.stdout)
	table(c.stdout, "", width, []string{"RUN", "WORKFLOW", "REQUEST", "STATUS", "STARTED", "NOTE"}, rows)
	if next != "" {
		fmt.Fprintf(c.stderr, "there are more runs\n  hint: %s --after %s lists the next ones; --limit 0 lists all\n", c.again(), next)
	}
	return nil
}

// hasPruned reports whether a query selects runs if it is asked for pruned ones too.
func hasPruned(ctx context.Context, o *opened, q engine.Query) bool {
	q.Pruned, q.Limit = true, 1
	found, err := o.List(ctx, q)
	return err == nil && len(found) > 0
}

// again returns the command that was typed, without --after.
func (c *runsList) again() string {
	words := []string{"errand", "runs", "list"}
	for _, f := range []struct{ flag, value string }{
		{"--workflow", c.workflow}, {"--request", c.request}, {"--status", c.status}, {"--waits-for", c.waitsFor}, {"--since", c.since},
	} {
		if f.value != "" {
			words = append(words, f.flag, word(f.value))
		}
	}
	if c.pruned {
		words = append(words, "--pruned")
	}
	if c.limit != defaultLimit {
		words = append(words, "--limit", strconv.Itoa(c.limit))
	}
	return c.atHome(strings.Join(words, " "))
}

// sinceTime reads the value of --since: how long before now, or a point in time.
func sinceTime(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, ok := pointInTime(text, func(d time.Duration) time.Time { return now.Add(-d) }); ok {
		return t, nil
	}
	return time.Time{}, usage("--since %q: expected a duration, such as 24h or 7d, or a time, such as 2026-03-01 or %s", text, now.UTC().Format(time.RFC3339))
}

// pointInTime reads a point in time, or a duration, which the function turns into one.
func pointInTime(text string, at func(time.Duration) time.Time) (time.Time, bool) {
	if d, err := schema.ParseDuration(text); err == nil {
		return at(d), true
	}
	for _, layout := range []string{time.RFC3339, timeLayout, "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
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

// oneOf returns an error if a value of a flag is set and is none of the known ones.
func oneOf[T ~string](what, value string, known []T) error {
	if value == "" || slices.Contains(known, T(value)) {
		return nil
	}
	return &Exit{Code: ExitUsage, Message: fmt.Sprintf("unknown %s %q", what, value), Hint: diag.DidYouMean(value, namesOf(known))}
}

// noteOn returns a short note on a run that adds to its status.
func (t *terminal) noteOn(v engine.View) string {
	var asking []string // the steps that wait for a person
	for _, w := range v.Waits {
		switch {
		case w.For == engine.WaitTurn && v.Cancelling:
		case w.For == engine.WaitTurn && len(v.Waits) > 1:
			return turnNote(w) + "; " + v.Waits[1].Reason
		case w.For == engine.WaitTurn:
			return turnNote(w)
		case isLate(w): // the run goes on without a decision
		case w.For == engine.WaitPerson:
			asking = append(asking, v.Program.KeyNames().Of(w.Step))
		case w.For == engine.WaitAdoption:
			return "waits for adoption: " + w.Reason
		case w.For == engine.WaitTrouble:
			return troubleNote(w)
		case w.For == engine.WaitProcess && w.Reason != "" && v.Due.IsZero():
			return w.Reason
		case w.For == engine.WaitProcess && w.Reason != "":
			return "its process ended; " + t.atHome("errand runs resume "+v.Run+" continues the run")
		}
	}
	switch {
	case len(asking) == 1 && v.Status == engine.Uncertain:
		return "step " + asking[0] + " is uncertain" + v.CancelNote()
	case len(asking) == 1:
		return "step " + asking[0] + " waits for a decision" + v.CancelNote()
	case len(asking) > 1:
		return "steps " + strings.Join(asking, ", ") + " wait for a decision" + v.CancelNote()
	case !v.Pruned.IsZero():
		return "its record was deleted at " + shortTime(v.Pruned)
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

// isLate reports whether a wait is for a decision whose time is over.
func isLate(w engine.Wait) bool {
	return w.For == engine.WaitPerson && !w.Due.IsZero() && !time.Now().Before(w.Due)
}

// timeLayout is a time for people, with its zone.
const timeLayout = "2006-01-02 15:04:05Z07:00"

func shortTime(t time.Time) string { return t.Local().Format(timeLayout) }
