package journaltest

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine/journal"
)

// names returns the ids of runs.
func names(t *testing.T, runs []journal.Queued, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids
}

// queues checks what a queue returns at a time.
func queues(t *testing.T, j journal.Queue, at time.Time, each int, due, held []string, waiting int) {
	t.Helper()
	runs, err := j.Due(t.Context(), at, each)
	same(t, "what is due", names(t, runs, err), due)
	runs, err = j.Held(t.Context(), at)
	same(t, "what is held", names(t, runs, err), held)
	n, err := j.Waiting(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "how many wait", n, waiting)
}

func eachWorkflowHasItsFirstRuns(t *testing.T, j journal.Journal) {
	end := start.AddDate(1, 0, 0)
	queues(t, j, end, 9, []string{}, []string{}, 0)
	several(t, j)
	queues(t, j, start, 9, []string{}, []string{}, 0)
	queues(t, j, end, 9, []string{"c", "h", "b", "f", "g"}, []string{}, 5)
	queues(t, j, end, 2, []string{"c", "h", "b", "f"}, []string{}, 5)
	queues(t, j, end, 1, []string{"c", "b"}, []string{}, 5)
	queues(t, j, start.Add(3), 9, []string{"c"}, []string{}, 1)

	// A run that somebody holds no longer waits, whether or not the holder is alive.
	hold := func(run string, entries int, from, holder string, wake time.Duration) {
		c := next(run, entries, holder)
		c.From, c.State.Wake = from, start.Add(wake)
		must(t, j, c)
	}
	hold("h", 0, "", "s1", 1)
	hold("b", 0, "", "s2", 6)
	queues(t, j, end, 9, []string{"c", "f", "g"}, []string{"h", "b"}, 3)
	queues(t, j, start.Add(5), 9, []string{"c", "f"}, []string{"h"}, 2)
	hold("h", 1, "s1", "", 2)
	queues(t, j, end, 1, []string{"h", "f"}, []string{"b"}, 4)

	// A run that is cancelled is due before all others.
	if err := j.Cancel(t.Context(), "d", journal.Message{Round: 1, At: start}); err != nil {
		t.Fatal(err)
	}
	queues(t, j, end, 1, []string{"d", "f"}, []string{"b"}, 5)

	runs, err := j.Due(t.Context(), end, 1)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := load(t, j, "f")
	same(t, "a run in a queue", runs[1:], []journal.Queued{{ID: "f", Workflow: want.Workflow, Wake: want.Wake}})
}

// queue compares the queues of both journals.
func (p *pair) queue(r *rapid.T) {
	at, each := someTimes.Draw(r, "at"), rapid.IntRange(0, 3).Draw(r, "each")
	want, err := p.memory.Due(p.t.Context(), at, each)
	got, other := p.other.Due(p.t.Context(), at, each)
	wants(r, "due", other, err)
	same(r, "what is due", got, want)
	want, err = p.memory.Held(p.t.Context(), at)
	got, other = p.other.Held(p.t.Context(), at)
	wants(r, "held", other, err)
	same(r, "what is held", got, want)
	n, err := p.memory.Waiting(p.t.Context(), at)
	m, other := p.other.Waiting(p.t.Context(), at)
	wants(r, "waiting", other, err)
	same(r, "how many wait", m, n)
}
