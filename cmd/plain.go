package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// plain shows a run as one line per event, for logs and pipes.
type plain struct {
	mu      sync.Mutex
	w       io.Writer
	started time.Time
	details bool // what a failure says only to operators gets lines of its own
	names   program.KeyNames
	column  int // the width of the column of steps

	// Events from before a time come again when a run goes on. Those of branches come one branch after
	// the other, so plain keeps them for a moment and prints them in the order of their times.
	before time.Time
	past   []engine.Event
	flush  *time.Timer
}

// pastDelay is how long plain waits for the next event of the past.
const pastDelay = 100 * time.Millisecond

// The width of the column of steps. Longer names move the rest of their line.
const (
	narrowestSteps = 12
	widestSteps    = 30
)

// newPlain returns a plain for the runs of a program. p is nil if the program is not known.
func newPlain(w io.Writer, p *program.Program) *plain {
	names := p.KeyNames()
	return &plain{w: w, names: names, column: max(narrowestSteps, names.Longest(widestSteps))}
}

// newFollowing returns a plain for a run that may have begun before.
func newFollowing(w io.Writer, program *program.Program) *plain {
	p := newPlain(w, program)
	p.before = time.Now()
	p.flush = time.AfterFunc(pastDelay, p.end)
	return p
}

func (p *plain) event(e engine.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.At.Before(p.before) {
		p.past = append(p.past, e)
		p.flush.Reset(pastDelay)
		return
	}
	p.printPast()
	p.print(e)
}

// printPast prints the events that plain has kept.
func (p *plain) printPast() {
	slices.SortStableFunc(p.past, func(a, b engine.Event) int { return a.At.Compare(b.At) })
	for _, e := range p.past {
		p.print(e)
	}
	p.past = nil
}

func (p *plain) print(e engine.Event) {
	line := func(step, word, text string) {
		if text != "" {
			text = "  " + diag.Printable(text)
		}
		line := fmt.Sprintf("%8s  %-*s %-9s%s", "+"+since(p.started, e.At), p.column, p.names.Of(step), word, text)
		fmt.Fprintln(p.w, strings.TrimRight(line, " "))
	}
	defer p.failureDetails(e)
	switch e.Kind {
	case engine.EventRunStarted:
		p.started = e.At
		about := ""
		if e.Request != "" {
			about = " for request " + diag.Printable(e.Request)
		}
		fmt.Fprintf(p.w, "run %s: %s%s\n", e.Run, e.Name, about)
	case engine.EventStepStarted:
		if e.Task == "" && e.Name != "" {
			line(e.Step, "begins", e.Name)
		}
	case engine.EventStepSkipped:
		line(e.Step, "skipped", e.Name)
	case engine.EventStepWaits:
		line(e.Step, "waits", waitText(e))
	case engine.EventStepRetries:
		line(e.Step, "retries", retryText(e))
	case engine.EventStepSucceeded:
		line(e.Step, "done", e.Message)
	case engine.EventStepFailed:
		line(e.Step, "failed", e.Failure.ForOperators())
	case engine.EventStepUncertain:
		line(e.Step, "uncertain", e.Failure.ForOperators())
	case engine.EventStepAsks:
		line(e.Step, "asks", askText(e))
	case engine.EventStepDecided:
		line(e.Step, "decided", e.Summary())
	case engine.EventStepInterrupted:
		line(e.Step, "cut off", e.Failure.ForOperators())
	case engine.EventRunResumed:
		line("", "resumed", "by "+e.Summary())
	case engine.EventRunStopped:
		line("", "stopped", "by "+e.Summary())
	case engine.EventRunAdopted:
		line("", "adopted", "by "+e.By.String())
	case engine.EventRunRetried:
		line(e.Step, "again", "from here, by "+e.By.String())
	case engine.EventHandlerBegins:
		line(e.Step, "", string(e.Handler)+":")
	case engine.EventRunEnded:
		fmt.Fprintf(p.w, "run %s: %s after %s%s\n", e.Run, e.Status, since(p.started, e.At), byPerson(e))
	}
}

// failureDetails writes what operators need beside the reason and the advice, which stand in the line
// of the failure.
func (p *plain) failureDetails(e engine.Event) {
	if !p.details || e.Failure == nil {
		return
	}
	for _, d := range e.Failure.Details {
		switch {
		case d.Name == task.DetailAdvice || d.Name == task.DetailReason:
		case d.Name == task.DetailAuthorization:
			fmt.Fprintf(p.w, "%24s%s, which this command decodes:\n%24saws sts decode-authorization-message --encoded-message %s\n", "", d.Name, "", diag.Printable(d.Value))
		default:
			fmt.Fprintf(p.w, "%24s%s: %s\n", "", d.Name, diag.Printable(d.Value))
		}
	}
}

// byPerson returns who cancelled the run that has ended.
func byPerson(e engine.Event) string {
	if e.By.Name == "" {
		return ""
	}
	return " by " + diag.Printable(e.By.String())
}

func (p *plain) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.printPast()
}

func (p *plain) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.printPast()
	fmt.Fprintln(p.w, text)
}

func waitText(e engine.Event) string {
	if e.For == engine.WaitTrouble {
		return "until this machine is mended: " + e.Failure.ForOperators()
	}
	text := schema.FormatDuration(e.Wait.Round(time.Millisecond))
	if e.Looks > 1 {
		text += fmt.Sprintf(" after look %d", e.Looks)
	}
	switch {
	case e.For == engine.WaitEvidence:
		text += ", then looks whether the attempt took effect"
	case e.Message != "":
		text += ": " + e.Message
	}
	return text
}

func askText(e engine.Event) string {
	if e.Wait == 0 {
		return e.Ask
	}
	return e.Ask + " (within " + schema.FormatDuration(e.Wait.Round(time.Millisecond)) + ")"
}

func retryText(e engine.Event) string {
	in := schema.FormatDuration(e.Wait.Round(time.Millisecond))
	switch {
	case e.For != engine.WaitEvidence:
		return fmt.Sprintf("in %s, after attempt %d: %s", in, e.Attempt, e.Failure.ForOperators())
	case e.Attempt == 0:
		return fmt.Sprintf("in %s, after a look that failed: %s", in, e.Failure.ForOperators())
	}
	return fmt.Sprintf("not before it is known whether attempt %d took effect: %s", e.Attempt, e.Failure.ForOperators())
}

// since returns the time between two times, short enough for a column.
func since(from, to time.Time) string {
	d := to.Sub(from)
	if d >= time.Second {
		d = d.Round(100 * time.Millisecond)
	} else {
		d = d.Round(time.Millisecond)
	}
	return schema.FormatDuration(d)
}
