package journaltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

func whatIsCommittedIsLoaded(t *testing.T, j journal.Journal) {
	c := begin("one", "s1")
	c.Entries = entries()[:1]
	must(t, j, c)
	c = next("one", 1, "s1")
	c.Entries = entries()[1:]
	must(t, j, c)
	r, stored := load(t, j, "one")
	same(t, "the entries", stored, entries())
	want := *begin("one", "s1").Create
	want.State = journal.State{Status: engine.Waiting, Wake: start}
	want.Next, want.Holder, want.Changed = len(entries()), "s1", want.Started
	same(t, "the run", r, want)
}

// LoadAfter returns the run and those of its entries that the caller does not know.
func theRestIsLoaded(t *testing.T, j journal.Journal) {
	must(t, j, begin("one", "me"))
	for n := range 5 {
		must(t, j, next("one", n, "me"))
	}
	run, all := load(t, j, "one")
	for _, known := range []int{0, 1, 4, 5, 6, journal.NoEntries} {
		r, rest, err := j.LoadAfter(t.Context(), "one", known)
		wants(t, "the rest", err, nil)
		same(t, "the run", r, run)
		same(t, fmt.Sprintf("the entries after %d", known), append([]journal.Entry{}, rest...), append([]journal.Entry{}, all[min(known, 5):]...))
	}
	_, _, err := j.LoadAfter(t.Context(), "unknown", 0)
	wants(t, "an unknown run", err, journal.ErrNotFound)
}

func whatACallSendsKeepsItsBytes(t *testing.T, j journal.Journal) {
	const bytes = "{\"a\":\"<b> & 'c' \u2028 \\u2029 \\\" é 日本 🚂\",\"n\":1.10,\"large\":12345678901234567890}"
	c := begin("one", "")
	c.Create.Inputs = json.RawMessage(bytes)
	c.Create.Source = []byte("\xff\x00 not text\r\n")
	c.State.Result = json.RawMessage(bytes)
	c.Entries = []journal.Entry{{Kind: journal.Intent, At: start, Call: &task.Call{Input: json.RawMessage(bytes), Note: "<&>\u2028"}}}
	must(t, j, c)
	r, stored := load(t, j, "one")
	same(t, "the input of the call", string(stored[0].Call.Input), bytes)
	same(t, "the note of the call", stored[0].Call.Note, "<&>\u2028")
	same(t, "the inputs", string(r.Inputs), bytes)
	same(t, "the result", string(r.Result), bytes)
	same(t, "the definition", string(r.Source), string(c.Create.Source))
}

func timesAreInUTC(t *testing.T, j journal.Journal) {
	zone := time.FixedZone("CET", 3600)
	local := func(after time.Duration) time.Time { return start.Add(after).In(zone) }
	c := begin("one", "")
	c.Create.Started = local(1)
	c.State = journal.State{Status: "failed", Wake: local(2), Ended: time.Now()}
	c.State.Waits = []engine.Wait{{For: engine.WaitTime, Since: time.Now(), Due: local(7)}}
	c.Entries = []journal.Entry{
		{Kind: journal.Slept, At: time.Now(), Due: local(3), Call: &task.Call{Input: []byte("{}"), Started: local(4), Now: local(5), Deadline: local(6)}},
	}
	must(t, j, c)
	r, stored := load(t, j, "one")
	e := stored[0]
	for _, got := range []struct {
		what        string
		stored, was time.Time
	}{
		{"Started", r.Started, c.Create.Started},
		{"Wake", r.Wake, c.State.Wake},
		{"Ended", r.Ended, c.State.Ended},
		{"At", e.At, c.Entries[0].At},
		{"Due", e.Due, c.Entries[0].Due},
		{"Call.Started", e.Call.Started, c.Entries[0].Call.Started},
		{"Call.Now", e.Call.Now, c.Entries[0].Call.Now},
		{"Call.Deadline", e.Call.Deadline, c.Entries[0].Call.Deadline},
		{"Wait.Since", r.Waits[0].Since, c.State.Waits[0].Since},
		{"Wait.Due", r.Waits[0].Due, c.State.Waits[0].Due},
	} {
		same(t, got.what, got.stored, got.was.Round(0).UTC())
	}
}

func nothingIsShared(t *testing.T, j journal.Journal) {
	c := begin("one", "")
	c.Create.Requesters = []string{"amira"}
	c.Entries = entries()
	c.State.Result = json.RawMessage(`{"a":1}`)
	c.State.Waits = waits()
	must(t, j, c)
	before, stored := load(t, j, "one")
	spoil := func(r *journal.Run, s journal.State, entries []journal.Entry) {
		r.Inputs[0], r.Source[0], s.Result[0] = 'x', 'x', 'x'
		r.Requesters[0], s.Waits[0].Step = "x", "x"
		for _, e := range entries {
			if e.Call != nil {
				e.Call.Step, e.Call.Input[0] = "x", 'x'
			}
			if e.Reply != nil && e.Reply.Output != nil {
				e.Reply.Output[0] = 'x'
			}
			if e.Reply != nil && e.Reply.Again != nil {
				e.Reply.Again.Note = "x"
				copy(e.Reply.Again.Output, "x")
			}
			if e.Reply != nil && e.Reply.Failure != nil {
				e.Reply.Failure.Code = "x"
			}
			if e.By != nil {
				e.By.Name = "x"
			}
			if e.Before != nil {
				e.Before.Process = "x"
			}
			if e.Keep != nil {
				e.Keep[0].First, e.Done[0].First, e.Undone[0] = 7, 7, "x"
			}
		}
	}
	spoil(c.Create, c.State, c.Entries)
	for range 2 {
		spoiled, spoiledEntries := load(t, j, "one")
		spoil(&spoiled, spoiled.State, spoiledEntries)
		listed, err := j.List(t.Context(), journal.Query{})
		if err != nil {
			t.Fatal(err)
		}
		listed[0].Inputs[0] = 'x'
		listed[0].Requesters[0], listed[0].Waits[0].Step = "x", "x"
		source, err := j.Definition(t.Context(), "d1")
		if err != nil {
			t.Fatal(err)
		}
		source[0] = 'x'
	}
	after, again := load(t, j, "one")
	same(t, "the run", after, before)
	same(t, "the entries", again, stored)
	same(t, "the entries", again, entries())
}

