package task

import (
	"context"
	"encoding/json"
	"time"
)

// A Desk reads the tickets of a service desk. Its requests change nothing. An error is a *Failure or
// that of the context.
type Desk interface {
	// Tickets returns a page of the list that a query selects, those that changed first at its
	// beginning. While the list is read page by page, tickets change and move to its end, so a page
	// may repeat tickets of the page before, and tickets may be missing.
	Tickets(ctx context.Context, credential string, q TicketQuery) (TicketPage, error)
	// Requesters returns the names of the persons whom a service request names: who asked for it, and
	// for whom.
	Requesters(ctx context.Context, credential, request string) ([]string, error)
}

// A TicketQuery selects tickets.
type TicketQuery struct {
	Statuses []string  // those with one of these statuses
	Since    time.Time // if not zero: those that changed in this second or later, by the desk's clock
	Skip     int       // how many rows of the list were read before
}

// A TicketPage is a part of a list of tickets.
type TicketPage struct {
	Tickets []Ticket
	Rows    int  // how many rows of the list the page has, with those that are not selected or cannot be read
	Unread  int  // how many rows cannot be read
	More    bool // the list may have more rows
}

// A Ticket is a ticket as its desk returned it.
type Ticket struct {
	ID      string
	Changed time.Time // when it changed, in whole seconds and by the desk's clock; zero if the desk does not say
	Data    json.RawMessage
}
