package cmd

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/schema"
)

// finish prints the result of a run. place is nil outside a sandbox.
func finish(t *terminal, v engine.View, asJSON bool, place *place) error {
	if asJSON {
		if err := writeJSON(t.stdout, v); err != nil {
			return err
		}
	} else {
		report(t, v.Result, place)
	}
	return statusExit(v.Status)
}

// report prints the result of a run for people: the outputs on standard output, everything else on
// standard error.
func report(t *terminal, result engine.Result, place *place) {
	if f := result.Failure; f != nil && result.Status != engine.Succeeded {
		fmt.Fprintf(t.stderr, "%s at step %s: %s (%s)\n", result.Status, f.Step, diag.Printable(f.Message), f.Code)
	}
	hint := continueHint(result)
	if result.Status == engine.Waiting {
		why := "has stopped"
		if slices.ContainsFunc(result.Steps, func(s engine.StepResult) bool { return s.Status == engine.StepWaiting }) {
			why = "waits for a person"
		}
		if place == nil {
			why += "; its progress is on record"
		}
		fmt.Fprintf(t.stderr, "run %s %s\n", result.Run, why)
	}
	switch {
	case place != nil && result.Status == engine.Uncertain:
		hint = "check whether the call took effect; the run did nothing more, and the request is open"
	case place != nil:
		hint = place.decider.hint()
	}
	if hint != "" {
		fmt.Fprintln(t.stderr, "  hint:", hint)
	}
	for _, name := range slices.Sorted(maps.Keys(result.Outputs)) {
		fmt.Fprintf(t.stdout, "%s: %s\n", name, plainText(result.Outputs[name]))
	}
	if place != nil {
		printSandbox(t.stderr, place.sandbox)
	}
}

// plainText returns a value as text for people.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		return diag.Printable(v)
	case time.Duration:
		return schema.FormatDuration(v)
	}
	return string(schema.Encode(v))
}

func statusExit(s engine.Status) error {
	code := map[engine.Status]int{
		engine.Succeeded: ExitSucceeded, engine.Failed: ExitFailed, engine.Uncertain: ExitUncertain,
		engine.Waiting: ExitUncertain, engine.Cancelled: ExitCancelled,
	}[s]
	if code == ExitSucceeded {
		return nil
	}
	return &Exit{Code: code}
}

// continueHint returns how to continue a run that has not succeeded.
func continueHint(r engine.Result) string {
	switch r.Status {
	case engine.Uncertain:
		return fmt.Sprintf("errand runs show %s shows what was sent; check whether it took effect, then use errand runs resolve %s %s --done|--retry|--fail", r.Run, r.Run, r.Failure.Step)
	case engine.Waiting:
		for _, s := range r.Steps {
			if s.Status == engine.StepWaiting {
				return fmt.Sprintf("errand runs approve %s %s --approve|--reject", r.Run, s.ID)
			}
		}
		return "errand runs resume " + r.Run + " continues the run"
	case engine.Failed:
		return "errand runs retry " + r.Run + " continues from there, and keeps the steps that succeeded"
	}
	return ""
}
