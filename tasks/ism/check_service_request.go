package ism

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"errand/engine/schema"
	"errand/engine/task"
)

type checkInput struct {
	Ticket   string   `json:"ticket" title:"Ticket" required:"true" doc:"The service request's identifier, such as 100-291."`
	Statuses []string `json:"statuses" title:"Statuses" default:"[\"New\",\"Queued\",\"Active\"]" doc:"The statuses with which the request may be worked on, under the names that are not translated."`
	Assets   bool     `json:"assets" title:"Assets" default:"false" doc:"Whether to check also that this edition of ISM has assets."`
}

// workable are the statuses of a ticket that may be worked on, if the designer gives no others.
var workable = []string{"New", "Queued", "Active"}

// finished are the statuses of a ticket on which nobody works any more. Cancelled, in both
// spellings, and the last two are not in the vendor's list, but in public clients.
var finished = append([]string{"Complete", "Resolved", "Closed", "Archive", "Request - Delete"}, cancelled...)

// cancelled are the spellings of the status of a ticket that was withdrawn.
var cancelled = []string{"Cancelled", "Canceled"}

// serviceRequestType is the type of a ticket that is a service request.
const serviceRequestType = "Service Request"

// checkServiceRequest is the first step of a workflow that changes something: it finds out whether
// there is a request that permits the change.
func checkServiceRequest(s *system) task.Type {
	t := task.Define("ism.check_service_request",
		"Checks that a service request exists and may be worked on: it is a service request, has one of the statuses, and waits for no approval. "+
			"A ticket whose type ISM does not show counts as a service request. "+
			"The code of a failure is ticket_missing, ticket_type, ticket_finished, ticket_status, awaiting_approval or edition (no assets).", task.Reads,
		func(ctx context.Context, call task.Call, in checkInput) (out getOutput, err error) {
			if in.Statuses == nil {
				in.Statuses = workable
			}
			session, err := s.open(ctx, call)
			if err != nil {
				return out, err
			}
			t, attributes, err := session.ticket(ctx, in.Ticket)
			switch {
			case hasStatus(err, http.StatusNotFound):
				return out, noTicket(in.Ticket, err)
			case err != nil:
				return out, err
			}
			if f := in.refuse(t); f != nil {
				return out, f
			}
			if in.Assets {
				if err := session.checkAssets(ctx); err != nil {
					return out, err
				}
			}
			out = outputOf(in.Ticket, t)
			return out, json.Unmarshal(attributes, &out.Attributes)
		}).WithChange(task.Change{Verb: task.Looks, What: "ticket {ticket}"}, readTickets, checkAssets).WithRules(ticketRule, task.Judged("statuses has at least one status.", checkInput.checkStatuses, "statuses"))
	t.Checks = true
	return t
}

func (in checkInput) checkStatuses() *task.Breach {
	if in.Statuses != nil && len(in.Statuses) == 0 {
		return badInput("statuses", "is empty; name at least one status")
	}
	return nil
}

// refuse returns why a ticket may not be worked on, or nil.
func (in checkInput) refuse(t ticket) *task.Failure {
	status, refused := t.status(), func(code, message string) *task.Failure {
		return &task.Failure{Code: code, Message: "ticket " + in.Ticket + " " + message, Status: http.StatusOK}
	}
	switch {
	case t.awaitsApproval():
		return refused(codeApproval, "waits for an approval: it is "+status+", "+string(t.ReasonCode))
	case t.TypeName != "" && !isStatus(string(t.TypeName), serviceRequestType):
		return refused(codeType, "is not a service request: its type is "+schema.Show(string(t.TypeName)))
	case isOneOf(status, in.Statuses):
		return nil
	case isOneOf(status, finished):
		return refused(codeFinished, "is "+status+", so nothing is done for it any more")
	}
	return refused(codeStatus, "is "+status+"; expected "+strings.Join(in.Statuses, " or "))
}

// isOneOf reports whether a status is one of several.
func isOneOf(shown string, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool { return isStatus(shown, w) })
}

// awaitsApproval reports whether a ticket waits for an approval. Assumed: it is then pending, and
// its reason speaks of an approval, such as "Awaiting Approval".
func (t ticket) awaitsApproval() bool {
	return isStatus(t.status(), "Pending") && strings.Contains(strings.ToLower(string(t.ReasonCode)), "approval")
}

// checkAssets reports a failure if this edition of ISM has no assets, or if they can't be read. It
// asks for an asset that does not exist.
func (s *session) checkAssets(ctx context.Context) error {
	_, err := s.asset(ctx, "errand-validate")
	return err
}

// noTicket returns the failure for a ticket that does not exist. answer is the refusal, if there
// is one: another server than ISM may have sent it.
func noTicket(identifier string, answer error) *task.Failure {
	f := &task.Failure{Code: codeMissing, Message: "there is no ticket " + schema.Show(identifier), Status: http.StatusNotFound}
	if said, ok := errors.AsType[*task.Failure](answer); ok {
		f.Message, f.Details = f.Message+": "+said.Message, said.Details
	}
	return f
}
