package ism

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"errand/engine/schema"
	"errand/engine/task"
)

type updateTicketInput struct {
	Ticket     string                     `json:"ticket" title:"Ticket" required:"true" doc:"The ticket's identifier, such as 100-291. It may be of any type."`
	Attributes map[string]json.RawMessage `json:"attributes" title:"Attributes" required:"true" example:"{\"AssignedGroup\":\"Cloud Operations\"}" doc:"The attributes to set, under ISM's names, such as {\"AssignedGroup\": \"Cloud Operations\"}. Attributes that are null are not sent. The status is none of them: ism.close_service_request sets it."`
}

type updateTicketOutput struct {
	Status string `json:"status" title:"Status" doc:"The status of the ticket, which stays as it is."`
	ticket string
}

// Summary names the ticket.
func (o updateTicketOutput) Summary() string { return "ticket " + o.ticket + " was updated" }

// fixed are the attributes that are not sent: those that say which ticket it is or which status it
// has, and those that the web service cannot change.
var fixed = []string{
	"TicketIdentifier", "TicketTypeId", "TicketStatus", "NonTranslatedTicketStatus", "Status", "ApprovalList", "AssignedCaseID",
}

// updateTicket reads the ticket and writes it at once, with the status that it has: public clients
// always send one. If the outcome is unknown, the same read shows whether the attributes are set. A
// ticket that is closed between the two requests would be opened again, so there is no wait between
// them.
func updateTicket(s *system) task.Type {
	return task.Define("ism.update_ticket",
		"Sets attributes of a ticket. It never closes the ticket, nor changes its status. Attributes that are not given stay as they are.", task.Converges,
		func(ctx context.Context, call task.Call, in updateTicketInput) (out updateTicketOutput, err error) {
			attributes := in.sent()
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			now, shown, err := session.ticket(ctx, in.Ticket)
			if err != nil && call.Recover {
				err = task.AsUnknown(err)
			}
			out = updateTicketOutput{now.status(), in.Ticket}
			if err != nil || call.Recover && shows(shown, attributes) {
				return out, err
			}
			if len(now.TicketTypeID) == 0 {
				return out, noTicketType(in.Ticket)
			}
			status, id := schema.Encode(now.status()), schema.Encode(in.Ticket)
			maps.Copy(attributes, map[string]json.RawMessage{
				"NonTranslatedTicketStatus": status, "TicketStatus": status, "TicketTypeId": now.TicketTypeID, "TicketIdentifier": id,
			})
			data, err := session.send(ctx, http.MethodPut, session.paths.TicketStatus, attributes)
			if err == nil {
				err = checkAbout(in.Ticket, data)
			}
			return out, err
		}).WithChange(task.Change{Verb: task.Changes, What: "ticket {ticket}", Done: "updated"}, readTickets, changeTickets).WithRules(ticketRule, task.Judged(
		"attributes has at least one attribute, and none of "+task.List("and", fixed)+".", updateTicketInput.checkAttributes, "attributes").WithStandIns("…", "…"))
}

// sent returns the attributes that are sent.
func (in updateTicketInput) sent() map[string]json.RawMessage {
	sent := maps.Clone(in.Attributes)
	maps.DeleteFunc(sent, func(_ string, value json.RawMessage) bool { return string(value) == "null" })
	return sent
}

func (in updateTicketInput) checkAttributes() *task.Breach {
	sent := in.sent()
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if slices.ContainsFunc(fixed, func(f string) bool { return strings.EqualFold(f, name) }) {
			return badInput("attributes", "contains "+schema.Show(name)+", which this task does not change")
		}
	}
	if len(sent) == 0 {
		return badInput("attributes", "contains nothing to set")
	}
	return nil
}

// shows reports whether a ticket, as ISM sends it, has all of these attributes.
func shows(ticket json.RawMessage, attributes map[string]json.RawMessage) bool {
	var shown map[string]text
	if json.Unmarshal(ticket, &shown) != nil {
		return false
	}
	for name, value := range attributes {
		var sent text
		if json.Unmarshal(value, &sent) != nil || sent == "" || !isStoredOrCutAs(string(sent), string(shown[name])) {
			return false // objects are not compared: they are sent again
		}
	}
	return true
}

// noTicketType returns the failure for a ticket that cannot be changed, because a change must name
// the type.
func noTicketType(identifier string) *task.Failure {
	return &task.Failure{Code: codeError, Message: "ISM's answer does not contain the type of the ticket " + identifier, Status: http.StatusOK}
}
