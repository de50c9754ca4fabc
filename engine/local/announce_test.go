package local_test

import (
	"testing"

	"errand/engine"
)

// Whatever a process changes about a run it announces: those who watch all runs learn of it in no other
// way.
func TestEveryChangeIsAnnounced(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("first")
		announced := map[string]int{}
		r.Announce(func(run string) { announced[run]++ })
		kim := engine.Person{Name: "Kim"}
		o := b.order("steps:\n  - {id: ok, approval: {ask: Go on, by: [Kim]}}\n  - {id: fails, fail: It must not.}\n")
		for _, c := range []struct {
			name string
			run  string
			do   func() error
		}{
			{"a start", o.Run, func() error { _, err := r.Accept(t.Context(), o); return err }},
			{"the work", o.Run, func() error { return r.Work(t.Context(), true, nil) }},
			{"a decision", o.Run, func() error {
				return r.Decide(t.Context(), o.Run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: kim})
			}},
			{"the work after it", o.Run, func() error { return r.Work(t.Context(), true, nil) }},
			{"a retry", o.Run, func() error { return r.Retry(t.Context(), o.Run, engine.Retry{From: "ok", By: kim}) }},
			{"a cancellation", o.Run, func() error { return r.Cancel(t.Context(), o.Run, kim) }},
			{"a start by intake", "a", func() error { _, err := r.Take(t.Context(), taking(b.ticketOrder("100-1", "a", "Dana"))); return err }},
		} {
			mark, before := "", announced[c.run]
			if _, err := r.Read(t.Context(), c.run); err == nil {
				if mark, err = r.Mark(t.Context(), c.run); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.do(); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			after, err := r.Mark(t.Context(), c.run)
			if err != nil || after == mark {
				t.Fatalf("%s changes nothing: %v", c.name, err)
			}
			if announced[c.run] == before {
				t.Errorf("%s is not announced", c.name)
			}
		}
	})
}
