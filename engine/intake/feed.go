package intake

import (
	"encoding/json"
	"time"

	"errand/engine/program"
	"errand/engine/task"
)

// A Feed is a source whose desk is asked for tickets, as it is at one time: its file may change.
type Feed struct {
	Name     string // of the source, which is also that of the desk's connector
	Desk     task.Desk
	Statuses []string
	Every    time.Duration // between two questions
	Version  string        // of the rules and the workflows; if it changes, all tickets are looked at again
	Judge    Judge
}

// A Judge applies the rules of a source to what it sent, a ticket or a payload. ok is false if no
// rule matches. The error says why the ticket cannot be read.
type Judge func(data json.RawMessage) (r Ruling, ok bool, err error)

// A Ruling is what a rule says about a ticket.
type Ruling struct {
	Rule       string
	Workflow   *program.Program
	Request    string // the id of the service request
	Inputs     map[string]any
	Requesters []string // the persons whom the ticket names
	Misfits    []string // why the workflow cannot start with the ticket's values; empty if it can
}

// fits reports whether the workflow can start.
func (r Ruling) fits() bool { return len(r.Misfits) == 0 }
