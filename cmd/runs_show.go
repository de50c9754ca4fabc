package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/diag"
)

type runsShow struct {
	homeFlags
	output output
}

func (c *runsShow) describe() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "show what a run did, its status, and what to do next",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs show kq3vzt5mwxa2hd7c\nerrand runs show 100-291\nerrand runs show 100-291 -o json",
		Flags:       c.homeFlags.with(c.output.flag()),
	}
}

func (c *runsShow) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	return c.withOnlyRun(ctx, a, func(o *opened, run string) error {
		v, err := o.Read(ctx, run)
		if err != nil {
			return runExit(err, run)
		}
		if asJSON {
			return c.writeJSON(v)
		}
		events, err := o.Events(ctx, run, engine.EventID{})
		if err != nil && v.Trouble == nil {
			v.Trouble = err
		}
		blocked, err := o.waitingFor(ctx, v)
		if err != nil {
			return err
		}
		c.printRun(v, events, blocked)
		if v.Trouble != nil {
			fmt.Fprintf(c.stdout, "\n%s\n", diag.Printable(v.Trouble.Error()))
		}
		return nil
	})
}

// printRun prints a run: its properties, its timeline and its open decisions. blocked are the runs
// that wait for its turn.
func (t *terminal) printRun(v engine.View, events []engine.Event, blocked []string) {
	w, names := t.stdout, v.Program.KeyNames()
	fmt.Fprintf(w, "run %s: %s", v.Run, v.Workflow)
	if v.Request != "" {
		fmt.Fprintf(w, " for request %s", diag.Printable(v.Request))
	}
	fmt.Fprintln(w)
	line := func(name, text string) { fmt.Fprintf(w, "  %-11s %s\n", name, diag.Printable(text)) }
	line("status", string(v.Status)+", "+t.noteOn(v))
	if v.Key != "" {
		line("key", v.Key)
	}
	if len(blocked) > 0 {
		line("blocks", blockedNote(blocked))
	}
	line("started", shortTime(v.Started))
	if v.Program != nil {
		line("definition", fmt.Sprintf("%s (sha256 %.12s…)", v.Program.File, v.Program.Digest))
	}
	line("inputs", string(v.Inputs))
	if f := v.Failure; f != nil {
		line("failure", fmt.Sprintf("at %s: %s (%s)", names.Of(f.Step), f.Message, f.Code))
	}
	if len(events) > 0 {
		fmt.Fprintln(w, "\ntimeline")
		timeline := newPlain(indented{w}, v.Program)
		timeline.details = true
		for _, e := range events {
			timeline.event(e)
		}
	}
	open := 0
	for _, q := range v.Questions {
		if v.NotNow(q.Question, time.Now()) != nil {
			continue
		}
		open++
		if q.Failure == nil {
			t.showApproval(v.Run, names.Of(q.Step), q.Question)
		} else if q.Evidence != nil {
			t.showEvidence(v, callName(names.Of(q.Step), q.Evidence.Task), q)
		}
	}
	if v.Program != nil && len(v.Outputs) > 0 {
		fmt.Fprintln(w, "\noutputs")
		for _, o := range v.Program.Outputs {
			fmt.Fprintf(w, "  %s: %s\n", o.Name, plainText(v.Outputs[o.Name]))
		}
	}
	if v.Status == engine.Uncertain && v.Failure == nil {
		return // the record is damaged and does not say which step is uncertain
	}
	idle := v.Process == "" && (v.Due.IsZero() || len(v.Questions) > 0)
	if hint := continueHint(v); idle && open == 0 && hint != "" {
		fmt.Fprintf(w, "\n%s\n", t.atHome(hint))
	}
}

// showEvidence prints the evidence for a decision: what was sent, when and with which key, and what
// happened since.
func (t *terminal) showEvidence(v engine.View, step string, q engine.Open) {
	w := t.stdout
	evidence := q.Evidence
	fmt.Fprintf(w, "\nuncertain: step %s\n", step)
	line := func(name, text string) { fmt.Fprintf(w, "  %-11s %s\n", name, diag.Printable(text)) }
	line("sent", fmt.Sprintf("%s, attempt %d", shortTime(evidence.Sent), evidence.Attempt))
	line("request", string(evidence.Input))
	line("key", evidence.Key)
	for _, sign := range evidence.Since {
		if sign.Failure != nil {
			line("since", shortTime(sign.At)+" "+sign.Failure.ForOperators())
		} else {
			line("since", shortTime(sign.At)+" "+sign.Process+"; "+sign.Before.String())
		}
	}
	fmt.Fprintln(w, "\ncheck whether it took effect, then enter a verdict:")
	for _, verdict := range engine.Verdicts {
		then := verdictWords[verdict]
		if v.Cancelling {
			then = cancellingWords[verdict]
		}
		fmt.Fprintf(w, "  %s --%-6s %s\n", t.atHome("errand runs resolve "+v.Run+" "+word(q.Step)), verdict, then)
	}
}

// showApproval prints the question of an approval, and how to answer it.
func (t *terminal) showApproval(run, step string, q engine.Question) {
	w := t.stdout
	fmt.Fprintf(w, "\nstep %s asks: %s\n", step, diag.Printable(q.Ask))
	fmt.Fprintf(w, "  %-11s %s\n", "for", diag.Printable(strings.Join(q.By, ", ")))
	if !q.Until.IsZero() {
		fmt.Fprintf(w, "  %-11s %s\n", "until", shortTime(q.Until))
	}
	fmt.Fprintf(w, "  %s\n", t.atHome(howToDecide(run, q)))
}

var verdictWords = map[engine.Verdict]string{
	engine.VerdictDone:  "it took effect: continue after it",
	engine.VerdictRetry: "it did not take effect: call it again",
	engine.VerdictFail:  "treat the step as failed",
}

// cancellingWords are the verdicts on a step of a run that is to be cancelled.
var cancellingWords = map[engine.Verdict]string{
	engine.VerdictDone:  "it took effect: the run ends as cancelled",
	engine.VerdictRetry: "it did not take effect: it is not called again, and the run ends as cancelled",
	engine.VerdictFail:  "treat the step as failed: the run ends as cancelled",
}

// indented indents each line by two spaces.
type indented struct{ w io.Writer }

func (i indented) Write(p []byte) (int, error) {
	lines := slices.Collect(strings.Lines(string(p)))
	_, err := io.WriteString(i.w, "  "+strings.Join(lines, "  "))
	return len(p), err
}
