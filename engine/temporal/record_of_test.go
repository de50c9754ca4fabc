package temporal

import (
	"context"
	"errors"
	"slices"
	"testing"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
)

// recordOf returns the Record of a run that package local carries out. v is how its runner says that
// the run stands: a journal does not know which processes are alive.
func recordOf(v engine.View, run journal.Run, entries []journal.Entry, messages []journal.Message, replaced []Definition) Record {
	return Record{
		Version: recordVersion,
		Run: Header{
			ID: run.ID, Workflow: run.Workflow, Request: run.Request, StartedBy: run.StartedBy, Requesters: run.Requesters, Key: run.Key, URL: run.URL,
			Inputs: run.Inputs, Started: run.Started, Definition: Definition{File: run.File, Digest: run.Digest, Source: run.Source},
		},
		Entries: entries, Messages: messages, Cancel: run.Cancel, Replaced: replaced,
		State: State{Status: v.Status, Waits: v.Waits, Ended: run.Ended, Result: run.Result},
	}
}

// recordIn returns the Record of a run in a journal. found is false if there is no record of it, or
// no more.
func recordIn(t testing.TB, r *local.Runner, id string) (record Record, found bool) {
	t.Helper()
	ctx := context.Background()
	run, entries, err := r.Journal.Load(ctx, id)
	if _, pruned := errors.AsType[*journal.PrunedError](err); pruned || errors.Is(err, journal.ErrNotFound) {
		return Record{}, false
	}
	must(t, err)
	messages, err := r.Journal.Messages(ctx, id)
	must(t, err)
	views, err := r.List(ctx, engine.Query{Run: id})
	must(t, err)
	var replaced []Definition
	for _, e := range entries {
		if e.Replaced == "" || e.Replaced == run.Digest || slices.ContainsFunc(replaced, func(d Definition) bool { return d.Digest == e.Replaced }) {
			continue
		}
		source, err := r.Journal.Definition(ctx, e.Replaced)
		must(t, err)
		replaced = append(replaced, Definition{File: run.File, Digest: e.Replaced, Source: source})
	}
	return recordOf(views[0], run, entries, messages, replaced), true
}
