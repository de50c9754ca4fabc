package local_test

import (
	"context"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/local"
)

// What becomes due by a call in this process is taken up at once. What another process makes due is
// found by the next look.
func TestWhatIsDueIsTakenUp(t *testing.T) {
	const acts = "steps:\n  - {id: one, task: remote.evident}\n"
	const asks = "steps:\n  - {id: ok, approval: {ask: Go, by: [kim]}}\n  - {id: one, task: remote.evident}\n"
	kim := engine.Person{Name: "kim"}
	for _, c := range []struct {
		name, source string
		act          func(r *local.Runner, o engine.Order) error
	}{
		{"a start", acts, func(r *local.Runner, o engine.Order) error {
			_, err := r.Accept(context.Background(), o)
			return err
		}},
		{"a ticket", acts, func(r *local.Runner, o engine.Order) error {
			_, err := r.Take(context.Background(), engine.Taking{Source: "ism", Tickets: []engine.TicketOrder{{Desk: "ism", Ticket: o.Request, Order: o}}})
			return err
		}},
		{"a decision", asks, func(r *local.Runner, o engine.Order) error {
			return r.Decide(context.Background(), o.Run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: kim})
		}},
		{"a cancellation", asks + "finally:\n  - {id: tidy, task: remote.evident}\n", func(r *local.Runner, o engine.Order) error {
			return r.Cancel(context.Background(), o.Run, kim)
		}},
	} {
		for _, here := range []bool{true, false} {
			name, longest := c.name+" here", 5*time.Millisecond
			if !here {
				name, longest = c.name+" elsewhere", 500*time.Millisecond
			}
			t.Run(name, func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bench) {
					worker, other := b.process("the worker"), b.process("another")
					o := b.order(c.source)
					if c.source != acts {
						if _, err := worker.Accept(t.Context(), o); err != nil {
							t.Fatal(err)
						}
					}
					ctx, end := context.WithCancel(t.Context())
					ended := make(chan error, 1)
					go func() { ended <- worker.Work(ctx, false, nil) }()
					time.Sleep(10*time.Second + 7*time.Millisecond)
					who := worker
					if !here {
						who = other
					}
					if err := c.act(who, o); err != nil {
						t.Fatal(err)
					}
					time.Sleep(longest)
					if n := len(b.called()); n != 1 {
						t.Errorf("%d calls after %s", n, longest)
					}
					end()
					if err := <-ended; err != nil {
						t.Error(err)
					}
					_, _ = worker.Close(), other.Close()
				})
			})
		}
	}
}
