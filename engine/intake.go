package engine

import (
	"context"
	"errors"
	"time"
)

// An Intaker takes tickets of service desks, each of them once, whatever crashes. A runner without a
// journal needs three things for it: a record of the tickets for as long as a desk may show them,
// the rule that a request has one run of a workflow, and both in one step with the cursor. Runners
// that cannot do this have no Intaker.
type Intaker interface {
	// Take puts the runs of tickets on record, as Accept does, together with the tickets, the cursor
	// of the source and the answer to its message: everything, or nothing. It returns what became of
	// each ticket. If one of them has a Refusal, nothing is on record, and the caller takes the
	// others without it. A copy of a home takes nothing (RefusedCopy). The error is ErrAnswered if
	// the message was answered before.
	Take(ctx context.Context, t Taking) ([]Taken, error)
	// Cursor returns the last cursor of a source, or "" if it has none.
	Cursor(ctx context.Context, source string) (string, error)
}

// An IntakeReader reads what an Intaker has put on record.
type IntakeReader interface {
	// Dealt returns what became of a ticket. ok is false if intake has not dealt with it.
	Dealt(ctx context.Context, desk, ticket string) (t Dealt, ok bool, err error)
	// Answer returns the answer to a message of a source. ok is false if there is none.
	Answer(ctx context.Context, source, message string) (answer string, ok bool, err error)
}

// ErrAnswered is the error of Take for a message that was answered before.
var ErrAnswered = errors.New("the message was answered before")

// StartedByIntake is Order.StartedBy of the runs that intake starts.
const StartedByIntake = "intake"

// A Taking is what a source had at one time.
type Taking struct {
	Source  string
	Cursor  string // how far the source was read; empty leaves the cursor as it is
	Tickets []TicketOrder
	Message *Message
}

// MessagesKept is how long the answer to a message is kept at least.
const MessagesKept = 10 * time.Minute

// A TicketOrder asks for the run of a ticket, or for the run that tells operators why the ticket has
// none. A ticket that has a run gets no other one, and a ticket that has a note no other note.
type TicketOrder struct {
	Desk, Ticket string
	Note         bool // the order is for a note
	Order        Order
}

// A Message is a message of a source, with an id that is used once.
type Message struct {
	ID     string
	Answer func([]Taken) string // what is kept as its answer; called at least once
}

// Taken is what became of a ticket of a Taking.
type Taken struct {
	Run     string   // the ticket's run, or that of its note
	Existed bool     // the request had the run
	Before  bool     // intake has dealt with the ticket before; Run is from then
	Refusal *Refusal // why it has no run; RefusedConflict if the request has a run with other inputs, or the ticket any other run
}

// Dealt is what became of a ticket.
type Dealt struct {
	Run   string // the ticket's run, or that of its note
	Noted bool   // it has a note and no run
}
