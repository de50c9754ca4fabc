package ism

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"errand/engine/task"
)

type closeInput struct {
	Ticket     string `json:"ticket" title:"Ticket" required:"true" doc:"The service request's identifier, such as 100-291."`
	Status     string `json:"status" title:"Status" default:"Closed" doc:"The status that means closed at this site, under the name that is not translated. ISM's own statuses are New, Queued, Active, Pending, Complete, Resolve-Validation, Resolved and Closed."`
	Resolution string `json:"resolution" title:"Resolution" doc:"How the request was resolved. It is written together with the status: a request that already has the status stays as it is."`
	Cause      string `json:"cause" title:"Cause" doc:"The cause, as the site names it. It is written together with the status."`
	ReasonCode string `json:"reason_code" title:"Reason Code" doc:"The reason for the status, as the site names it. It is written together with the status."`
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
		"Sets the status of a service request, by default to Closed. A request that already has the status stays as it is, and one that was cancelled is refused.", task.Converges,
		func(ctx context.Context, call task.Call, in closeInput) (closeOutput, error) {
			target := cmp.Or(in.Status, "Closed")
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
				switch now, _, err := session.ticket(ctx, in.Ticket); {
				case err != nil:
					return closeOutput{}, task.AsUnknown(err)
				case isStatus(now.status(), target):
					return closeOutput{before.Status, now.status(), in.Ticket}, nil
				case isOneOf(now.status(), cancelled):
					return closeOutput{}, wasCancelled(in.Ticket, now.status())
				}
			}
			data, err := session.send(ctx, http.MethodPut, session.paths.TicketStatus, in.body(target, before.TypeID))
			if err != nil {
				return closeOutput{}, err
			}
			status, err := session.statusAfter(ctx, in.Ticket, target, data)
			return closeOutput{before.Status, status, in.Ticket}, err
		}).WithChange(task.Change{Verb: task.Changes, What: "ticket {ticket}", Done: "set to {status}"}, readTickets, changeTickets).WithRules(ticketRule, task.AtMost(task.TextLimit, "resolution", "cause", "reason_code"))
}

// body returns the change of the ticket. Public clients send exactly the four attributes that are
// always sent.
func (in closeInput) body(target string, typeID json.RawMessage) any {
	return struct {
		NonTranslatedTicketStatus string
		TicketStatus              string
		TicketTypeID              json.RawMessage `json:"TicketTypeId"`
		TicketIdentifier          string
		Resolution                string `json:",omitempty"`
		Cause                     string `json:",omitempty"`
		ReasonCode                string `json:",omitempty"`
	}{target, target, typeID, in.Ticket, in.Resolution, in.Cause, in.ReasonCode}
}

// wasCancelled returns the failure for a request that was withdrawn: its status says more than the
// one that would replace it.
func wasCancelled(identifier, status string) *task.Failure {
	return &task.Failure{Code: codeFinished, Message: "ticket " + identifier + " is " + status + ", and stays so", Status: http.StatusOK}
}

func (s *session) beforeClosing(ctx context.Context, identifier, target string) (closeOutput, error) {
	now, _, err := s.ticket(ctx, identifier)
	switch {
	case err != nil:
		return closeOutput{}, err
	case isStatus(now.status(), target):
		return closeOutput{now.status(), now.status(), identifier}, nil
	case isOneOf(now.status(), cancelled):
		return closeOutput{}, wasCancelled(identifier, now.status())
	case len(now.TicketTypeID) == 0:
		return closeOutput{}, noTicketType(identifier)
	}
	note, err := json.Marshal(closeNote{now.status(), now.TicketTypeID})
	if err != nil {
		return closeOutput{}, err
	}
	return closeOutput{}, &task.Again{Note: string(note)}
}

// isStatus reports whether a status is another one. ISM may show it in other letters than it was
// set.
func isStatus(shown, wanted string) bool { return strings.EqualFold(plain(shown), plain(wanted)) }

// statusAfter returns the status of a ticket after ISM accepted a change of it: the one that the
// answer to the change shows, or, if it does not show the status that was sent, the one that a look
// shows. A ticket with another status is a failure whose outcome is unknown.
func (s *session) statusAfter(ctx context.Context, identifier, target string, answer json.RawMessage) (string, error) {
	if err := checkAbout(identifier, answer); err != nil {
		return "", err
	}
	for _, item := range items(answer) {
		var t ticket
		if json.Unmarshal(item, &t) == nil && t.TicketIdentifier != "" && isStatus(t.status(), target) {
			return t.status(), nil
		}
	}
	now, _, err := s.ticket(ctx, identifier)
	switch {
	case err != nil:
		return "", notShown("the change of the ticket", err)
	case !isStatus(now.status(), target):
		return "", notMade("the ticket "+identifier, now.status(), target)
	}
	return now.status(), nil
}
