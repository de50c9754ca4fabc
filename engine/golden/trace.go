package golden

import (
	"fmt"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/schema"
	"errand/tasks/sandbox"
)

// A trace tells a run as it went: steps at the left, what left for the systems under them, waits between.
type trace struct {
	strings.Builder
	clock func() time.Time
	shown time.Duration // since Start, of the last line that told the time
}

func (t *trace) event(e engine.Event) {
	t.time()
	switch e.Kind {
	case engine.RunStarted:
		fmt.Fprintf(t, "run %s for request %s\n", e.Name, e.Message)
	case engine.StepStarted:
		if e.Task == "" {
			fmt.Fprintf(t, "%s: begins%s\n", e.Step, because(e.Message))
			break
		}
		fmt.Fprintf(t, "%s: %s %s\n", e.Step, e.Task, e.Input)
	case engine.StepSkipped:
		fmt.Fprintf(t, "%s: skipped\n", e.Step)
	case engine.StepWaits:
		fmt.Fprintf(t, "  wait %s%s\n", schema.FormatDuration(e.Wait), because(e.Message))
	case engine.StepRetries:
		fmt.Fprintf(t, "  attempt %d: %s\n  wait %s\n", e.Attempt, e.Failure, schema.FormatDuration(e.Wait))
	case engine.StepSucceeded:
		fmt.Fprintf(t, "  done: %s\n", e.Message)
	case engine.StepFailed:
		fmt.Fprintf(t, "  failed: %s\n", e.Failure)
	case engine.StepAsks:
		fmt.Fprintf(t, "%s: asks: %s\n", e.Step, e.Message)
	case engine.StepDecided:
		fmt.Fprintf(t, "  decided: %s\n", e.Message)
	case engine.StepUncertain:
		fmt.Fprintf(t, "  uncertain: %s\n", e.Failure)
	case engine.HandlerBegins:
		fmt.Fprintf(t, "%s\n", strings.TrimSpace(e.Step+" "+e.Message))
	case engine.RunEnded:
		fmt.Fprintf(t, "run %s\n", e.Status)
	}
}

// time tells how long the run has gone on, where that has changed.
func (t *trace) time() {
	if passed := t.clock().Sub(Start); passed != t.shown {
		fmt.Fprintf(t, "+%s\n", schema.FormatDuration(passed))
		t.shown = passed
	}
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
