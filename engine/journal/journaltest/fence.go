package journaltest

import (
	"testing"

	"errand/engine/journal"
)

func aChangeIsFenced(t *testing.T, j journal.Journal) {
	must(t, j, begin("free", ""))
	must(t, j, next("free", 0, ""))
	must(t, j, begin("held", "s1"))
	must(t, j, next("held", 0, "s1"))
	must(t, j, begin("cancelled", "s1"))
	must(t, j, next("cancelled", 0, "s1"))
	if err := j.Cancel(t.Context(), "cancelled", canceller); err != nil {
		t.Fatal(err)
	}
	knowing := func(c journal.Change) journal.Change {
		c.Knows = true
		return c
	}
	for _, c := range []struct {
		name   string
		change journal.Change
		want   error
	}{
		{"an unknown run", next("unknown", 0, ""), journal.ErrNotFound},
		{"an earlier state", next("free", 0, ""), journal.ErrMoved},
		{"a later state", next("free", 2, ""), journal.ErrMoved},
		{"a holder although there is none", next("free", 1, "s1"), journal.ErrMoved},
		{"no holder although there is one", next("held", 1, ""), journal.ErrMoved},
		{"another holder", next("held", 1, "s2"), journal.ErrMoved},
		{"without knowing that it is cancelled", next("cancelled", 1, "s1"), journal.ErrCancel},
		{"without knowing that or the state", next("cancelled", 0, "s1"), journal.ErrMoved},
		{"without knowing that or the holder", next("cancelled", 1, "s2"), journal.ErrMoved},
		{"knowing it, but not the state", knowing(next("cancelled", 0, "s1")), journal.ErrMoved},
		{"knowing it", knowing(next("cancelled", 1, "s1")), nil},
		{"expecting a cancellation that nobody asked for", knowing(next("held", 1, "s1")), nil},
		{"of the present state", next("free", 1, ""), nil},
	} {
		wants(t, c.name, j.Commit(t.Context(), c.change), c.want)
	}
	takeOver := next("held", 2, "s1")
	takeOver.Holder = "s2"
	takeOver.Entries = nil
	must(t, j, takeOver)
	wants(t, "by the one it was taken from", j.Commit(t.Context(), next("held", 2, "s1")), journal.ErrMoved)
	must(t, j, next("held", 2, "s2"))
}

func aRefusedChangeLeavesNoTrace(t *testing.T, j journal.Journal) {
	must(t, j, begin("one", "s1"))
	before, _ := load(t, j, "one")
	c := next("one", 0, "s2")
	c.Entries, c.Holder = entries(), "s3"
	c.State = journal.State{Status: "failed", Ended: start}
	c.Source, c.File, c.Digest = []byte("other"), "other.yaml", "d2"
	c.Uncancel = true
	wants(t, "by somebody else", j.Commit(t.Context(), c), journal.ErrMoved)
	r, stored := load(t, j, "one")
	same(t, "the run", r, before)
	same(t, "the entries", stored, []journal.Entry{})
}
