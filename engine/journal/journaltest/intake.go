package journaltest

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine/journal"
)

// background is the context of calls that the end of a test does not interrupt.
var background = context.Background()

// ticket returns a ticket of the desk ism, with the change that creates its run.
func ticket(id, run string) journal.Ticket {
	c := begin(run, "")
	c.Create.Request = id
	return journal.Ticket{Desk: "ism", ID: id, Run: run, At: start, Create: &c}
}

// noted returns a ticket that fits no inputs, with the run that writes the note.
func noted(id, run string) journal.Ticket {
	t := ticket(id, run)
	t.Noted, t.Create.Create.Workflow = true, "intake-note"
	return t
}

// taking returns a Taking of the source ism.
func taking(cursor string, tickets ...journal.Ticket) journal.Taking {
	return journal.Taking{Source: "ism", Cursor: cursor, Tickets: tickets}
}

// dealt compares what a journal says about a ticket.
func dealt(t rapid.TB, j journal.Intake, id string, want journal.Ticket) {
	t.Helper()
	got, found, err := j.Ticket(background, "ism", id)
	wants(t, "ticket "+id, err, nil)
	want.Create = nil
	same(t, "the ticket "+id, got, want)
	same(t, "whether there is a ticket "+id, found, want.ID != "")
}

// read compares the cursor of the source ism.
func read(t rapid.TB, j journal.Intake, want string) {
	t.Helper()
	got, err := j.Cursor(background, "ism")
	wants(t, "cursor", err, nil)
	same(t, "the cursor", got, want)
}

func ticketsAreTakenWithTheirRuns(t *testing.T, j journal.Journal) {
	read(t, j, "")
	dealt(t, j, "100-1", journal.Ticket{})
	must(t, j, begin("z", "s1"))
	existing := journal.Ticket{Desk: "ism", ID: "100-z", Run: "z", At: start.Add(time.Second)}
	wants(t, "take", j.Take(t.Context(), taking("1", ticket("100-1", "a"), noted("100-2", "b"), existing)), nil)
	read(t, j, "1")
	dealt(t, j, "100-1", ticket("100-1", "a"))
	dealt(t, j, "100-2", noted("100-2", "b"))
	dealt(t, j, "100-z", existing)
	same(t, "the runs", ids(t, j, journal.Query{}), []string{"b", "a", "z"})
	same(t, "those that are due", ids(t, j, journal.Query{Due: start}), []string{"z", "a", "b"})
	_, entries := load(t, j, "a")
	same(t, "the entries", len(entries), 0)

	wants(t, "take nothing", j.Take(t.Context(), taking("")), nil)
	read(t, j, "1")
	wants(t, "take a cursor", j.Take(t.Context(), taking("2")), nil)
	read(t, j, "2")
	wants(t, "another source", j.Take(t.Context(), journal.Taking{Source: "hook", Cursor: "9"}), nil)
	read(t, j, "2")
}

func aTicketIsTakenOnce(t *testing.T, j journal.Journal) {
	wants(t, "take", j.Take(t.Context(), taking("1", ticket("100-1", "a"), noted("100-2", "b"))), nil)
	for _, c := range []struct {
		name   string
		taking journal.Taking
		want   error
	}{
		{"a started one, with another run", taking("2", ticket("100-1", "c")), &journal.TakenError{ID: "100-1"}},
		{"a started one, noted", taking("2", noted("100-1", "c")), &journal.TakenError{ID: "100-1"}},
		{"a noted one, noted", taking("2", noted("100-2", "c")), &journal.TakenError{ID: "100-2"}},
		{"after one that could be taken", taking("2", ticket("100-3", "c"), ticket("100-1", "d")), &journal.TakenError{ID: "100-1"}},
		{"a request that has a run", taking("2", ticket("100-3", "c"), journal.Ticket{Desk: "hook", ID: "x", Run: "d", At: start, Create: ticket("100-1", "d").Create}), &journal.ExistsError{Run: "a"}},
		{"a run that exists", taking("2", ticket("100-3", "c"), ticket("100-4", "a")), journal.ErrMoved},
	} {
		wants(t, c.name, j.Take(t.Context(), c.taking), c.want)
		read(t, j, "1")
		dealt(t, j, "100-3", journal.Ticket{})
	}
	wants(t, "a message with what cannot be taken", j.Take(t.Context(), journal.Taking{
		Source: "ism", Tickets: []journal.Ticket{ticket("100-1", "c")}, Message: &journal.Answered{ID: "m", At: start, Answer: "x"},
	}), &journal.TakenError{ID: "100-1"})
	_, found, err := j.Answer(t.Context(), "ism", "m")
	wants(t, "answer", err, nil)
	same(t, "whether the message is kept", found, false)
	same(t, "the runs", ids(t, j, journal.Query{}), []string{"b", "a"})

	// What was refused leaves nothing that the writer remembers.
	must(t, j, begin("c", "s1"))
	must(t, j, next("c", 0, "s1"))
	_, entries := load(t, j, "c")
	same(t, "the entries of a later run", len(entries), 1)

	wants(t, "a noted one, started", j.Take(t.Context(), taking("3", ticket("100-2", "d"))), nil)
	dealt(t, j, "100-2", ticket("100-2", "d"))
	wants(t, "a noted one that was started", j.Take(t.Context(), taking("4", noted("100-2", "e"))), &journal.TakenError{ID: "100-2"})
}

