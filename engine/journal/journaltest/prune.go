package journaltest

import (
	"strconv"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// ended returns the changes of a run that ends some hours after start.
func ended(id string, hours int) (first, last journal.Change) {
	first, last = begin(id, "s1"), next(id, 0, "s1")
	first.Create.Requesters, first.Create.Owners, first.Create.URL = []string{"kim"}, []string{"token:desk"}, "https://errand.example.com/runs/"+id
	last.Holder, last.At = "", start.Add(time.Duration(hours)*time.Hour)
	last.State = journal.State{Status: engine.Failed, Ended: last.At, Result: []byte(`{"outputs":{"text":"a secret"}}`)}
	return first, last
}

// endedRun creates a run that has ended, with an entry and a message.
func endedRun(t *testing.T, j journal.Journal, id string, hours int) {
	t.Helper()
	first, last := ended(id, hours)
	must(t, j, first)
	if err := j.Put(t.Context(), id, message(1, engine.VerdictDone)); err != nil {
		t.Fatal(err)
	}
	must(t, j, last)
}

// prune prunes once, and returns how many runs that were.
func prune(t *testing.T, j journal.Pruner, before, at time.Time) (n int) {
	t.Helper()
	pruned, err := j.Prune(t.Context(), before, at)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range pruned {
		n += of
	}
	return n
}

func oldRunsArePruned(t *testing.T, j journal.Journal) {
	for id, hours := range map[string]int{"first": 1, "second": 2, "third": 3} {
		endedRun(t, j, id, hours)
	}
	must(t, j, begin("open", ""))
	first, last := ended("held", 1)
	last.Holder = "s1"
	must(t, j, first)
	must(t, j, last)
	before, at := start.Add(3*time.Hour), start.Add(100*time.Hour)
	want := map[string]int{"start-instance": 2}
	found, err := j.Prunable(t.Context(), before)
	wants(t, "prunable", err, nil)
	same(t, "what can be pruned", found, want)
	pruned, err := j.Prune(t.Context(), before, at)
	wants(t, "prune", err, nil)
	same(t, "what was pruned", pruned, want)
	for range 2 {
		pruned, err = j.Prune(t.Context(), before, at)
		wants(t, "prune again", err, nil)
		same(t, "what is left to prune", len(pruned), 0)
		found, err = j.Prunable(t.Context(), before)
		wants(t, "prunable again", err, nil)
		same(t, "what is left", len(found), 0)
	}
	for _, id := range []string{"third", "open", "held"} {
		load(t, j, id)
	}
	same(t, "the messages to a run that was not pruned", len(messages(t, j, "third")), 1)
}

func whatStaysOfAPrunedRun(t *testing.T, j journal.Journal) {
	endedRun(t, j, "one", 1)
	was, _ := load(t, j, "one")
	at := start.Add(100 * time.Hour)
	same(t, "the runs that are pruned", prune(t, j, at, at), 1)
	want := was
	want.Requesters, want.URL, want.Inputs, want.Result, want.Next = nil, "", nil, nil, 0
	want.Pruned, want.Changed, want.InputsDigest = at, at, engine.InputsDigest(was.Inputs)
	for _, known := range []int{0, 1, journal.NoEntries} {
		r, entries, err := j.LoadAfter(t.Context(), "one", known)
		wants(t, "load", err, &journal.PrunedError{Run: want})
		same(t, "what is left", r, want)
		same(t, "its entries", len(entries), 0)
	}
	_, inputs, err := j.Latest(t.Context(), "start-instance", "100-one")
	wants(t, "latest", err, &journal.PrunedError{Run: want})
	same(t, "its inputs", len(inputs), 0)
	same(t, "the messages", len(messages(t, j, "one")), 0)
	same(t, "a list", ids(t, j, journal.Query{}), []string{})
	same(t, "a list for its owner", ids(t, j, journal.Query{Pruned: true, Owners: []string{"token:desk"}}), []string{"one"})
	same(t, "a list of what changed", ids(t, j, journal.Query{Pruned: true, Changed: at}), []string{"one"})
	runs, err := j.List(t.Context(), journal.Query{Pruned: true, Request: "100-one"})
	wants(t, "list", err, nil)
	want.Source = nil
	same(t, "it is listed as", runs, []journal.Run{want})
}

func aPrunedRunIsNotChanged(t *testing.T, j journal.Journal) {
	endedRun(t, j, "one", 1)
	first, last := ended("none", 1) // without entries, so that its number of entries does not change
	last.Entries = nil
	must(t, j, first)
	must(t, j, last)
	retry := func(id string, entries int) journal.Change {
		c := next(id, entries, "")
		c.Entries[0].Kind = journal.Retried
		return c
	}
	must(t, j, retry("one", 1)) // before the prune
	at := start.Add(100 * time.Hour)
	same(t, "the runs that are pruned, of which one goes on", prune(t, j, at, at), 1)
	load(t, j, "one")
	for entries := range 2 {
		wants(t, "a retry", j.Commit(t.Context(), retry("none", entries)), journal.ErrMoved)
	}
	wants(t, "a cancellation", j.Cancel(t.Context(), "none", canceller), journal.ErrMoved)
	wants(t, "a message", j.Put(t.Context(), "none", message(1, engine.VerdictDone)), journal.ErrMoved)
	again := begin("two", "")
	again.Create.Request = "100-none"
	wants(t, "another run for the request", j.Commit(t.Context(), again), &journal.ExistsError{Run: "none"})
	r, _, err := j.Load(t.Context(), "none")
	wants(t, "load", err, &journal.PrunedError{Run: r})
	same(t, "cancelled", r.Cancel, false)
	again.Again = true
	must(t, j, again)
	latest, _, err := j.Latest(t.Context(), "start-instance", "100-none")
	wants(t, "latest", err, nil)
	same(t, "the latest", latest, "two")
}

func pruningIsLimited(t *testing.T, j journal.Journal) {
	at := start.Add(1000 * time.Hour)
	for i := range 130 {
		first, last := ended("run"+strconv.Itoa(i), i)
		last.Entries = nil
		must(t, j, first)
		must(t, j, last)
	}
	same(t, "runs without entries", prune(t, j, at, at), 100)
	same(t, "those that are left", ids(t, j, journal.Query{Limit: 1, Request: "100-run100"}), []string{"run100"})
	same(t, "the rest", prune(t, j, at, at), 30)
	for i, entries := range []int{3000, 1999, 2, 6000, 1} {
		first, last := ended("long"+strconv.Itoa(i), i)
		for len(last.Entries) < entries {
			last.Entries = append(last.Entries, last.Entries[0])
		}
		must(t, j, first)
		must(t, j, last)
	}
	for _, want := range []int{2, 1, 1, 1, 0} {
		same(t, "runs with many entries", prune(t, j, at, at), want)
	}
}
