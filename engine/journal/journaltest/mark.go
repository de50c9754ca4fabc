package journaltest

import (
	"testing"
	"time"

	"errand/engine/journal"
)

func aChangeChangesTheMark(t *testing.T, j journal.Journal) {
	mark := func(id string) journal.Mark {
		t.Helper()
		m, err := j.Mark(t.Context(), id)
		if err != nil {
			t.Fatalf("mark of run %s: %v", id, err)
		}
		return m
	}
	_, err := j.Mark(t.Context(), "one")
	wants(t, "of a run that is not there", err, journal.ErrNotFound)
	must(t, j, begin("one", ""))
	must(t, j, begin("two", "s1"))
	other, last := mark("two"), mark("one")
	same(t, "the first mark", last, journal.Mark{Wake: start})
	changed := func(what string) {
		t.Helper()
		now := mark("one")
		if now.Same(last) {
			t.Errorf("%s: the mark is still %+v", what, now)
		}
		r, _ := load(t, j, "one")
		same(t, what+": the run's", r.Mark(), now)
		last = now
	}
	c := next("one", 0, "")
	c.Holder = "s1"
	must(t, j, c)
	changed("an entry and a holder")
	c = next("one", 1, "s1")
	c.Holder, c.Entries = "", nil
	must(t, j, c)
	changed("nobody holds it")
	c = next("one", 1, "")
	c.State.Wake, c.Entries = start.Add(time.Hour), nil
	must(t, j, c)
	changed("it is due later")
	if err := j.Cancel(t.Context(), "one", canceller); err != nil {
		t.Fatal(err)
	}
	changed("it is to be cancelled")
	same(t, "the mark of another run", mark("two"), other)
}