func aTakingHasNothingTwice(t *testing.T, j journal.Journal) {
	request := ticket("100-2", "b")
	request.Create.Create.Request = "100-1"
	other := ticket("100-2", "b")
	other.Run = "c"
	for _, tickets := range [][]journal.Ticket{
		{ticket("100-1", "a"), ticket("100-1", "b")},
		{ticket("100-1", "a"), ticket("100-2", "a")},
		{ticket("100-1", "a"), request},
		{other},
	} {
		wants(t, "take", j.Take(t.Context(), taking("1", tickets...)), &journal.StoreError{Doing: "take"})
	}
	read(t, j, "")
	same(t, "the runs", ids(t, j, journal.Query{}), []string{})
}

func aMessageIsAnsweredOnce(t *testing.T, j journal.Journal) {
	message := func(id, answer string, at, forget time.Duration) journal.Taking {
		return journal.Taking{Source: "hook", Message: &journal.Answered{ID: id, At: start.Add(at), Answer: answer, Forget: start.Add(forget)}}
	}
	answered := func(id, want string) {
		t.Helper()
		got, found, err := j.Answer(t.Context(), "hook", id)
		wants(t, "answer", err, nil)
		same(t, "the answer to "+id, got, want)
		same(t, "whether there is an answer to "+id, found, want != "")
	}
	answered("m1", "")
	wants(t, "the first", j.Take(t.Context(), message("m1", "one", 0, -10)), nil)
	wants(t, "the same again", j.Take(t.Context(), message("m1", "two", 1, -9)), &journal.TakenError{ID: "m1"})
	answered("m1", "one")
	wants(t, "another", j.Take(t.Context(), message("m2", "two", 10, 0)), nil)
	answered("m1", "one")
	wants(t, "when the first is forgotten", j.Take(t.Context(), message("m3", "three", 11, 1)), nil)
	answered("m1", "")
	answered("m2", "two")
	wants(t, "the first, once it is forgotten", j.Take(t.Context(), message("m1", "four", 12, 2)), nil)
	answered("m1", "four")
	_, found, err := j.Answer(t.Context(), "other", "m1")
	wants(t, "answer", err, nil)
	same(t, "whether another source has it", found, false)
}

// take takes random tickets.
func (p *pair) take(r *rapid.T) {
	t := journal.Taking{Source: "ism", Cursor: rapid.SampledFrom([]string{"", "1", "2"}).Draw(r, "cursor")}
	for range rapid.IntRange(0, 3).Draw(r, "tickets") {
		one := ticket(rapid.SampledFrom([]string{"100-1", "100-2", "100-3"}).Draw(r, "ticket"), someRuns.Draw(r, "run"))
		one.Noted = rapid.Bool().Draw(r, "noted")
		one.Create.Again = one.Noted
		one.Create.Create.Workflow = someFlows.Draw(r, "workflow")
		if rapid.IntRange(0, 3).Draw(r, "creates") == 0 {
			one.Create = nil
		}
		t.Tickets = append(t.Tickets, one)
	}
	if rapid.Bool().Draw(r, "message") {
		at := start.Add(time.Duration(rapid.IntRange(0, 20).Draw(r, "at")))
		t.Message = &journal.Answered{ID: rapid.SampledFrom([]string{"m1", "m2"}).Draw(r, "id"), At: at, Answer: "yes", Forget: at.Add(-10)}
	}
	first, second := p.memory.Take(background, t), p.other.Take(background, t)
	wants(r, "take", second, first)
	for _, one := range t.Tickets {
		if first == nil && one.Create != nil {
			p.entries[one.Run] = nil
		}
	}
}

// compareIntake compares what intake has dealt with.
func (p *pair) compareIntake(r *rapid.T) {
	cursor, err := p.memory.Cursor(background, "ism")
	wants(r, "cursor", err, nil)
	read(r, p.other, cursor)
	for _, id := range []string{"100-1", "100-2", "100-3"} {
		t, _, err := p.memory.Ticket(background, "ism", id)
		wants(r, "ticket", err, nil)
		dealt(r, p.other, id, t)
	}
	for _, id := range []string{"m1", "m2"} {
		_, want, err := p.memory.Answer(background, "ism", id)
		wants(r, "answer", err, nil)
		_, found, err := p.other.Answer(background, "ism", id)
		wants(r, "answer", err, nil)
		same(r, "whether "+id+" is answered", found, want)
	}
}
