package temporal

import (
	"reflect"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"errand/engine"
)

// What Temporal shows of a run without asking its workflow: search attributes, by which lists select,
// and two entries of the memo.
const (
	memoRun   = "run"   // the Header without the definition
	memoState = "state" // a State without Result, as it was published last
)

// publishAfter is how long a wait must be to be published. A shorter one costs more events of the
// history than it is worth: until it ends, the run counts as running.
const publishAfter = 30 * time.Second

// publish keeps the search attributes and the memo of the workflow up to date, until the run ends.
func (l *ledger) publish(ctx workflow.Context) {
	for {
		next := l.published
		await(ctx, func() bool {
			next = l.standing(l.published, workflow.Now(ctx))
			return l.ended == nil && !reflect.DeepEqual(next, l.published)
		})
		upsert(ctx, next)
		l.published = next
	}
}

// standing returns the state of a run to publish. While the run is at work or waits for a short time, that is
// what was published before, unless that says that the run waits for somebody.
func (l *ledger) standing(published State, now time.Time) State {
	if l.rests() && l.held == 0 {
		waits := l.waits()
		if end := due(waits); end.IsZero() || end.Sub(now) > publishAfter || !onlyTime(waits) {
			return State{Status: l.status(), Waits: waits}
		}
	}
	if published.Status == engine.Running || onlyTime(published.Waits) {
		return published
	}
	return State{Status: engine.Running}
}

// onlyTime reports whether there are waits, all of them end by themselves, and nobody is asked. Whoever
// is asked has to see that, however short the time for the decision is.
func onlyTime(waits []engine.Wait) bool {
	return len(waits) > 0 && !slices.ContainsFunc(waits, func(w engine.Wait) bool { return w.Due.IsZero() || w.For == engine.WaitPerson })
}

// upsert publishes a state.
func upsert(ctx workflow.Context, s State) {
	s.Result, s.Changed = nil, workflow.Now(ctx).UTC()
	if err := workflow.UpsertTypedSearchAttributes(ctx, stateAttributes(s)...); err != nil {
		panic(err)
	}
	if err := workflow.UpsertMemo(ctx, map[string]any{memoState: s}); err != nil {
		panic(err)
	}
}

// stateAttributes returns the search attributes of a state.
func stateAttributes(s State) []temporal.SearchAttributeUpdate {
	return []temporal.SearchAttributeUpdate{attributeStatus.ValueSet(string(s.Status)), attributeWaitsFor.ValueSet(waitsFor(s.Waits))}
}

// waitsFor returns what a run waits for, each once.
func waitsFor(waits []engine.Wait) []string {
	what := []string{}
	for _, w := range waits {
		what = append(what, string(w.For))
	}
	slices.Sort(what)
	return slices.Compact(what)
}
