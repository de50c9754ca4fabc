package ism

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"errand/engine/task"
)

// A text is a value that ISM sends as a text or as a number.
type text string

// UnmarshalJSON reads a text, a number or a boolean; anything else is no text.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = text(s)
	case bytes.ContainsAny(data[:1], "-0123456789tf"):
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

// A ticket is what ISM says of a service request, by its own names.
type ticket struct {
	TicketIdentifier          text
	TicketStatus              text
	NonTranslatedTicketStatus text
	TicketTypeID              json.RawMessage `json:"TicketTypeId"` // given back as it came, be it a text or a number
	TypeName                  text
	Description               text
	Priority                  text
	ReasonCode                text
	AssignedGroup             text
	AssignedIndividual        text
	RequesterUserName         text
	RequestedForUserName      text
	CreationTimestamp         text // seconds since 1970
	LastModTimestamp          text // likewise
	LockedByExternalUserID    text `json:"LockedByExternalUserId"`
	HasConfigurationItem      struct {
		Results []struct{ CIID, CIName, RelationshipType text } `json:"results"`
	}
}

// status is the one that programs compare, or else the one that people read.
func (t ticket) status() string {
	return string(cmp.Or(t.NonTranslatedTicketStatus, t.TicketStatus))
}

// ticket reads a ticket, and its attributes as they came.
func (s *session) ticket(ctx context.Context, identifier string) (t ticket, attributes json.RawMessage, err error) {
	data, err := s.read(ctx, ticketPath(s.paths.Ticket, identifier), nil)
	if err != nil {
		return t, nil, err
	}
	for _, item := range items(data) {
		if err := json.Unmarshal(item, &t); err == nil && t.status() != "" {
			return t, item, nil
		}
	}
	return t, nil, &task.Failure{Code: codeError, Message: "ISM's answer does not say the status of the ticket " + identifier, Status: 200}
}

// items are the rows of a list, or the one that is not in a list.
func items(data json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil {
		return list
	}
	var page struct{ Items []json.RawMessage }
	if json.Unmarshal(data, &page) == nil && page.Items != nil {
		return page.Items
	}
	if !bytes.HasPrefix(data, []byte("{")) {
		return nil
	}
	return []json.RawMessage{data}
}

// checkTicket refuses what would make a path mean something else.
func checkTicket(identifier string) error {
	if trimmed := strings.TrimSpace(identifier); trimmed == "" || trimmed == "." || trimmed == ".." {
		return badInput("ticket", "names no ticket; an identifier looks like 100-291")
	}
	return nil
}
