package local_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"errand/engine"
	"errand/engine/journal"
)

const greet = "inputs: {who: {type: string}}\nsteps:\n  - {id: act, task: remote.evident, with: {text: \"${{ inputs.who }}\"}}\n"

// ticketOrder returns the order of a ticket, which asks for a run with an input.
func (b *bench) ticketOrder(ticket, run, who string) engine.TicketOrder {
	o := b.order(greet)
	o.Run, o.Request, o.StartedBy, o.Inputs = run, ticket, engine.StartedByIntake, map[string]any{"who": who}
	return engine.TicketOrder{Desk: "ism", Ticket: ticket, Order: o}
}

// noteOrder returns the order of a note about a ticket.
func (b *bench) noteOrder(ticket, run string) engine.TicketOrder {
	o := b.ticketOrder(ticket, run, "operators")
	named := *o.Order.Program
	named.Name = "note"
	o.Order.Program, o.Order.Again, o.Note = &named, true, true
	return o
}

// otherOrder returns the order of a ticket for another workflow.
func (b *bench) otherOrder(ticket, run, who string) engine.TicketOrder {
	o := b.ticketOrder(ticket, run, who)
	named := *o.Order.Program
	named.Name = "other"
	o.Order.Program = &named
	return o
}

func taking(orders ...engine.TicketOrder) engine.Taking {
	return engine.Taking{Source: "ism", Tickets: orders}
}

// What Take says about each ticket, one Taking after the other.
func TestTake(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("first")
		byHand := b.ticketOrder("100-9", "byhand0000000000", "Dana").Order
		if _, err := r.Accept(t.Context(), byHand); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			taking engine.Taking
			want   string
		}{
			{"a new ticket", taking(b.ticketOrder("100-1", "a", "Dana")), "a"},
			{"the same again", taking(b.ticketOrder("100-1", "b", "Dana")), "a before"},
			{"after an edit", taking(b.ticketOrder("100-1", "b", "Kim")), "refused: conflict, a"},
			{"of another workflow", taking(b.otherOrder("100-1", "b", "Dana")), "refused: conflict, a of case"},
			{"its note", taking(b.noteOrder("100-1", "b")), "a before"},
			{"a note", taking(b.noteOrder("100-2", "c")), "c"},
			{"another note", taking(b.noteOrder("100-2", "d")), "c before"},
			{"the ticket is mended", taking(b.ticketOrder("100-2", "d", "Dana")), "d"},
			{"a person has started it", taking(b.ticketOrder("100-9", "e", "Dana")), "byhand0000000000 existed"},
			{"and again", taking(b.ticketOrder("100-9", "e", "Dana")), "byhand0000000000 before"},
			{"and with other inputs", taking(b.ticketOrder("100-9", "e", "Kim")), "refused: conflict, byhand0000000000"},
			{"several", taking(b.ticketOrder("100-1", "e", "Dana"), b.ticketOrder("100-3", "f", "Dana"), b.noteOrder("100-4", "g")), "a before, f, g"},
		} {
			if got := said(r.Take(t.Context(), c.taking)); got != c.want {
				t.Errorf("%s: %s, expected %s", c.name, got, c.want)
			}
		}
		for ticket, want := range map[string]engine.Dealt{"100-1": {Run: "a"}, "100-2": {Run: "d"}, "100-4": {Run: "g", Noted: true}, "100-9": {Run: "byhand0000000000"}} {
			if got, ok, err := r.Dealt(t.Context(), "ism", ticket); got != want || !ok || err != nil {
				t.Errorf("ticket %s: %+v, %t, %v", ticket, got, ok, err)
			}
		}
		if got, ok, err := r.Dealt(t.Context(), "ism", "100-7"); ok || err != nil {
			t.Errorf("a ticket that nobody knows: %+v, %v", got, err)
		}
		v, err := r.Follow(t.Context(), "f", engine.Following{})
		b.want(v, err, engine.Succeeded, "act succeeded")
		if v.StartedBy != engine.StartedByIntake || v.Request != "100-3" {
			t.Errorf("the run is %+v", v)
		}
	})
}

// said shows what Take returned.
func said(taken []engine.Taken, err error) string {
	if err != nil {
		return err.Error()
	}
	text := ""
	for _, t := range taken {
		if text != "" {
			text += ", "
		}
		text += t.Run
		if t.Existed {
			text += " existed"
		}
		if t.Before {
			text += " before"
		}
		if t.Refusal != nil {
			text += "refused: " + string(t.Refusal.Code) + ", " + t.Refusal.Run
			if t.Refusal.Workflow != "" {
				text += " of " + t.Refusal.Workflow
			}
		}
	}
	return text
}

