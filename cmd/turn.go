package cmd

import (
	"context"
	"slices"
	"strings"

	"errand/engine"
)

// turnNote says which run has the turn that another one waits for.
func turnNote(w engine.Wait) string { return "waits for its turn: run " + w.Run + " has it" }

// readTurn reads the run that has the turn, and says how it stands.
func (o *opened) readTurn(ctx context.Context, run string) string {
	found, err := o.List(context.WithoutCancel(ctx), engine.Query{Run: run})
	if err != nil || len(found) == 0 {
		return turnNote(engine.Wait{Run: run})
	}
	return o.explainTurn(found[0])
}

// explainTurn says how the run stands that has the turn: whoever waits for it may have to act.
func (t *terminal) explainTurn(v engine.View) string {
	of := v.Workflow
	if v.Request != "" {
		of += " for request " + v.Request
	}
	return turnNote(engine.Wait{Run: v.Run}) + " (" + of + ", " + string(v.Status) + ", " + t.noteOn(v) + ")"
}

// waitingFor returns the runs that wait for the turn of a run, in their order.
func (o *opened) waitingFor(ctx context.Context, v engine.View) ([]string, error) {
	if v.Key == "" || !v.Ended.IsZero() {
		return nil, nil
	}
	found, err := o.List(ctx, engine.Query{WaitsFor: engine.WaitTurn})
	if err != nil {
		return nil, runExit(err, "")
	}
	found = slices.DeleteFunc(found, func(other engine.View) bool { return other.Waits[0].Run != v.Run })
	slices.SortStableFunc(found, func(a, b engine.View) int { return a.Waits[0].Since.Compare(b.Waits[0].Since) })
	ids := make([]string, len(found))
	for i, other := range found {
		ids[i] = other.Run
	}
	return ids, nil
}

// blockedNote says which runs wait for the turn of a run.
func blockedNote(runs []string) string {
	if len(runs) == 1 {
		return "run " + runs[0] + " waits for its turn"
	}
	return "runs " + strings.Join(runs, ", ") + " wait for their turn"
}
