package local_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/task"
)

// A counting is a journal that counts how often it is asked how many runs wait.
type counting struct {
	journal.Journal
	asked atomic.Int64
}

// Waiting implements journal.Queue.
func (c *counting) Waiting(ctx context.Context, at time.Time) (int, error) {
	c.asked.Add(1)
	return c.Journal.Waiting(ctx, at)
}

// orders makes 50 orders at once and returns how many were accepted. All others must be refused
// because the queue is full.
func (b *bench) orders(r *local.Runner, prefix string) int {
	b.t.Helper()
	p := b.program(oneAct)
	var accepted atomic.Int64
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			id := fmt.Sprintf("%s%03d", prefix, i)
			_, err := r.Accept(b.t.Context(), engine.Order{Run: id, Request: id, Inputs: map[string]any{}, Program: p})
			switch {
			case err == nil:
				accepted.Add(1)
			case !refusedFor(err, engine.RefusedFull):
				b.t.Error(err)
			}
		})
	}
	group.Wait()
	return int(accepted.Load())
}

// No more runs wait than Queue allows. An order for a run that exists is never refused for that, nor
// is one that is carried out at once. The journal is not asked for each order.
func TestAFullQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		counted := &counting{Journal: b.journal}
		b.journal = counted
		r := b.process("the service")
		defer func() { _ = r.Close() }()
		r.Queue = 10
		if n := b.orders(r, "first"); n != 10 {
			t.Errorf("%d orders were accepted, want 10", n)
		}
		time.Sleep(time.Minute) // a new count finds the same
		if n := b.orders(r, "second"); n != 0 {
			t.Errorf("%d orders were accepted, want none", n)
		}
		if n := counted.asked.Load(); n != 2 {
			t.Errorf("the journal was asked %d times, want once in each half second", n)
		}
		runs, err := r.List(t.Context(), engine.Query{})
		if err != nil || len(runs) != 10 {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		o := engine.Order{Run: "again", Request: runs[0].Request, Inputs: map[string]any{}, Program: b.program(oneAct)}
		if receipt, err := r.Accept(t.Context(), o); err != nil || receipt != (engine.Receipt{Run: runs[0].Run, Existed: true}) {
			t.Errorf("got %+v, %v", receipt, err)
		}
		if v, err := r.Start(t.Context(), b.order(oneAct), engine.Following{}); err != nil || v.Status != engine.Succeeded {
			t.Errorf("the run is %s, %v", v.Status, err)
		}
		if err := r.Work(t.Context(), true, nil); err != nil {
			t.Fatal(err)
		}
		if n := b.orders(r, "third"); n != 10 { // before the next count
			t.Errorf("%d orders were accepted, want 10", n)
		}
	})
}

// A queue has room again as soon as runs are taken up, not only when the journal is asked again.
func TestAQueueThatMoves(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("the service")
		defer func() { _ = r.Close() }()
		r.Queue, r.Limit, r.Poll = 10, 5, time.Minute
		b.answer = func(task.Call) error { time.Sleep(time.Hour); return nil }
		if n := b.orders(r, "first"); n != 10 {
			t.Errorf("%d orders were accepted, want 10", n)
		}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Work(ctx, false, nil) }()
		time.Sleep(time.Second)
		if n := b.orders(r, "second"); n != 5 {
			t.Errorf("%d orders were accepted while 5 runs were at work, want 5", n)
		}
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Two processes together exceed the limit by no more than what the other one accepts between two
// counts.
func TestTwoQueues(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		first, second := b.process("first"), b.process("second")
		first.Queue, second.Queue = 10, 10
		b.accept(first, "case", oneAct, 1)
		b.accept(second, "other", oneAct, 1) // both have counted now
		if n, m := b.orders(first, "first"), b.orders(second, "second"); n != 9 || m != 8 {
			t.Errorf("%d and %d orders were accepted, want 9 and 8", n, m)
		}
		time.Sleep(first.Poll + time.Second)
		if n, m := b.orders(first, "third"), b.orders(second, "fourth"); n != 0 || m != 0 {
			t.Errorf("%d and %d orders were accepted, want none", n, m)
		}
	})
}

// An order that is not put on record takes no place.
func TestARefusedOrderTakesNoPlace(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("the service")
		r.Queue = 2
		o := b.order(oneAct)
		o.Request, o.Again = "", true
		if _, err := r.Accept(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if _, err := r.Accept(t.Context(), o); err == nil || refusedFor(err, engine.RefusedFull) { // its id is taken
				t.Fatalf("got %v", err)
			}
		}
		o.Run = "testrun000000001"
		if _, err := r.Accept(t.Context(), o); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

// A ticket for which there is no room is refused, and one that was not taken takes no place.
func TestATicketAndAFullQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("the service")
		defer func() { _ = r.Close() }()
		r.Queue = 2
		b.accept(r, "other", oneAct, 1)
		first, second := b.ticketOrder("100-1", "a", "Dana"), b.ticketOrder("100-2", "b", "Dana")
		for range 3 { // the caller takes the other tickets without those that are refused
			taken, err := r.Take(t.Context(), taking(first, second))
			if err != nil || taken[0].Refusal != nil || taken[1].Refusal == nil || taken[1].Refusal.Code != engine.RefusedFull {
				t.Fatalf("got %+v, %v", taken, err)
			}
		}
		for range 2 { // the second time it has the run
			if got := said(r.Take(t.Context(), taking(first))); got != "a" {
				t.Errorf("got %s, want a", got)
			}
		}
		if err := r.Work(t.Context(), true, nil); err != nil {
			t.Fatal(err)
		}
		if got := said(r.Take(t.Context(), taking(first, second))); got != "a, b" {
			t.Errorf("got %s", got)
		}
	})
}