// If one ticket is refused, nothing is on record.
func TestTakeIsAllOrNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("first")
		if _, err := r.Accept(t.Context(), b.ticketOrder("100-9", "byhand0000000000", "Dana").Order); err != nil {
			t.Fatal(err)
		}
		all := taking(b.ticketOrder("100-1", "a", "Dana"), b.ticketOrder("100-9", "b", "Kim"))
		all.Cursor, all.Message = "17", &engine.Message{ID: "m", Answer: func([]engine.Taken) string { return "yes" }}
		taken, err := r.Take(t.Context(), all)
		if err != nil || taken[0].Refusal != nil || taken[1].Refusal == nil || taken[1].Refusal.Code != engine.RefusedConflict || taken[1].Refusal.Run != "byhand0000000000" {
			t.Fatalf("got %+v, %v", taken, err)
		}
		nothing := func() {
			t.Helper()
			_, dealt, _ := r.Dealt(t.Context(), "ism", "100-1")
			cursor, _ := r.Cursor(t.Context(), "ism")
			_, answered, _ := r.Answer(t.Context(), "ism", "m")
			runs, _ := r.List(t.Context(), engine.Query{})
			if dealt || cursor != "" || answered || len(runs) != 1 {
				t.Errorf("dealt %t, cursor %q, answered %t, %d runs", dealt, cursor, answered, len(runs))
			}
		}
		nothing()
		if _, err := r.Suspect(t.Context(), somebody); err != nil {
			t.Fatal(err)
		}
		all.Tickets = all.Tickets[:1]
		if _, err := r.Take(t.Context(), all); !refusedFor(err, engine.RefusedCopy) {
			t.Errorf("in a copy: %v", err)
		}
		nothing()
		if _, err := r.AdoptAll(t.Context(), somebody); err != nil {
			t.Fatal(err)
		}
		if got := said(r.Take(t.Context(), all)); got != "a" {
			t.Errorf("got %s", got)
		}
		if answer, ok, err := r.Answer(t.Context(), "ism", "m"); answer != "yes" || !ok || err != nil {
			t.Errorf("the answer is %q, %v", answer, err)
		}
		if cursor, err := r.Cursor(t.Context(), "ism"); cursor != "17" || err != nil {
			t.Errorf("the cursor is %q, %v", cursor, err)
		}
		if _, err := r.Take(t.Context(), engine.Taking{Source: "ism", Cursor: "18", Message: all.Message}); !errors.Is(err, engine.ErrAnswered) {
			t.Errorf("the message again: %v", err)
		}
		if cursor, err := r.Cursor(t.Context(), "ism"); cursor != "17" || err != nil {
			t.Errorf("the cursor is %q, %v", cursor, err)
		}
	})
}

// A failing intake fails some of its writes.
type failingIntake struct {
	journal.Journal
	fails int  // how many writes still fail
	made  bool // a write is made although it fails
}

func (f *failingIntake) Take(ctx context.Context, t journal.Taking) error {
	if f.fails == 0 {
		return f.Journal.Take(ctx, t)
	}
	f.fails--
	if f.made {
		_ = f.Journal.Take(ctx, t)
	}
	return &journal.StoreError{Doing: "take", Locked: true, Err: errors.New("database is locked")}
}

// A write that fails is repeated. The repeat sees whether the first write took effect.
func TestTakeWithAFailingJournal(t *testing.T) {
	for _, made := range []bool{false, true} {
		for fails := range 6 {
			t.Run(fmt.Sprintf("made %t, %d failures", made, fails), func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bench) {
					r := b.process("first")
					r.Journal = &failingIntake{Journal: b.journal, fails: fails, made: made}
					orders := []engine.TicketOrder{b.ticketOrder("100-1", "a", "Dana"), b.noteOrder("100-2", "b")}
					taken, err := r.Take(t.Context(), taking(orders...))
					trouble, _ := errors.AsType[*engine.Trouble](err)
					lost := !made && fails > 3
					switch {
					case lost && (trouble == nil || trouble.Code != engine.TroubleLocked):
						t.Errorf("got %s; expected trouble", said(taken, err))
					case !lost && said(taken, err) != "a, b":
						t.Errorf("got %s", said(taken, err))
					}
					second := b.process("second")
					for i := range orders {
						orders[i].Order.Run += "2"
					}
					if _, err := second.Take(t.Context(), taking(orders...)); err != nil {
						t.Error(err)
					}
					if runs, err := second.List(t.Context(), engine.Query{}); len(runs) != 2 || err != nil {
						t.Errorf("%d runs, %v", len(runs), err)
					}
				})
			})
		}
	}
}

// Many processes take the same tickets, in another order each. Each ticket has one run.
func TestManyTakeTheSame(t *testing.T) {
	home := t.TempDir()
	b := newBench(t)
	var work sync.WaitGroup
	for n := range 4 {
		j, err := journal.Open(t.Context(), home)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = j.Close() }()
		r := b.process(fmt.Sprint(n))
		r.Journal = j
		var all []engine.Taking
		for i := range 10 {
			ticket := fmt.Sprint("100-", (i+3*n)%10)
			all = append(all, taking(b.ticketOrder(ticket, fmt.Sprintf("r%dx%d", n, i), "Dana"), b.noteOrder("200"+ticket, fmt.Sprintf("n%dx%d", n, i))))
		}
		work.Go(func() {
			for _, one := range all {
				if _, err := r.Take(t.Context(), one); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	j, err := journal.Open(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	runs, err := j.List(t.Context(), journal.Query{})
	seen := map[string]int{}
	for _, run := range runs {
		seen[run.Request]++
	}
	if err != nil || len(runs) != 20 || len(seen) != 20 {
		t.Errorf("%d runs of %d requests, %v", len(runs), len(seen), err)
	}
}
