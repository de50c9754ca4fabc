package ism

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"errand/engine/task"
)

type createRequestInput struct {
	Description     string         `json:"description" title:"Description" required:"true" doc:"What is requested, in one line."`
	DescriptionLong string         `json:"description_long" title:"Long Description" doc:"What is requested, in detail."`
	RequesterID     string         `json:"requester_id" title:"Requester ID" doc:"The id of the requester."`
	Requester       string         `json:"requester_user_name" title:"Requester" doc:"The user name of the requester."`
	RequestedFor    string         `json:"requested_for_user_name" title:"Requested For" doc:"The user name of the person that the service is for."`
	AssignedGroup   string         `json:"assigned_group" title:"Assigned Group" doc:"The group that the request is assigned to."`
	ServiceID       string         `json:"affected_service_id" title:"Affected Service ID" doc:"The id of the affected service."`
	Source          string         `json:"source" title:"Source" default:"Web" doc:"How the request was submitted."`
	TypeName        string         `json:"type_name" title:"Type" doc:"The type of the ticket. If unset, ISM decides."`
	Categorization  string         `json:"categorization" title:"Categorization" doc:"The category, such as \"Cloud >> Instance\"."`
	Custom          map[string]any `json:"custom_attributes" title:"Custom Attributes" doc:"Attributes that the site defines, by name."`
	Cause           string         `json:"cause" title:"Cause" doc:"The cause of the problem."`
	Resolution      string         `json:"resolution" title:"Resolution" doc:"How the request was resolved."`
}

type createRequestOutput struct {
	Ticket       string  `json:"ticket" title:"Ticket" doc:"The identifier of the new service request."`
	TicketTypeID *string `json:"ticket_type_id" title:"Ticket Type ID" doc:"The id of the ticket's type."`
	TicketStatus *string `json:"ticket_status" title:"Ticket Status" doc:"The status as it is shown to people, which may be translated."`
	Status       *string `json:"non_translated_ticket_status" title:"Status" doc:"The status under the name that is not translated, for comparisons."`
}

// Summary names the new request.
func (o createRequestOutput) Summary() string { return "service request " + o.Ticket + " was created" }

// createServiceRequest opens a service request. ISM accepts no key with it, and it is not
// documented whether a request can be found by its description. If the outcome is unknown, a person
// must look.
func createServiceRequest(s *system) task.Type {
	return task.Define("ism.create_service_request",
		"Opens a service request. It is never repeated automatically, because ISM would open a second one.", task.Once,
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
				return out, unreadableAnswer(http.StatusOK, "it does not name the new service request")
			}
			return createRequestOutput{string(t.TicketIdentifier), t.TicketTypeID.orNull(), t.TicketStatus.orNull(), t.NonTranslatedTicketStatus.orNull()}, nil
		}).WithChange(task.Change{Verb: task.Creates, What: "ticket", Done: "opened"}, createTickets).WithRules(task.AtMost(task.TextLimit, "description", "description_long", "cause", "resolution"))
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
