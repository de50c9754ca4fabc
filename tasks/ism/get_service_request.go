package ism

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"errand/engine/task"
)

type getInput struct {
	Ticket string `json:"ticket" title:"Ticket" required:"true" doc:"The service request's identifier, such as 100-291."`
}

type getOutput struct {
	TicketIdentifier string                     `json:"ticket_identifier" title:"Ticket Identifier" doc:"The identifier of the service request."`
	TicketStatus     string                     `json:"ticket_status" title:"Ticket Status" doc:"The status as it is shown to people, which may be translated."`
	Status           string                     `json:"non_translated_ticket_status" title:"Status" doc:"The status under the name that is not translated, such as New or Closed. Compare this one."`
	TicketTypeID     *string                    `json:"ticket_type_id" title:"Ticket Type ID" doc:"The id of the ticket's type."`
	TypeName         *string                    `json:"type_name" title:"Type" doc:"The type of the ticket, such as Service Request."`
	Description      *string                    `json:"description" title:"Description" doc:"What is requested."`
	Priority         *string                    `json:"priority" title:"Priority" doc:"The priority of the request."`
	ReasonCode       *string                    `json:"reason_code" title:"Reason Code" doc:"The reason for the status."`
	Group            *string                    `json:"assigned_group" title:"Assigned Group" doc:"The group that the request is assigned to."`
	Individual       *string                    `json:"assigned_individual" title:"Assigned Individual" doc:"The person that the request is assigned to."`
	Requester        *string                    `json:"requester_user_name" title:"Requester" doc:"The user name of the requester."`
	RequestedFor     *string                    `json:"requested_for_user_name" title:"Requested For" doc:"The user name of the person that the service is for."`
	Created          *int                       `json:"creation_timestamp" title:"Creation Timestamp" doc:"When the request was created, in seconds since 1970 (UTC)."`
	Modified         *int                       `json:"last_mod_timestamp" title:"Last Modified Timestamp" doc:"When the request was last changed, in seconds since 1970 (UTC)."`
	LockedBy         *string                    `json:"locked_by_external_user_id" title:"Locked By" doc:"The user who is editing the record, or null if there is none."`
	Attributes       map[string]json.RawMessage `json:"attributes" title:"Attributes" doc:"All attributes of the request, under ISM's names."`
}

// Summary names the status.
func (o getOutput) Summary() string { return "ticket " + o.TicketIdentifier + " is " + o.Status }

func getServiceRequest(s *system) task.Type {
	return task.Define("ism.get_service_request", "Reads a service request's attributes.", task.Reads,
		func(ctx context.Context, call task.Call, in getInput) (out getOutput, err error) {
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			t, attributes, err := session.ticket(ctx, in.Ticket)
			if err != nil {
				return out, err
			}
			out = outputOf(in.Ticket, t)
			return out, json.Unmarshal(attributes, &out.Attributes)
		}).WithChange(task.Change{Verb: task.Looks, What: "ticket {ticket}"}, readTickets).WithRules(ticketRule)
}

func outputOf(identifier string, t ticket) getOutput {
	if t.TicketIdentifier != "" {
		identifier = string(t.TicketIdentifier)
	}
	var typeID text
	_ = json.Unmarshal(t.TicketTypeID, &typeID) // an absent type stays empty
	out := getOutput{
		TicketIdentifier: identifier, TicketStatus: string(t.TicketStatus), Status: t.status(), TicketTypeID: typeID.orNull(),
		TypeName: t.TypeName.orNull(), Description: t.Description.orNull(), Priority: t.Priority.orNull(), ReasonCode: t.ReasonCode.orNull(),
		Group: t.AssignedGroup.orNull(), Individual: t.AssignedIndividual.orNull(), Requester: t.RequesterUserName.orNull(),
		RequestedFor: t.RequestedForUserName.orNull(), Created: t.CreationTimestamp.number(), Modified: t.LastModTimestamp.number(),
		LockedBy: t.LockedByExternalUserID.orNull(),
	}
	if out.TicketStatus == "" {
		out.TicketStatus = out.Status
	}
	return out
}

func (t text) number() *int {
	whole, _, _ := strings.Cut(string(t), ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return nil
	}
	return &n
}
