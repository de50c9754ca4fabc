package golden

import (
	"fmt"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/task"
	"errand/tasks/sandbox"
)

// A trace is the text of a run: steps at the left margin, their requests below them, waits between.
type trace struct {
	strings.Builder
	start time.Time
	clock func() time.Time
	shown time.Duration // the time since start in the last line that shows it
	step  string        // the step that the last line belongs to
}

func (t *trace) event(e engine.Event) {
	t.time()
	t.heading(e)
	switch e.Kind {
	case engine.EventRunStarted:
		fmt.Fprintf(t, "run %s for request %s\n", e.Name, e.Request)
	case engine.EventStepStarted:
		if e.Task == "" {
			fmt.Fprintf(t, "%s: begins%s\n", e.Step, because(e.Summary()))
			break
		}
		fmt.Fprintf(t, "%s: %s %s\n", e.Step, e.Task, e.Input)
	case engine.EventStepSkipped:
		fmt.Fprintf(t, "%s: skipped\n", e.Step)
	case engine.EventStepWaits:
		fmt.Fprintf(t, "  wait %s%s\n", span(e.Wait), because(e.Message))
	case engine.EventStepRetries:
		fmt.Fprintf(t, "  attempt %d: %s\n  wait %s\n", e.Attempt, e.Failure, span(e.Wait))
	case engine.EventStepSucceeded:
		fmt.Fprintf(t, "  done: %s\n", e.Message)
	case engine.EventStepFailed:
		fmt.Fprintf(t, "  failed: %s\n", e.Failure)
	case engine.EventStepAsks:
		fmt.Fprintf(t, "%s: asks: %s\n", e.Step, e.Ask)
	case engine.EventStepDecided:
		fmt.Fprintf(t, "  decided: %s\n", e.Summary())
	case engine.EventStepUncertain:
		fmt.Fprintf(t, "  uncertain: %s\n", e.Failure)
	case engine.EventHandlerBegins:
		fmt.Fprintf(t, "%s\n", strings.TrimSpace(e.Step+" "+string(e.Handler)))
	case engine.EventRunEnded:
		fmt.Fprintf(t, "run %s\n", e.Status)
	}
}

// asked writes who may decide.
func (t *trace) asked(q engine.Question) {
	if q.Failure != nil {
		return
	}
	of := strings.Join(q.By, ", ")
	if q.AllowRequester {
		of += ", the requester"
	}
	if !q.Until.IsZero() {
		of += "; within " + span(q.Until.Sub(t.clock()))
	}
	fmt.Fprintf(t, "  of %s\n", of)
}

// heading writes the step of an event again if the last line belongs to another step.
func (t *trace) heading(e engine.Event) {
	switch e.Kind {
	case engine.EventStepWaits, engine.EventStepRetries, engine.EventStepSucceeded, engine.EventStepFailed,
		engine.EventStepDecided, engine.EventStepUncertain, engine.EventStepInterrupted:
		if e.Branch != "" {
			t.again(e.Step)
		}
	}
	t.step = e.Step
}

// call writes the step of the requests that follow, if the last line belongs to another step.
func (t *trace) call(c task.Call) {
	t.time()
	t.again(c.Step)
}

func (t *trace) again(step string) {
	if step != t.step {
		fmt.Fprintf(t, "%s:\n", step)
		t.step = step
	}
}

// time writes the time since the start of the run, if that has changed.
func (t *trace) time() {
	if passed := t.clock().Sub(t.start); passed != t.shown {
		fmt.Fprintf(t, "+%s\n", span(passed))
		t.shown = passed
	}
}

// inPart returns a text that can stand in a part of a document. Parts of it come from other
// systems: it has no control characters, and no line that begins another part.
func inPart(text string) string {
	return strings.ReplaceAll(diag.PrintableText(text), "\n-- ", "\n  -- ")
}

func because(message string) string {
	if message == "" {
		return ""
	}
	return ": " + message
}

func (t *trace) exchange(e sandbox.Exchange) {
	t.time()
	fmt.Fprintf(t, "  > %s %s\n  < %s\n", e.System, e.Request, e.Answer)
}
