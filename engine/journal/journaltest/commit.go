package journaltest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

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
	want.State = journal.State{Status: "waiting", Wake: start}
	want.Next, want.Holder = len(entries()), "s1"
	same(t, "the run", r, want)
}

func whatLeavesIsStoredToTheByte(t *testing.T, j journal.Journal) {
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

func timesComeBackInUTC(t *testing.T, j journal.Journal) {
	zone := time.FixedZone("CET", 3600)
	local := func(after time.Duration) time.Time { return start.Add(after).In(zone) }
	c := begin("one", "")
	c.Create.Started = local(1)
	c.State = journal.State{Status: "failed", Wake: local(2), Ended: time.Now()}
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
	} {
		same(t, got.what, got.stored, got.was.Round(0).UTC())
	}
}

func nothingIsShared(t *testing.T, j journal.Journal) {
	c := begin("one", "")
	c.Entries = entries()[:4]
	c.State.Result = json.RawMessage(`{"a":1}`)
	must(t, j, c)
	before, stored := load(t, j, "one")
	spoil := func(r *journal.Run, result json.RawMessage, entries []journal.Entry) {
		r.Inputs[0], r.Source[0], result[0] = 'x', 'x', 'x'
		for _, e := range entries {
			if e.Call != nil {
				e.Call.Step, e.Call.Input[0] = "x", 'x'
			}
			if e.Reply != nil && e.Reply.Output != nil {
				e.Reply.Output[0] = 'x'
			}
			if e.Reply != nil && e.Reply.Again != nil {
				e.Reply.Again.Note = "x"
			}
			if e.Reply != nil && e.Reply.Failure != nil {
				e.Reply.Failure.Code = "x"
			}
		}
	}
	spoil(c.Create, c.State.Result, c.Entries)
	for range 2 {
		spoiled, spoiledEntries := load(t, j, "one")
		spoil(&spoiled, spoiled.Result, spoiledEntries)
		listed, err := j.List(t.Context(), journal.Query{})
		if err != nil {
			t.Fatal(err)
		}
		listed[0].Inputs[0] = 'x'
	}
	after, again := load(t, j, "one")
	same(t, "the run", after, before)
	same(t, "the entries", again, stored)
	same(t, "the entries", again, entries()[:4])
}

func aStateReplaces(t *testing.T, j journal.Journal) {
	must(t, j, begin("one", "s1"))
	want := journal.State{Status: "succeeded", Ended: start.Add(time.Minute), Result: json.RawMessage(`{"version":1}`), Reason: "because"}
	c := next("one", 0, "s1")
	c.State, c.Holder = want, ""
	must(t, j, c)
	r, _ := load(t, j, "one")
	same(t, "the state", r.State, want)
	same(t, "the holder", r.Holder, "")
	c = next("one", 1, "")
	c.State = journal.State{}
	c.Entries = nil
	must(t, j, c)
	r, _ = load(t, j, "one")
	same(t, "the state afterwards", r.State, journal.State{})
	same(t, "the number of entries", r.Next, 1)
}

func anotherDefinition(t *testing.T, j journal.Journal) {
	must(t, j, begin("one", ""))
	must(t, j, begin("two", ""))
	c := next("one", 0, "")
	c.Source, c.File, c.Digest = []byte("workflow: other\n"), "other.yaml", "d2"
	must(t, j, c)
	r, _ := load(t, j, "one")
	same(t, "the definition", []string{string(r.Source), r.File, r.Digest}, []string{"workflow: other\n", "other.yaml", "d2"})
	r, _ = load(t, j, "two")
	same(t, "the definition of the other run", []string{string(r.Source), r.File, r.Digest}, []string{"workflow: start-instance\n", "start.yaml", "d1"})
}

func anEndedContext(t *testing.T, j journal.Journal) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, j, begin("one", ""))
	for what, do := range map[string]func() error{
		"commit": func() error { return j.Commit(ctx, begin("two", "")) },
		"cancel": func() error { return j.Cancel(ctx, "one") },
		"mark":   func() error { _, err := j.Mark(ctx, "one"); return err },
		"load":   func() error { _, _, err := j.Load(ctx, "one"); return err },
		"list":   func() error { _, err := j.List(ctx, journal.Query{}); return err },
	} {
		err := do()
		wants(t, what, err, &journal.StoreError{Doing: what})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the error %v does not say that the context has ended", what, err)
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
		"newer": "it has version 2, and this program knows version 1",
		"lost":  "its definition is missing",
	} {
		r, _, err := j.Load(t.Context(), id)
		wants(t, id, err, &journal.DamageError{Run: id, Reason: reason})
		same(t, "what is known of it", []string{r.ID, r.Workflow, r.Status}, []string{id, "start-instance", "waiting"})
	}
	same(t, "the runs", ids(t, j, journal.Query{}), []string{"sound", "lost", "newer"})
	c := next("newer", 0, "")
	c.State = journal.State{Status: "failed", Ended: start}
	must(t, j, c)
}
