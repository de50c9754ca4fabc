package ism

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"errand/engine/schema"
	"errand/engine/task"
)

// A text is a value that ISM sends as a text or as a number.
type text string

// UnmarshalJSON reads a text, a number or a boolean. It leaves the text empty for anything else.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = text(s)
	case len(data) > 0 && bytes.ContainsAny(data[:1], "-0123456789tf"):
		*t = text(data)
	}
	return nil
}

func (t text) orNull() *string {
	if t == "" {
		return nil
	}
	s := string(t)
	return &s
}

// A ticket holds what ISM returns about a service request, under ISM's names.
type ticket struct {
	TicketIdentifier          text
	TicketStatus              text
	NonTranslatedTicketStatus text
	TicketTypeID              json.RawMessage `json:"TicketTypeId"` // a text or a number; sent back unchanged
	TypeName                  text
	Description               text
	Priority                  text
	ReasonCode                text
	AssignedGroup             text
	AssignedIndividual        text
	RequesterUserName         text
	RequestedForUserName      text
	CreationTimestamp         text // seconds since 1970
	LastModTimestamp          text // seconds since 1970
	LockedByExternalUserID    text `json:"LockedByExternalUserId"`
	HasConfigurationItem      *relations
}

// relations are the assets that a ticket is related to.
type relations struct {
	Results []relation      `json:"results"`
	Next    json.RawMessage `json:"__next"` // OData's address of the next page, if there is one
}

// A relation is an asset that a ticket is related to: ISM's id of it, and its name.
type relation struct{ CIID, CIName, RelationshipType text }

// status returns the status that is not translated, or the translated one if ISM does not send it.
func (t ticket) status() string {
	return string(cmp.Or(t.NonTranslatedTicketStatus, t.TicketStatus))
}

// ticket reads a ticket, and its attributes as ISM sends them. If the answer is a list, it picks
// the ticket from the list.
func (s *session) ticket(ctx context.Context, identifier string) (t ticket, attributes json.RawMessage, err error) {
	data, err := s.read(ctx, ticketPath(s.paths.Ticket, identifier), nil)
	if err != nil {
		return ticket{}, nil, err
	}
	if len(items(data)) == 0 {
		return ticket{}, nil, noTicket(identifier, nil)
	}
	about := "no ticket"
	for _, item := range items(data) {
		var t ticket
		switch {
		case json.Unmarshal(item, &t) != nil:
		case !isStoredAs(identifier, string(t.TicketIdentifier)):
			if t.TicketIdentifier != "" {
				about = "the ticket " + schema.Show(string(t.TicketIdentifier))
			}
		case t.status() == "":
			return ticket{}, nil, &task.Failure{Code: codeError, Message: "ISM's answer does not contain the status of the ticket " + identifier, Status: http.StatusOK}
		default:
			return t, item, nil
		}
	}
	return ticket{}, nil, &task.Failure{
		Code: codeError, Status: http.StatusOK,
		Message: "ISM was asked about the ticket " + schema.Show(identifier) + ", and its answer is about " + s.scrub(about),
	}
}

// checkAbout checks that the answer to a write is not about another ticket. An answer that names no
// ticket, such as "Success", is accepted.
func checkAbout(identifier string, data json.RawMessage) error {
	for _, item := range items(data) {
		var t struct{ TicketIdentifier text }
		if json.Unmarshal(item, &t) == nil && t.TicketIdentifier != "" && !isStoredAs(identifier, string(t.TicketIdentifier)) {
			return unreadableAnswer(http.StatusOK, "it is about the ticket "+schema.Show(string(t.TicketIdentifier))+", not "+schema.Show(identifier))
		}
	}
	return nil
}

// ticketRule is the rule for a ticket's identifier. It refuses what would change the meaning of a path.
var ticketRule = task.Form("an identifier such as 100-291", `[^\s.]`, "ticket")
