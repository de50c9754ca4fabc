package local

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A RefusedError says why what a person asked for cannot be done to a run as it stands, and what can.
type RefusedError struct{ Reason, Hint string }

func (e *RefusedError) Error() string { return e.Reason }

// A Person is somebody who decides.
type Person struct {
	Name  string
	Roles []string
}

// Resolve decides about a step that is uncertain, or that waits for an approval. The run is due at once then. Its errors are a
// *RefusedError, journal.ErrNotFound, or the journal's.
func (r *Runner) Resolve(ctx context.Context, id, step string, by Person, verdict engine.Verdict, comment string) error {
	v, err := r.Look(ctx, id)
	if err != nil {
		return err
	}
	open := slices.IndexFunc(v.Asks, func(q engine.Question) bool { return q.Step == step })
	if open < 0 || !v.Run.Ended.IsZero() {
		return v.nothingToDecide(step)
	}
	q := v.Asks[open]
	at := slices.Index(engine.VerdictsOn(q), verdict)
	switch {
	case at < 0:
		return &RefusedError{Reason: fmt.Sprintf("step %q is not a matter of %s", step, verdict), Hint: "it " + howToDecide(id, q)}
	case q.Failure == nil && !q.AllowRequester && by.Name == v.Run.Requester:
		return &RefusedError{Reason: by.Name + " asked for the run, and may not decide about it", Hint: "it is for " + strings.Join(q.By, ", ")}
	case q.Failure == nil && !slices.Contains(q.By, by.Name) && !slices.ContainsFunc(by.Roles, func(role string) bool { return slices.Contains(q.By, role) }):
		return &RefusedError{Reason: fmt.Sprintf("%s may not decide about step %q", by.Name, step), Hint: "it is for " + strings.Join(q.By, ", ")}
	}
	e := journal.Entry{
		Kind: journal.Decided, At: after(v), Branch: v.branches[step], Step: step, Word: string(verdict), By: by.Name, Text: comment,
	}
	err = r.store(journal.Change{
		Run: id, Next: v.Run.Next, From: v.Run.Holder, Knows: v.Run.Cancel, Entries: []journal.Entry{e},
		State: journal.State{Status: string(engine.Waiting), Wake: e.At},
	})
	r.poke()
	return err
}

// nothingToDecide says what there is to decide instead.
func (v View) nothingToDecide(step string) error {
	if len(v.Asks) == 0 || !v.Run.Ended.IsZero() {
		return &RefusedError{Reason: fmt.Sprintf("run %s is %s; there is nothing to decide", v.Run.ID, v.Run.Status)}
	}
	var steps []string
	for _, q := range v.Asks {
		steps = append(steps, q.Step)
	}
	return &RefusedError{
		Reason: fmt.Sprintf("step %q of run %s waits for nobody; what does is %s", step, v.Run.ID, strings.Join(steps, ", ")),
		Hint:   howToDecide(v.Run.ID, v.Asks[0]),
	}
}

func howToDecide(run string, q engine.Question) string {
	if q.Failure == nil {
		return fmt.Sprintf("is decided with errand runs approve %s %s --approve|--reject", run, q.Step)
	}
	return fmt.Sprintf("is decided with errand runs resolve %s %s --done|--retry|--fail", run, q.Step)
}

// after is now, and not before what is on record.
func after(v View) time.Time {
	now := time.Now().Round(0).UTC()
	if n := len(v.Entries); n > 0 && v.Entries[n-1].At.After(now) {
		return v.Entries[n-1].At
	}
	return now
}
