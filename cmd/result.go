package cmd

import (
	"cmp"
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
		if err := t.writeJSON(v); err != nil {
			return err
		}
	} else {
		report(t, v, place)
	}
	return statusExit(v)
}

// report prints the result of a run for people: the outputs on standard output, everything else on
// standard error.
func report(t *terminal, v engine.View, place *place) {
	result := v.Result
	if f := result.Failure; f != nil && result.Status != engine.Succeeded {
		fmt.Fprintf(t.stderr, "%s at step %s: %s (%s)\n", result.Status, v.Program.KeyNames().Of(f.Step), diag.Printable(f.Message), diag.Printable(f.Code))
	}
	if f := result.Failure; f != nil && result.Status == engine.Uncertain && v.Cancelling {
		fmt.Fprintf(t.stderr, "run %s was cancelled%s, and ends when step %s is resolved\n", result.Run, diag.Printable(v.CancelledBy.ByWhom()), v.Program.KeyNames().Of(f.Step))
	}
	hint := continueHint(v)
	if result.Status == engine.Waiting {
		why := "has stopped"
		if trouble := troubleOf(v); trouble != nil {
			why = troubleNote(*trouble)
		} else if len(v.Waits) > 0 && v.Waits[0].For == engine.WaitTurn {
			why = turnNote(v.Waits[0])
		} else if slices.ContainsFunc(result.Steps, func(s engine.StepResult) bool { return s.Status == engine.StepWaiting }) {
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
	if hint != "" && t.offers(hint) {
		fmt.Fprintln(t.stderr, "  hint:", t.atHome(hint))
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

// troubleOf returns the trouble on this machine that a run waits for to end, or nil.
func troubleOf(v engine.View) *engine.Wait {
	at := slices.IndexFunc(v.Waits, func(w engine.Wait) bool { return w.For == engine.WaitTrouble })
	if at < 0 {
		return nil
	}
	return &v.Waits[at]
}

// troubleCode returns the code of a wait for the end of trouble. Old records have none.
func troubleCode(w engine.Wait) engine.TroubleCode { return cmp.Or(w.Trouble, engine.TroubleDamaged) }

// troubleNote says what is wrong.
func troubleNote(w engine.Wait) string {
	if troubleCode(w) == engine.TroubleDamaged {
		return "is quarantined, because it cannot be replayed: " + w.Reason
	}
	return "waits until this machine is mended: " + w.Reason
}

// statusExit returns the Exit for the status of a run.
func statusExit(v engine.View) error {
	if trouble := troubleOf(v); trouble != nil && v.Status == engine.Waiting {
		return &Exit{Code: wordingOf(troubleCode(*trouble)).code}
	}
	code := map[engine.Status]int{
		engine.Succeeded: ExitSucceeded, engine.Failed: ExitFailed, engine.Uncertain: ExitUncertain,
		engine.Waiting: ExitUncertain, engine.Cancelled: ExitCancelled,
	}[v.Status]
	if code == ExitSucceeded {
		return nil
	}
	return &Exit{Code: code}
}

// continueHint returns how to continue a run that has not succeeded.
func continueHint(v engine.View) string {
	if slices.ContainsFunc(v.Waits, func(w engine.Wait) bool { return w.For == engine.WaitAdoption }) {
		return "errand runs adopt " + v.Run + " lets the run go on here, if no other home works on it"
	}
	switch r := v.Result; r.Status {
	case engine.Uncertain:
		return fmt.Sprintf("errand runs show %s shows what was sent; check whether it took effect, then use errand runs resolve %s %s --done, --retry or --fail", r.Run, r.Run, word(r.Failure.Step))
	case engine.Waiting:
		if len(v.Waits) == 1 && v.Waits[0].For == engine.WaitTurn {
			return "errand runs show " + v.Waits[0].Run + " shows the run that has the turn"
		}
		for _, s := range r.Steps {
			late := slices.ContainsFunc(v.Waits, func(w engine.Wait) bool { return w.Step == s.ID && isLate(w) })
			if s.Status == engine.StepWaiting && !late {
				return fmt.Sprintf("errand runs approve %s %s --approve or --reject", r.Run, word(s.ID))
			}
		}
		return "errand runs resume " + r.Run + " continues the run"
	case engine.Failed:
		if r.Failure != nil && r.Failure.Intended {
			return "errand runs retry " + r.Run + " --from STEP continues from an earlier step, and keeps the steps that succeeded before it"
		}
		return "errand runs retry " + r.Run + " continues from there, and keeps the steps that succeeded"
	}
	return ""
}
