package journal

import (
	"context"
	"fmt"
	"testing"
	"time"

	"errand/engine"
)

// Two processes append to a run in turn, so that each of them remembers a tail that is no longer
// right. The chain holds, and nothing is remembered of a run that nobody holds.
func TestTailsOfTwoProcesses(t *testing.T) {
	ctx, home := t.Context(), t.TempDir()
	var both []*SQLite
	for range 2 {
		s, err := Open(ctx, home)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		both = append(both, s)
	}
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	entry := func(i int) Entry { return Entry{Kind: Slept, At: at.Add(time.Duration(i) * time.Second)} }
	change := func(s *SQLite, c Change) {
		t.Helper()
		c.Run, c.State = "a", State{Status: engine.Waiting}
		if err := s.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"first", "second"}
	change(both[0], Change{Create: &Run{ID: "a", Workflow: "w", Version: Version, Started: at}, Holder: names[0], Entries: []Entry{entry(0)}})
	next := 1
	for turn := range 6 {
		s, name, other := both[turn%2], names[turn%2], names[(turn+1)%2]
		for range turn%3 + 1 {
			change(s, Change{Next: next, From: name, Holder: name, Entries: []Entry{entry(next), entry(next + 1)}})
			next += 2
		}
		if len(s.writer.tails) != 1 {
			t.Errorf("in turn %d there are %d tails, want the one of the run", turn, len(s.writer.tails))
		}
		change(s, Change{Next: next, From: name, Holder: other})
	}
	change(both[0], Change{Next: next, From: names[0], Holder: "", Entries: []Entry{entry(next)}})
	next++
	if n := len(both[0].writer.tails); n > 0 {
		t.Errorf("%d tails are remembered although nobody holds a run", n)
	}
	_, history, err := both[1].Load(context.Background(), "a")
	if err != nil {
		t.Fatalf("the chain does not hold: %v", err)
	}
	if got := fmt.Sprint(len(history)); got != fmt.Sprint(next) {
		t.Errorf("there are %s entries, want %d", got, next)
	}
}
