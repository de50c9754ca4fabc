// Package intake turns what a desk sends into runs. The rules of a source are in a file, intake.yaml
// or NAME.intake.yaml, beside the definitions. The package reads and checks that file, reads tickets
// and payloads, finds the rule that matches, and starts its workflow once.
//
// In reading order: source.go (a checked file), rule.go (one of its rules), ticket.go and
// custom_attributes.go (a ticket of the desk), match.go (which rule starts what), load.go (reads a file),
// check.go (finds what is wrong with its rules), folder.go (all files of a folder), payload.go and
// payload_schema.go (what a webhook sends), names.go (messages about unknown names). Then what starts
// runs: ruling.go (from a match to a ruling), feed.go (a source that is asked), poll.go (how often),
// pass.go (one pass over the tickets) with cursor.go, note.go (what operators are told), hook.go (a source
// that sends), outcome.go (what logs and metrics show).
package intake

import (
	"slices"
	"strings"
	"time"

	"errand/engine/definition"
	"errand/engine/schema"
)

// A Source is a checked intake file: where tickets come from, and the rules by which they start
// workflows. It does not change after it is made.
type Source struct {
	File     string
	Name     string        // Desk, or the name of a webhook
	Every    time.Duration // the time between two questions to the desk; 0 for a webhook
	Statuses []string      // the tickets that are looked at; empty for a webhook
	Payload  schema.Type   // of a webhook: the type of what it sends
	Rules    []Rule        // the first that matches starts its workflow

	digest string // of the file
}

// Desk is the name of the source whose tickets are asked for. All others are webhooks.
const Desk = definition.IntakeDesk

// DefaultEvery is the time between two questions to the desk if the file does not set it.
const DefaultEvery = 30 * time.Second

// DefaultStatuses are the statuses that are looked at if the file does not set them.
var DefaultStatuses = []string{"New"}

// IsDesk reports whether the source is the desk, and not a webhook.
func (s *Source) IsDesk() bool { return s.Name == Desk }

// LooksAt reports whether tickets with a status are looked at. Statuses compare without case.
func (s *Source) LooksAt(status string) bool {
	return slices.ContainsFunc(s.Statuses, func(want string) bool { return strings.EqualFold(want, status) })
}

// The roots that expressions read: of the desk and of a webhook.
const (
	rootTicket  = "ticket"
	rootPayload = "payload"
)

var text = schema.Of(schema.String)

// TicketType is the type of `ticket` in expressions.
var TicketType = schema.ObjectOf(
	schema.Field{Name: "id", Description: "The ticket's identifier, such as 100-291. It is the run's service request.", Type: text},
	schema.Field{Name: "type", Description: "The ticket's type, such as Service Request.", Type: text},
	schema.Field{Name: "status", Description: "The ticket's status, not translated, such as New.", Type: text},
	schema.Field{Name: "description", Description: "The ticket's short description.", Type: text},
	schema.Field{Name: "categorization", Description: "The path of the ticket's category, such as Cloud >> Start an instance.", Type: text},
	schema.Field{Name: "priority", Description: "The ticket's priority.", Type: text},
	schema.Field{Name: "requester", Description: "The user name of the person who wrote the ticket.", Type: text},
	schema.Field{Name: "requested_for", Description: "The user name of the person for whom it is.", Type: text},
	schema.Field{Name: "custom_attributes", Description: "The ticket's custom attributes, by name. One that the ticket does not have is null.", Type: schema.MapOf(text)},
	schema.Field{Name: "attributes", Description: "All attributes as the desk sends them, under its own names. They may be of any type.", Type: schema.Type{Kind: schema.Object}},
)

// Root returns the name and the type of what the source's expressions read.
func (s *Source) Root() schema.Field {
	if s.IsDesk() {
		return schema.Field{Name: rootTicket, Description: "The ticket of the desk.", Type: TicketType}
	}
	return schema.Field{Name: rootPayload, Description: "What the webhook sent.", Type: readable(s.Payload)}
}