func aStateReplaces(t *testing.T, j journal.Journal) {
	must(t, j, begin("one", "s1"))
	for i, want := range []journal.State{
		{Status: engine.Waiting, Wake: start.Add(time.Hour), Waits: waits()},
		{Status: engine.Uncertain, Waits: waits()[:1]},
		{Status: engine.Succeeded, Ended: start.Add(time.Minute), Result: json.RawMessage(`{"version":1}`)},
	} {
		c := next("one", i, "s1")
		c.State = want
		must(t, j, c)
		r, _ := load(t, j, "one")
		same(t, "the state", r.State, want)
	}
	c := next("one", 3, "s1")
	c.Holder, c.Entries = "", nil
	must(t, j, c)
	r, _ := load(t, j, "one")
	same(t, "the holder", r.Holder, "")
	c = next("one", 3, "")
	c.State = journal.State{}
	c.Entries = nil
	must(t, j, c)
	r, _ = load(t, j, "one")
	same(t, "the state afterwards", r.State, journal.State{})
	same(t, "the number of entries", r.Next, 3)
}

func anEndedContext(t *testing.T, j journal.Journal) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, j, begin("one", ""))
	for what, do := range map[string]func() error{
		"commit": func() error { return j.Commit(ctx, begin("two", "")) },
		"cancel": func() error { return j.Cancel(ctx, "one", canceller) },
		"mark":   func() error { _, err := j.Mark(ctx, "one"); return err },
		"load":   func() error { _, _, err := j.Load(ctx, "one"); return err },
		"list":   func() error { _, err := j.List(ctx, journal.Query{}); return err },
		"take":   func() error { return j.Take(ctx, taking("1", ticket("100-1", "two"))) },

		"read cursor": func() error { _, err := j.Cursor(ctx, "ism"); return err },
		"read ticket": func() error { _, _, err := j.Ticket(ctx, "ism", "100-1"); return err },
		"read answer": func() error { _, _, err := j.Answer(ctx, "ism", "m"); return err },

		"look for the request": func() error { _, _, err := j.Latest(ctx, "start-instance", "100-one"); return err },

		"read definition": func() error { _, err := j.Definition(ctx, "d1"); return err },
	} {
		err := do()
		wants(t, what, err, &journal.StoreError{Doing: what})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the error %v does not wrap the context's", what, err)
		}
	}
	same(t, "the runs", ids(t, j, journal.Query{}), []string{"one"})
	r, _ := load(t, j, "one")
	same(t, "cancelled", r.Cancel, false)
}

func whatCannotBeEncoded(t *testing.T, j journal.Journal) {
	c := begin("one", "")
	c.Entries = []journal.Entry{{Kind: journal.Intent, At: start, Call: &task.Call{Input: json.RawMessage(`{"a":`)}}}
	wants(t, "broken JSON", j.Commit(t.Context(), c), &journal.StoreError{Doing: "commit"})
	c = begin("one", "")
	c.Create.ID = "two"
	wants(t, "a change of one run that creates another", j.Commit(t.Context(), c), &journal.StoreError{Doing: "commit"})
	c = begin("one", "")
	c.State.Waits = []engine.Wait{{For: engine.WaitTime, Due: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)}}
	wants(t, "a year with five digits", j.Commit(t.Context(), c), &journal.StoreError{Doing: "commit"})
	same(t, "the runs", ids(t, j, journal.Query{}), []string{})
}

func damage(t *testing.T, j journal.Journal) {
	newer, lost := begin("newer", ""), begin("lost", "")
	newer.Create.Version = journal.Version + 1
	lost.Create.Source, lost.Create.Digest = nil, "d9"
	must(t, j, newer)
	must(t, j, lost)
	must(t, j, begin("sound", ""))
	for id, reason := range map[string]string{
		"newer": "it has version 3, and this program knows version 2",
		"lost":  "its definition is missing",
	} {
		r, _, err := j.Load(t.Context(), id)
		wants(t, id, err, &journal.DamageError{Run: id, Reason: reason})
		same(t, "what is known of it", []string{r.ID, r.Workflow, string(r.Status)}, []string{id, "start-instance", "waiting"})
	}
	same(t, "the runs", ids(t, j, journal.Query{}), []string{"sound", "lost", "newer"})
	c := next("newer", 0, "")
	c.State = journal.State{Status: "failed", Ended: start}
	must(t, j, c)
}
