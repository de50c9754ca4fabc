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

// UnmarshalJSON reads a text, a number or a boolean. It leaves the text empty for anything else.
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
	HasConfigurationItem      struct {
		Results []struct{ CIID, CIName, RelationshipType text } `json:"results"`
	}
}

// status returns the status that is not translated, or the translated one if ISM does not send it.
func (t ticket) status() string {
	return string(cmp.Or(t.NonTranslatedTicketStatus, t.TicketStatus))
}

// ticket reads a ticket, and its attributes as ISM sends them.
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
	return t, nil, &task.Failure{Code: codeError, Message: "ISM's answer does not contain the status of the ticket " + identifier, Status: 200}
}

// items returns the rows of a list, or the single object if the data is not a list.
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

// checkTicket refuses identifiers that would change the meaning of a path.
func checkTicket(identifier string) error {
	if trimmed := strings.TrimSpace(identifier); trimmed == "" || trimmed == "." || trimmed == ".." {
		return badInput("ticket", "is not a ticket's identifier; write it like 100-291")
	}
	return nil
}
