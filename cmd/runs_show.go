package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/local"
)

type runsShow struct {
	home
	output output
}

func (c *runsShow) describe() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "tell what a run did, how it stands, and what to do about it",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs show kq3vzt5mwxa2hd7c\nerrand runs show 100-291\nerrand runs show 100-291 -o json",
		Flags:       c.home.with(c.output.flag()),
	}
}

func (c *runsShow) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	return c.withOnlyRun(ctx, a, func(d *desk, run string) error {
		v, err := d.Look(ctx, run)
		damage, damaged := errors.AsType[*journal.DamageError](err)
		if err != nil && !damaged {
			return journalExit(err, run)
		}
		if asJSON {
			return writeJSON(c.stdout, d.json(ctx, v.Run))
		}
		d.print(v)
		if damaged {
			fmt.Fprintf(c.stdout, "\nthe record cannot be replayed: %s\n", diag.Printable(damage.Reason))
		}
		return nil
	})
}

// print prints a run: what it is, its timeline, and what there is to decide.
func (d *desk) print(v local.View) {
	w, run := d.stdout, v.Run
	fmt.Fprintf(w, "run %s: %s", run.ID, run.Workflow)
	if run.Request != "" {
		fmt.Fprintf(w, " for request %s", diag.Printable(run.Request))
	}
	fmt.Fprintln(w)
	line := func(name, text string) { fmt.Fprintf(w, "  %-11s %s\n", name, diag.Printable(text)) }
	status := run.Status
	if note := d.note(run); note != "" {
		status += ", " + note
	}
	line("status", status)
	line("started", shortTime(run.Started))
	line("definition", fmt.Sprintf("%s (sha256 %.12s…)", run.File, run.Digest))
	line("inputs", string(run.Inputs))
	if f := v.Result.Failure; f != nil {
		line("failure", fmt.Sprintf("at %s: %s (%s)", f.Step, f.Message, f.Code))
	}
	if len(v.Events) > 0 {
		fmt.Fprintln(w, "\ntimeline")
		timeline := plain{w: indented{w}}
		for _, e := range v.Events {
			timeline.event(e)
		}
	}
	for _, q := range v.Asks {
		if q.Failure == nil {
			showApproval(w, run.ID, q)
		} else {
			showEvidence(w, v, q.Step)
		}
	}
	if v.Program != nil && len(v.Result.Outputs) > 0 {
		fmt.Fprintln(w, "\noutputs")
		for _, o := range v.Program.Outputs {
			fmt.Fprintf(w, "  %s: %s\n", o.Name, plainText(v.Result.Outputs[o.Name]))
		}
	}
	result := engine.Result{Run: run.ID, Status: engine.Status(run.Status), Failure: v.Result.Failure}
	if result.Status == engine.Uncertain && result.Failure == nil {
		return // the record is damaged and does not say which step is uncertain
	}
	idle := run.Wake.IsZero() || run.Status == string(engine.Failed)
	if hint := unfinished(result); idle && len(v.Asks) == 0 && hint != "" {
		fmt.Fprintf(w, "\n%s\n", hint)
	}
}

// showEvidence prints what a person can decide by: what was sent, when and with which key, and what
// was seen since.
func showEvidence(w io.Writer, v local.View, step string) {
	at := -1
	for i, e := range v.Entries {
		if e.Kind == journal.Intent && e.Step == step {
			at = i
		}
	}
	if at < 0 {
		return
	}
	call := v.Entries[at].Call
	fmt.Fprintf(w, "\nuncertain: step %s (%s)\n", step, call.Type)
	line := func(name, text string) { fmt.Fprintf(w, "  %-11s %s\n", name, diag.Printable(text)) }
	line("sent", fmt.Sprintf("%s, attempt %d", shortTime(v.Entries[at].At), call.Attempt))
	line("request", string(call.Input))
	line("key", call.Key())
	for _, e := range v.Entries[at+1:] {
		switch {
		case e.Kind == journal.Resumed:
			line("since", shortTime(e.At)+" "+e.By+"; "+e.Word)
		case e.Kind == journal.Replied && e.Step == step && e.Reply.Failure != nil:
			line("since", shortTime(e.At)+" "+e.Reply.Failure.Message)
		}
	}
	fmt.Fprintln(w, "\nlook whether it took effect, then say so:")
	for _, verdict := range engine.Verdicts {
		fmt.Fprintf(w, "  errand runs resolve %s %s --%-6s %s\n", v.Run.ID, step, verdict, verdictWords[verdict])
	}
}

// showApproval prints what a person is asked, and how to answer.
func showApproval(w io.Writer, run string, q engine.Question) {
	fmt.Fprintf(w, "\nstep %s asks: %s\n", q.Step, diag.Printable(q.Ask))
	fmt.Fprintf(w, "  %-11s %s\n", "for", diag.Printable(strings.Join(q.By, ", ")))
	if !q.Until.IsZero() {
		fmt.Fprintf(w, "  %-11s %s\n", "until", shortTime(q.Until))
	}
	fmt.Fprintf(w, "  errand runs approve %s %s --approve|--reject\n", run, q.Step)
}

var verdictWords = map[engine.Verdict]string{
	engine.VerdictDone:  "it took effect: go on after it",
	engine.VerdictRetry: "it did not: call it again",
	engine.VerdictFail:  "take the step as failed",
}

// indented writes lines with two spaces before each.
type indented struct{ w io.Writer }

func (i indented) Write(p []byte) (int, error) {
	lines := slices.Collect(strings.Lines(string(p)))
	_, err := io.WriteString(i.w, "  "+strings.Join(lines, "  "))
	return len(p), err
}
