package ism

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"errand/engine/task"
)

type createRequestInput struct {
	Description     string         `json:"description" title:"Description" required:"true" doc:"What is asked for, in a line."`
	DescriptionLong string         `json:"description_long" title:"Long Description" doc:"What is asked for, at length."`
	RequesterID     string         `json:"requester_id" title:"Requester ID" doc:"Who asks, by id."`
	Requester       string         `json:"requester_user_name" title:"Requester" doc:"Who asks, by user name."`
	RequestedFor    string         `json:"requested_for_user_name" title:"Requested For" doc:"For whom, by user name."`
	AssignedGroup   string         `json:"assigned_group" title:"Assigned Group" doc:"The group that is to work on it."`
	ServiceID       string         `json:"affected_service_id" title:"Affected Service ID" doc:"The service that it is about."`
	Source          string         `json:"source" title:"Source" default:"Web" doc:"The way that it came in."`
	TypeName        string         `json:"type_name" title:"Type" doc:"The ticket's type; unset leaves it to ISM."`
	Categorization  string         `json:"categorization" title:"Categorization" doc:"The category, such as \"Cloud >> Instance\"."`
	Custom          map[string]any `json:"custom_attributes" title:"Custom Attributes" doc:"Attributes that the site defined, by name."`
	Cause           string         `json:"cause" title:"Cause" doc:"The cause."`
	Resolution      string         `json:"resolution" title:"Resolution" doc:"The resolution."`
}

type createRequestOutput struct {
	Ticket       string  `json:"ticket" title:"Ticket" doc:"The new service request's identifier."`
	TicketTypeID *string `json:"ticket_type_id" title:"Ticket Type ID" doc:"The id of the ticket's type."`
	TicketStatus *string `json:"ticket_status" title:"Ticket Status" doc:"The status as people read it."`
	Status       *string `json:"non_translated_ticket_status" title:"Status" doc:"The status as programs compare it."`
}

// Summary names the new request.
func (o createRequestOutput) Summary() string { return "service request " + o.Ticket + " was created" }

// createServiceRequest opens a service request. ISM takes no key with it, and whether it can be found by its description is not
// documented: where the outcome is not known, a person must look.
func createServiceRequest(s *system) task.Type {
	return task.Define("ism.create_service_request",
		"Opens a service request. It is never repeated by itself, since ISM would open a second one.", task.Once,
		func(ctx context.Context, call task.Call, in createRequestInput) (out createRequestOutput, err error) {
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			data, err := session.send(ctx, http.MethodPost, session.paths.ServiceRequest, in.body())
			if err != nil {
				return out, err
			}
			var t struct {
				TicketIdentifier, TicketStatus, NonTranslatedTicketStatus text
				TicketTypeID                                              text `json:"TicketTypeId"`
			}
			if json.Unmarshal(data, &t) != nil || t.TicketIdentifier == "" {
				return out, unreadableAnswer(http.StatusOK, "it does not say which service request was made")
			}
			return createRequestOutput{string(t.TicketIdentifier), t.TicketTypeID.orNull(), t.TicketStatus.orNull(), t.NonTranslatedTicketStatus.orNull()}, nil
		}).Acts(task.Change{Verb: task.Creates, What: "ticket", Done: "opened"}, createTickets)
}

func (in createRequestInput) body() any {
	return struct {
		Description          string
		DescriptionLong      string `json:",omitempty"`
		RequesterID          string `json:",omitempty"`
		RequesterUserName    string `json:",omitempty"`
		RequestedForUserName string `json:",omitempty"`
		AssignedGroup        string `json:",omitempty"`
		AffectedServiceID    string `json:",omitempty"`
		Source               string
		TypeName             string         `json:",omitempty"`
		Categorization       string         `json:",omitempty"`
		CustomAttributes     map[string]any `json:",omitempty"`
		Cause                string         `json:",omitempty"`
		Resolution           string         `json:",omitempty"`
	}{in.Description, in.DescriptionLong, in.RequesterID, in.Requester, in.RequestedFor, in.AssignedGroup, in.ServiceID,
		cmp.Or(in.Source, "Web"), in.TypeName, in.Categorization, in.Custom, in.Cause, in.Resolution}
}
