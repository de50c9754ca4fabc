package ism

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"errand/engine/task"
)

type closeInput struct {
	Ticket string `json:"ticket" title:"Ticket" required:"true" doc:"The service request's identifier, such as 100-291."`
	Status string `json:"status" title:"Status" default:"Closed" doc:"The status that means closed at this site, under the name that is not translated. ISM's own statuses are New, Queued, Active, Pending, Complete, Resolve-Validation, Resolved and Closed."`
}

type closeOutput struct {
	PreviousStatus string `json:"previous_status" title:"Previous Status" doc:"The status before the operation."`
	Status         string `json:"status" title:"Status" doc:"The status after the operation."`
	ticket         string
}

// Summary says what happened: "ticket 100-291: New → Closed".
func (o closeOutput) Summary() string {
	if o.PreviousStatus == o.Status {
		return "ticket " + o.ticket + " was already " + o.Status
	}
	return "ticket " + o.ticket + ": " + o.PreviousStatus + " → " + o.Status
}

// A closeNote is the note between the two calls: the ticket before it is closed.
type closeNote struct {
	Status string          `json:"status"`
	TypeID json.RawMessage `json:"type_id"`
}

// closeServiceRequest takes two calls. The first reads the ticket, for the id of its type, and puts
// its status into the note. The second writes. If the outcome of the second is unknown, it reads
// the ticket before it writes again.
func closeServiceRequest(s *system) task.Type {
	return task.Define("ism.close_service_request",
		"Sets the status of a service request, by default to Closed. A request that already has the status stays as it is.", task.Converges,
		func(ctx context.Context, call task.Call, in closeInput) (closeOutput, error) {
			target := cmp.Or(in.Status, "Closed")
			if err := checkTicket(in.Ticket); err != nil {
				return closeOutput{}, err
			}
			session, err := s.open(ctx, call)
			if err != nil {
				return closeOutput{}, err
			}
			var before closeNote
			if call.Note == "" {
				return session.beforeClosing(ctx, in.Ticket, target)
			}
			if err := json.Unmarshal([]byte(call.Note), &before); err != nil {
				return closeOutput{}, &task.Failure{Code: task.CodeInternal, Message: "the note of the earlier call cannot be read", Unknown: true}
			}
			if call.Recover {
				now, _, err := session.ticket(ctx, in.Ticket)
				if err != nil {
					return closeOutput{}, task.AsUnknown(err)
				}
				if now.status() == target {
					return closeOutput{before.Status, target, in.Ticket}, nil
				}
			}
			_, err = session.send(ctx, http.MethodPut, session.paths.TicketStatus, struct {
				NonTranslatedTicketStatus string
				TicketStatus              string
				TicketTypeID              json.RawMessage `json:"TicketTypeId"`
				TicketIdentifier          string
			}{target, target, before.TypeID, in.Ticket})
			return closeOutput{before.Status, target, in.Ticket}, err
		}).WithChange(task.Change{Verb: task.Changes, What: "ticket {ticket}", Done: "set to {status}"}, readTickets, changeTickets)
}

func (s *session) beforeClosing(ctx context.Context, identifier, target string) (closeOutput, error) {
	now, _, err := s.ticket(ctx, identifier)
	switch {
	case err != nil:
		return closeOutput{}, err
	case now.status() == target:
		return closeOutput{target, target, identifier}, nil
	case len(now.TicketTypeID) == 0:
		return closeOutput{}, &task.Failure{Code: codeError, Message: "ISM's answer does not contain the type of the ticket " + identifier, Status: http.StatusOK}
	}
	note, err := json.Marshal(closeNote{now.status(), now.TicketTypeID})
	if err != nil {
		return closeOutput{}, err
	}
	return closeOutput{}, &task.Again{Note: string(note)}
}
