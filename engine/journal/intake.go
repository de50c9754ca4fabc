package journal

import (
	"context"
	"errors"
	"time"
)

// An Intake keeps what intake has read and what it has dealt with. Both change in the commits that
// create the runs.
type Intake interface {
	// Take makes a Taking completely and durably, or not at all. If a ticket or a message was taken
	// before, its error is a *TakenError. Its other errors are those that Commit has for changes that
	// create runs. After a *StoreError nobody knows whether the Taking was made.
	Take(ctx context.Context, t Taking) error
	// Cursor returns the cursor of a source, or "" if it has none. Its error is a *StoreError.
	Cursor(ctx context.Context, source string) (string, error)
	// Ticket returns what intake did with a ticket of a desk. found is false if it did nothing. Its
	// error is a *StoreError.
	Ticket(ctx context.Context, desk, id string) (t Ticket, found bool, err error)
	// Answer returns the answer to a message of a source. found is false if there is none. Its error
	// is a *StoreError.
	Answer(ctx context.Context, source, id string) (answer string, found bool, err error)
}

// A Taking is what one commit of intake does.
type Taking struct {
	Source  string   // whose cursor and message it has
	Cursor  string   // the cursor from now on; empty leaves it as it is
	Tickets []Ticket // each ticket, each run and each request of a workflow at most once
	Message *Answered
}

// A Ticket is a ticket that intake has dealt with. A ticket that was only noted can still be
// started, and is not noted again. A ticket that was started stays so.
type Ticket struct {
	Desk, ID string
	Noted    bool      // it could not be started, and operators get a note
	Run      string    // the ticket's run, or the run that writes the note
	At       time.Time // when intake dealt with it
	Create   *Change   // creates the run; nil: the journal has it. The method Ticket does not return it
}

// An Answered is a message that was answered. It is forgotten when a later one has a Forget after it.
type Answered struct {
	ID     string
	At     time.Time
	Answer string
	Forget time.Time // the messages of all sources that were answered before are forgotten
}

// A TakenError says that intake has dealt with a ticket, or answered a message, before.
type TakenError struct{ ID string }

func (e *TakenError) Error() string { return "intake has dealt with " + e.ID + " before" }

// encode encodes the changes of a Taking. It returns an error if the Taking has something twice.
func (t *Taking) encode() ([]encodedChange, error) {
	encoded := make([]encodedChange, len(t.Tickets))
	seen := map[[3]string]bool{}
	once := func(kind, a, b string) bool {
		key := [3]string{kind, a, b}
		before := seen[key]
		seen[key] = true
		return !before
	}
	for i, ticket := range t.Tickets {
		c := ticket.Create
		ok := once("ticket", ticket.Desk, ticket.ID)
		if c != nil {
			ok = ok && c.Create != nil && c.Run == ticket.Run && once("run", c.Run, "")
			ok = ok && (c.Again || c.Create.Request == "" || once("request", c.Create.Workflow, c.Create.Request))
		}
		if !ok {
			return nil, errors.New("ticket " + ticket.ID + " does not fit the others")
		}
		if c != nil {
			var err error
			if encoded[i], err = c.encode(); err != nil {
				return nil, err
			}
		}
	}
	return encoded, nil
}

// follows reports whether a ticket may take the place of what intake did with it before.
func (t *Ticket) follows(noted bool) bool { return noted && !t.Noted }
