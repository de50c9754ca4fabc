package journaltest

import (
	"testing"

	"errand/engine/journal"
)

func aNewRunGetsItsStateFromTheChange(t *testing.T, j journal.Journal) {
	c := begin("one", "s1")
	c.Create.State = journal.State{Status: "failed", Wake: start.Add(1), Ended: start.Add(2), Result: []byte("{}"), Waits: waits()}
	c.Create.Next, c.Create.Holder, c.Create.Cancel = 7, "s2", true
	must(t, j, c)
	r, _ := load(t, j, "one")
	same(t, "the state", r.State, c.State)
	same(t, "the holder", r.Holder, "s1")
	same(t, "the number of entries", r.Next, 0)
	same(t, "cancelled", r.Cancel, false)
}

func aRequestHasOneRun(t *testing.T, j journal.Journal) {
	change := func(id, workflow, request string, again bool) journal.Change {
		c := begin(id, "")
		c.Create.Workflow, c.Create.Request, c.Again = workflow, request, again
		return c
	}
	for _, c := range []struct {
		name   string
		change journal.Change
		want   error
	}{
		{"the first", change("a", "stop", "100-1", false), nil},
		{"the same request", change("b", "stop", "100-1", false), &journal.ExistsError{Run: "a"}},
		{"the very same run", change("a", "stop", "100-1", false), &journal.ExistsError{Run: "a"}},
		{"another workflow", change("c", "start", "100-1", false), nil},
		{"another request", change("d", "stop", "100-2", false), nil},
		{"again", change("e", "stop", "100-1", true), nil},
		{"after again", change("f", "stop", "100-1", false), &journal.ExistsError{Run: "e"}},
		{"again of something new", change("g", "restart", "100-1", true), nil},
		{"no request", change("h", "stop", "", false), nil},
		{"no request, once more", change("i", "stop", "", false), nil},
	} {
		wants(t, c.name, j.Commit(t.Context(), c.change), c.want)
	}
	same(t, "the runs", ids(t, j, journal.Query{}), []string{"i", "h", "g", "e", "d", "c", "a"})
}

func aRunIsCreatedOnce(t *testing.T, j journal.Journal) {
	must(t, j, begin("one", "s1"))
	again := begin("one", "s2")
	again.Again = true
	again.Entries = entries()
	wants(t, "again", j.Commit(t.Context(), again), journal.ErrMoved)
	other := begin("one", "s2")
	other.Create.Request, other.Create.Digest = "", "d7"
	wants(t, "without a request", j.Commit(t.Context(), other), journal.ErrMoved)
	r, stored := load(t, j, "one")
	same(t, "the holder", r.Holder, "s1")
	same(t, "the definition", r.Digest, "d1")
	same(t, "the entries", stored, []journal.Entry{})
}
