package journaltest

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// canceller says who cancels a run.
var canceller = journal.Message{Round: 1, At: start, Verdict: engine.VerdictCancel, By: engine.Person{Name: "amira", EnteredBy: "joao"}}

func aRunIsCancelled(t *testing.T, j journal.Journal) {
	cancel := func(id string, want error) {
		t.Helper()
		wants(t, "cancel "+id, j.Cancel(t.Context(), id, canceller), want)
	}
	parked := begin("parked", "")
	parked.State.Wake = start.Add(time.Hour)
	must(t, j, parked)
	must(t, j, begin("worked on", "s1"))
	ended := begin("ended", "")
	ended.State = journal.State{Status: "succeeded", Ended: start}
	must(t, j, ended)
	endedRun, _ := load(t, j, "ended")

	cancel("unknown", journal.ErrNotFound)
	cancel("ended", journal.ErrMoved)
	cancel("parked", nil)
	cancel("worked on", nil)
	r, _ := load(t, j, "ended")
	same(t, "the run that has ended", r, endedRun)
	for _, id := range []string{"parked", "worked on"} {
		r, _ := load(t, j, id)
		same(t, id+": cancelled", r.Cancel, true)
		same(t, id+": its number of entries", r.Next, 0)
	}
	same(t, "what is due at once", ids(t, j, journal.Query{Due: time.Unix(0, 0)}), []string{"parked", "worked on"})

	know := next("worked on", 0, "s1")
	know.Knows = true
	must(t, j, know)
	r, _ = load(t, j, "worked on")
	same(t, "cancelled after a change by a writer that knows", r.Cancel, true)
	wants(t, "a second cancel", j.Cancel(t.Context(), "worked on", journal.Message{Round: 1, At: start, By: engine.Person{Name: "joao"}}), nil)
	same(t, "who cancelled", messages(t, j, "worked on"), []journal.Message{canceller})
	same(t, "messages to a run that had ended", len(messages(t, j, "ended")), 0)
	undo := next("worked on", 1, "s1")
	undo.Uncancel = true
	wants(t, "undo without knowing", j.Commit(t.Context(), undo), journal.ErrCancel)
	undo.Knows = true
	must(t, j, undo)
	r, _ = load(t, j, "worked on")
	same(t, "cancelled after Uncancel", r.Cancel, false)
	must(t, j, next("worked on", 2, "s1"))
	again := canceller
	again.Round, again.By.Name = 2, "joao"
	wants(t, "cancel after a retry", j.Cancel(t.Context(), "worked on", again), nil)
	same(t, "who cancelled each round", messages(t, j, "worked on"), []journal.Message{canceller, again})
}
