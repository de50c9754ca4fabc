package journaltest

import (
	"errors"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A queue is a journal with runs that have concurrency keys.
type queue struct {
	t *testing.T
	journal.Journal
	now time.Time // of the last change
}

// after returns the time of the next change.
func (q *queue) after() time.Time {
	q.now = q.now.Add(time.Minute)
	return q.now
}

// due is the state of a run that a process takes up at once.
func due(at time.Time) journal.State {
	return journal.State{Status: engine.Waiting, Wake: at, Waits: []engine.Wait{{For: engine.WaitProcess, Since: at}}}
}

// keyed returns the change that creates a run with a key, which nobody holds.
func (q *queue) keyed(id, workflow, key string) journal.Change {
	c := begin(id, "")
	c.At = q.after()
	c.Create.Workflow, c.Create.Key, c.State = workflow, key, due(c.At)
	return c
}

// accept creates runs with one key.
func (q *queue) accept(key string, runs ...string) {
	q.t.Helper()
	for _, id := range runs {
		must(q.t, q, q.keyed(id, "start-"+id, key))
	}
}

// change commits a change of a run as it stands.
func (q *queue) change(id, holder string, state journal.State, entries ...journal.Entry) error {
	r, _ := load(q.t, q, id)
	return q.Commit(q.t.Context(), journal.Change{
		Run: id, Next: r.Next, From: r.Holder, Knows: true, Uncancel: !r.Ended.IsZero(), Holder: holder, State: state, Entries: entries, At: q.after(),
	})
}

func (q *queue) must(err error) {
	q.t.Helper()
	if err != nil {
		q.t.Fatal(err)
	}
}

// end ends a run, which a process holds.
func (q *queue) end(id string) {
	q.t.Helper()
	q.must(q.change(id, "s1", journal.State{Status: engine.Running, Wake: q.now}))
	q.must(q.change(id, "", journal.State{Status: engine.Failed, Ended: q.now, Result: []byte(`{}`)}))
}

// waits compares what a run waits for, and which run has the turn.
func (q *queue) waits(id, turn string, want ...engine.WaitFor) {
	q.t.Helper()
	r, _ := load(q.t, q, id)
	got := []engine.WaitFor{}
	for _, w := range r.Waits {
		got = append(got, w.For)
	}
	same(q.t, "what run "+id+" waits for", got, append([]engine.WaitFor{}, want...))
	same(q.t, "who has the turn of run "+id, r.Turn, turn)
	listed, err := q.List(q.t.Context(), journal.Query{Run: id})
	q.must(err)
	same(q.t, "who has the turn of run "+id+" in a list", listed[0].Turn, turn)
}

// dueNow compares the runs that are due.
func (q *queue) dueNow(want ...string) {
	q.t.Helper()
	same(q.t, "the runs that are due", ids(q.t, q, journal.Query{Due: q.now.Add(time.Second)}), append([]string{}, want...))
}

func newQueue(t *testing.T, j journal.Journal) *queue { return &queue{t: t, Journal: j, now: start} }

func turnsComeInTheOrderOfArrival(t *testing.T, j journal.Journal) {
	q := newQueue(t, j)
	q.accept("i-1", "a", "b", "c")
	q.accept("i-2", "d")
	q.accept("", "e", "f")
	q.dueNow("a", "d", "e", "f")
	q.waits("a", "a", engine.WaitProcess)
	q.waits("b", "a", engine.WaitTurn)
	q.waits("c", "a", engine.WaitTurn)
	q.waits("d", "d", engine.WaitProcess)
	q.waits("e", "", engine.WaitProcess)
	b, _ := load(t, j, "b")
	same(t, "since when it waits", b.Waits[0].Since, b.Changed)
	same(t, "the runs that wait for their turn", ids(t, j, journal.Query{WaitsFor: engine.WaitTurn}), []string{"c", "b"})
	same(t, "the key", b.Key, "i-1")

	before, err := j.Mark(t.Context(), "b")
	q.must(err)
	q.end("a")
	q.dueNow("d", "e", "f", "b")
	q.waits("a", "")
	q.waits("b", "b", engine.WaitProcess)
	q.waits("c", "b", engine.WaitTurn)
	after, err := j.Mark(t.Context(), "b")
	q.must(err)
	if before.Same(after) {
		t.Error("a run that gets the turn keeps its mark")
	}
	if b, _ := load(t, j, "b"); !b.Changed.Equal(q.now) || !b.Wake.Equal(q.now) || b.Next != 0 {
		t.Errorf("run b changed at %s, is due at %s and has %d entries, expected %s twice and none", b.Changed, b.Wake, b.Next, q.now)
	}
	q.end("b")
	q.waits("c", "c", engine.WaitProcess)
	q.end("c")
	q.dueNow("d", "e", "f")
	q.accept("i-1", "g")
	q.waits("g", "g", engine.WaitProcess)
}

// An open run keeps its turn, whatever it waits for and whoever holds it.
func anOpenRunKeepsItsTurn(t *testing.T, j journal.Journal) {
	q := newQueue(t, j)
	q.accept("i-1", "a", "b")
	for _, s := range []journal.State{
		{Status: engine.Waiting, Waits: []engine.Wait{{For: engine.WaitPerson, Step: "approve"}}},
		{Status: engine.Uncertain, Waits: []engine.Wait{{For: engine.WaitPerson, Step: "restart"}}},
		{Status: engine.Waiting, Wake: start.Add(time.Hour), Waits: []engine.Wait{{For: engine.WaitTime}}},
		{Status: engine.Waiting, Waits: []engine.Wait{{For: engine.WaitTrouble}}},
		due(q.now),
	} {
		q.must(q.change("a", "s1", journal.State{Status: engine.Running, Wake: q.now}, entries()[0]))
		q.waits("b", "a", engine.WaitTurn)
		q.must(q.change("a", "", s))
		q.waits("a", "a", s.Waits[0].For)
		q.waits("b", "a", engine.WaitTurn)
		q.must(j.Cancel(t.Context(), "a", canceller))
		q.waits("b", "a", engine.WaitTurn)
	}
}

// A run that has ended and goes on is the last of its key.
func aRetryWaitsAtTheEnd(t *testing.T, j journal.Journal) {
	q := newQueue(t, j)
	q.accept("i-1", "a", "b")
	q.end("a")
	q.accept("i-1", "c")
	retried := journal.Entry{Kind: journal.Retried, At: q.now, Step: "start"}
	q.must(q.change("a", "", due(q.now), retried))
	q.waits("a", "b", engine.WaitTurn)
	q.end("b")
	q.waits("a", "c", engine.WaitTurn)
	q.end("c")
	q.waits("a", "a", engine.WaitProcess)
	q.end("a")
	q.must(q.change("b", "", due(q.now), retried))
	q.waits("b", "b", engine.WaitProcess)
}

// A run that is not due keeps what it waits for beside its turn, and is not due when it has it.
func aStoppedRunWaitsForItsTurnToo(t *testing.T, j journal.Journal) {
	q := newQueue(t, j)
	q.accept("i-1", "a", "b", "c")
	stopped := journal.State{Status: engine.Waiting, Waits: []engine.Wait{{For: engine.WaitProcess, Reason: "stopped"}}}
	q.must(q.change("b", "", stopped, journal.Entry{Kind: journal.Stopped, At: q.now}))
	q.must(q.change("c", "", stopped, journal.Entry{Kind: journal.Stopped, At: q.now}))
	q.waits("b", "a", engine.WaitTurn, engine.WaitProcess)
	q.must(q.change("c", "", due(q.now), journal.Entry{Kind: journal.Resumed, At: q.now}))
	q.waits("c", "a", engine.WaitTurn)
	q.end("a")
	q.waits("b", "b", engine.WaitProcess)
	q.dueNow()
	q.must(q.change("b", "", due(q.now), journal.Entry{Kind: journal.Resumed, At: q.now}))
	q.dueNow("b")
	q.waits("c", "b", engine.WaitTurn)

	// One that is cancelled meanwhile stays due.
	q.must(q.change("c", "", stopped, journal.Entry{Kind: journal.Stopped, At: q.now}))
	q.must(j.Cancel(t.Context(), "c", canceller))
	q.end("b")
	q.waits("c", "c", engine.WaitProcess)
	q.dueNow("c")
}

// Only the run that has the turn is held, unless a run is to be cancelled.
func onlyTheTurnIsHeld(t *testing.T, j journal.Journal) {
	q := newQueue(t, j)
	q.accept("i-1", "a", "b", "c")
	running := journal.State{Status: engine.Running, Wake: q.now}
	failed := journal.State{Status: engine.Failed, Ended: q.now, Result: []byte(`{}`)}
	wants(t, "to hold b", q.change("b", "s1", running, entries()[0]), journal.ErrTurn)
	wants(t, "to end b", q.change("b", "", failed), journal.ErrTurn)
	held := q.keyed("d", "start", "i-1")
	held.Holder, held.State = "s1", running
	wants(t, "to create a run that is held", j.Commit(t.Context(), held), journal.ErrTurn)
	held.Holder, held.State = "", failed
	wants(t, "to create a run that has ended", j.Commit(t.Context(), held), journal.ErrTurn)
	if _, _, err := j.Load(t.Context(), "d"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("the refused run: %v", err)
	}
	b, _ := load(t, j, "b")
	same(t, "the entries of b", b.Next, 0)

	q.must(j.Cancel(t.Context(), "b", canceller))
	q.dueNow("b", "a")
	q.must(q.change("b", "s1", running, entries()[0]))
	parked := journal.State{Status: engine.Waiting, Wake: q.now, Waits: []engine.Wait{{For: engine.WaitPoll}}}
	q.must(q.change("b", "", parked))
	q.waits("b", "a", engine.WaitPoll)
	q.must(q.change("b", "s1", running))
	q.must(q.change("b", "", journal.State{Status: engine.Cancelled, Ended: q.now, Result: []byte(`{}`)}))
	q.waits("a", "a", engine.WaitProcess)
	q.waits("c", "a", engine.WaitTurn)
	q.end("a")
	q.waits("c", "c", engine.WaitProcess)
	free := q.keyed("e", "start", "i-9")
	free.Holder, free.State = "s1", running
	must(t, j, free)
	q.accept("i-9", "f")
	q.waits("f", "e", engine.WaitTurn)
}

// A copy of a home keeps the turns. A run that waits for adoption is not due when it gets the turn.
func aCopyKeepsTheTurns(t *testing.T, j journal.Journal) {
	q := newQueue(t, j)
	q.accept("i-1", "a", "b", "c")
	q.must(j.Isolate(t.Context(), "a test"))
	q.waits("a", "a", engine.WaitAdoption)
	q.waits("b", "a", engine.WaitAdoption)
	adopted := journal.Entry{Kind: journal.Adoption, At: q.now}
	q.must(q.change("c", "", due(q.now), adopted))
	q.waits("c", "a", engine.WaitTurn)
	q.must(q.change("a", "", due(q.now), adopted))
	q.end("a")
	q.waits("b", "b", engine.WaitAdoption)
	q.waits("c", "b", engine.WaitTurn)
	q.dueNow()
	q.must(q.change("b", "", due(q.now), adopted))
	q.dueNow("b")
	q.end("b")
	q.waits("c", "c", engine.WaitProcess)
}
