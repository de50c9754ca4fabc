package journaltest

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// message is a decision on a question of step ok.
func message(round int, verdict engine.Verdict) journal.Message {
	return journal.Message{
		Step: "ok", Round: round, At: start.Add(time.Hour), Verdict: verdict,
		By: engine.Person{Name: "amira", EnteredBy: "joao"}, Comment: "fine\nby me",
	}
}

func messages(t *testing.T, j journal.Journal, run string) []journal.Message {
	t.Helper()
	all, err := j.Messages(t.Context(), run)
	wants(t, "messages to "+run, err, nil)
	return all
}

func aMessageWaits(t *testing.T, j journal.Journal) {
	waits := []engine.Wait{{For: engine.WaitPerson, Step: "ok", Since: start}}
	parked := begin("parked", "")
	parked.State = journal.State{Status: engine.Uncertain, Waits: waits}
	must(t, j, parked)
	must(t, j, begin("worked on", "s1"))
	ended := begin("ended", "")
	ended.State = journal.State{Status: engine.Succeeded, Ended: start}
	must(t, j, ended)
	before, _ := load(t, j, "worked on")

	same(t, "no messages", len(messages(t, j, "parked")), 0)
	_, err := j.Messages(t.Context(), "unknown")
	wants(t, "messages to an unknown run", err, journal.ErrNotFound)
	wants(t, "put, unknown", j.Put(t.Context(), "unknown", message(1, engine.VerdictDone)), journal.ErrNotFound)
	wants(t, "put, ended", j.Put(t.Context(), "ended", message(1, engine.VerdictDone)), journal.ErrMoved)
	for _, run := range []string{"parked", "worked on"} {
		for round := 1; round <= 2; round++ {
			wants(t, "put", j.Put(t.Context(), run, message(round, engine.VerdictDone)), nil)
		}
		same(t, "the messages to "+run, messages(t, j, run), []journal.Message{message(1, engine.VerdictDone), message(2, engine.VerdictDone)})
	}
	r, _ := load(t, j, "parked")
	if r.Status != engine.Waiting || !r.Wake.Equal(start.Add(time.Hour)) || len(r.Waits) != 1 || r.Waits[0].For != engine.WaitProcess {
		t.Errorf("a parked run with a message is %+v; want it due at once, and to wait for a process", r.State)
	}
	r, _ = load(t, j, "worked on")
	before.Changed = message(2, engine.VerdictDone).At
	same(t, "a run at work, which its holder goes on with", r, before)
}

func aQuestionHasOneMessage(t *testing.T, j journal.Journal) {
	must(t, j, begin("a", "s1"))
	must(t, j, begin("b", "s1"))
	wants(t, "put", j.Put(t.Context(), "a", message(1, engine.VerdictApprove)), nil)
	wants(t, "put, another run", j.Put(t.Context(), "b", message(1, engine.VerdictReject)), nil)
	wants(t, "put, another round", j.Put(t.Context(), "a", message(2, engine.VerdictReject)), nil)
	wants(t, "put, the same question", j.Put(t.Context(), "a", message(1, engine.VerdictReject)),
		&journal.AnsweredError{Message: message(1, engine.VerdictApprove)})
	same(t, "the messages", messages(t, j, "a"), []journal.Message{message(1, engine.VerdictApprove), message(2, engine.VerdictReject)})
}

func aRunWithAMessageIsNotParked(t *testing.T, j journal.Journal) {
	must(t, j, begin("another", "s1"))
	for round := range 3 { // so that messages and runs have other numbers
		wants(t, "put", j.Put(t.Context(), "another", message(round+1, engine.VerdictDone)), nil)
	}
	must(t, j, begin("a", "s1"))
	park := next("a", 0, "s1")
	park.Holder, park.Parks = "", true
	wants(t, "put", j.Put(t.Context(), "a", message(1, engine.VerdictDone)), nil)
	wants(t, "park without the message", j.Commit(t.Context(), park), journal.ErrMail)
	r, _ := load(t, j, "a")
	same(t, "the holder", r.Holder, "s1")
	park.Read = 1
	must(t, j, park)
}
