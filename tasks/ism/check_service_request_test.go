package ism

import (
	"encoding/json"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

// ticketAs returns the world's member for one ticket with further members.
func ticketAs(members string) string { return `"tickets":[{"id":"100-291",` + members + `}]` }

func TestCheckServiceRequest(t *testing.T) {
	cases := []struct{ name, world, input, code, message string }{
		{"New", ticketAs(`"status":"New"`), ``, "", ""},
		{"Queued", ticketAs(`"status":"Queued"`), ``, "", ""},
		{"Active", ticketAs(`"status":"Active"`), ``, "", ""},
		{"a status that the designer names, in other letters", ticketAs(`"status":"Pending"`), `,"statuses":["new","pending"]`, "", ""},
		{"with assets", ticketAs(`"status":"New"`), `,"assets":true`, "", ""},
		{"without assets, which nobody needs", ticketAs(`"status":"New"`) + `,"edition":"service-desk"`, ``, "", ""},
		{"without assets", ticketAs(`"status":"New"`) + `,"edition":"service-desk"`, `,"assets":true`, codeEdition, "ISM has no assets here"},
		{"missing", `"tickets":[]`, ``, codeMissing, `there is no ticket "100-291": ISM refused: there is no ticket 100-291`},
		{"an incident", ticketAs(`"type":"Incident"`), ``, codeType, `ticket 100-291 is not a service request: its type is "Incident"`},
		{"a status that the designer leaves out", ticketAs(`"status":"New"`), `,"statuses":["Active"]`, codeStatus, "ticket 100-291 is New; expected Active"},
		{"Pending", ticketAs(`"status":"Pending"`), ``, codeStatus, "ticket 100-291 is Pending; expected New or Queued or Active"},
		{"waits for an approval", ticketAs(`"status":"Pending","ReasonCode":"Awaiting Approval"`), ``, codeApproval, "ticket 100-291 waits for an approval: it is Pending, Awaiting Approval"},
		{"waits for an approval, whatever the statuses", ticketAs(`"status":"Pending","ReasonCode":"Pending approval"`), `,"statuses":["Pending"]`, codeApproval, "ticket 100-291 waits"},
		{"waits for an approval, whatever the type", ticketAs(`"status":"Pending","ReasonCode":"Awaiting Approval","type":"Change Request"`), ``, codeApproval, "ticket 100-291 waits"},
		{"Pending for another reason", ticketAs(`"status":"Pending","ReasonCode":"Awaiting Customer"`), `,"statuses":["Pending"]`, "", ""},
		{"an old reason of a ticket that goes on", ticketAs(`"status":"Active","ReasonCode":"Awaiting Approval"`), ``, "", ""},
		{"Escalated", ticketAs(`"status":"Escalated"`), ``, codeStatus, "ticket 100-291 is Escalated; expected"},
		{"Resolve-Validation", ticketAs(`"status":"Resolve-Validation"`), ``, codeStatus, "ticket 100-291 is Resolve-Validation"},
		{"Complete", ticketAs(`"status":"Complete"`), ``, codeFinished, "ticket 100-291 is Complete, so nothing is done for it any more"},
		{"Resolved", ticketAs(`"status":"Resolved"`), ``, codeFinished, "ticket 100-291 is Resolved"},
		{"Closed", ticketAs(`"status":"Closed"`), ``, codeFinished, "ticket 100-291 is Closed"},
		{"Cancelled", ticketAs(`"status":"Cancelled"`), ``, codeFinished, "ticket 100-291 is Cancelled"},
		{"no statuses", ticketAs(`"status":"New"`), `,"statuses":[]`, task.CodeInput, "statuses is empty"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, _, seen := inWorld(t, "{"+c.world+"}")
			reply := d.Run("check_service_request", `{"ticket":"100-291"`+c.input+`}`)
			if others := len(*seen) - len(tasktest.WithPrefix(*seen, "GET ")); others != 0 {
				t.Errorf("requests %q", *seen)
			}
			if c.code == "" {
				out := tasktest.Outputs(t, reply)
				if out["ticket_identifier"] != "100-291" || out["attributes"].(map[string]any)["TypeName"] != "Service Request" {
					t.Errorf("got %v", out)
				}
				return
			}
			if f := reply.Failure; f == nil || f.Code != c.code || !strings.HasPrefix(f.Message, c.message) || f.Unknown || f.Transient {
				t.Errorf("got %+v, want %s: %s", f, c.code, c.message)
			}
		})
	}
}

// What check_service_request returns is what get_service_request returns.
func TestCheckReturnsTheTicket(t *testing.T) {
	d, _, _ := inSandbox(t, "")
	checked, got := d.Run("check_service_request", `{"ticket":"100-291"}`), d.Run("get_service_request", `{"ticket":"100-291"}`)
	if string(checked.Output) != string(got.Output) || !json.Valid(got.Output) {
		t.Errorf("got\n%s\nwant\n%s", checked.Output, got.Output)
	}
}

func TestCheckOfOtherAnswers(t *testing.T) {
	const shape = `{"TicketIdentifier":"100-291","NonTranslatedTicketStatus":"New"`
	cases := []struct {
		name   string
		answer tasktest.Answer
		code   string
	}{
		{"a type that is not shown", ok(shape + `}`), ""},
		{"an empty list", ok(`{"items":[],"totalCount":0}`), codeMissing},
		{"nothing", ok(`null`), codeMissing},
		{"another ticket", ok(`{"TicketIdentifier":"100-1","NonTranslatedTicketStatus":"New"}`), codeError},
		{"no rights", tasktest.Answer{Status: 403, Body: `{"data":null,"error":"no"}`}, codeForbidden},
		{"ISM is down", tasktest.Answer{Status: 502}, "http_502"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, _ := scripted(t, c.answer)
			switch f := d.Run("check_service_request", `{"ticket":"100-291"}`).Failure; {
			case c.code == "" && f != nil, c.code != "" && (f == nil || f.Code != c.code || f.Unknown):
				t.Errorf("got %+v, want %q", f, c.code)
			}
		})
	}
}
