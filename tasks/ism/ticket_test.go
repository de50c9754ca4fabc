package ism

import (
	"encoding/json"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

func TestClose(t *testing.T) {
	cases := []struct {
		name, input, fault string
		status, message    string
		gets, puts         int
	}{
		{"to Closed unless said otherwise", `{"ticket":"100-291"}`, ``, "Closed", "ticket 100-291: New → Closed", 1, 1},
		{"to the status given", `{"ticket":"100-291","status":"Resolved"}`, ``, "Resolved", "ticket 100-291: New → Resolved", 1, 1},
		{"one that has the status stays as it is", `{"ticket":"100-291","status":"New"}`, ``, "New", "ticket 100-291 was already New", 1, 0},
		{"a lost reply is looked up", `{"ticket":"100-291"}`, `{"system":"ism","action":"PUT Ticket","lose_reply":1}`, "Closed", "ticket 100-291: New → Closed", 2, 1},
		{"an effect that is not there is sent again", `{"ticket":"100-291"}`, `{"system":"ism","action":"PUT Ticket","error":"x","status":500}`, "Closed", "ticket 100-291: New → Closed", 2, 2},
		{"a lock is waited for, without a look", `{"ticket":"100-291"}`, `{"system":"ism","action":"PUT Ticket","lock":2}`, "Closed", "ticket 100-291: New → Closed", 1, 3},
		{"the first look fails at first", `{"ticket":"100-291"}`, `{"system":"ism","action":"GET Ticket","unavailable":1}`, "Closed", "ticket 100-291: New → Closed", 2, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, box, seen := inSandbox(t, `"faults":[`+c.fault+`]`)
			out := tasktest.Outputs(t, d.Run("close_service_request", c.input))
			if out["previous_status"] != "New" || out["status"] != c.status || out["result_message"] != c.message {
				t.Errorf("got %v", out)
			}
			if now := box.State().Tickets[0].Status; now != c.status {
				t.Errorf("the ticket is %s", now)
			}
			gets, puts := tasktest.WithPrefix(*seen, "GET "), tasktest.WithPrefix(*seen, "PUT ")
			if len(gets) != c.gets || len(puts) != c.puts {
				t.Errorf("%d reads and %d writes: %q", len(gets), len(puts), *seen)
			}
		})
	}
}

func TestCloseSendsExactlyFourAttributes(t *testing.T) {
	for name, typeID := range map[string]string{"a text": `"4"`, "a number": `4`} {
		t.Run(name, func(t *testing.T) {
			d, s := scripted(t, ok(`{"TicketIdentifier":"100-291","NonTranslatedTicketStatus":"New","TicketStatus":"Neu","TicketTypeId":`+typeID+`,"Priority":3}`), ok(`null`), ok(`{"TicketIdentifier":"100-291","NonTranslatedTicketStatus":"Closed"}`))
			tasktest.Outputs(t, d.Run("close_service_request", `{"ticket":"100-291"}`))
			want := `{"NonTranslatedTicketStatus":"Closed","TicketStatus":"Closed","TicketTypeId":` + typeID + `,"TicketIdentifier":"100-291"}`
			if got := strings.TrimSpace(s.Bodies[1]); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestCloseTellsTheResolution(t *testing.T) {
	d, box, _ := inSandbox(t, "")
	tasktest.Outputs(t, d.Run("close_service_request", `{"ticket":"100-291","resolution":"Started","cause":"Asked for","reason_code":"Done"}`))
	now := box.State().Tickets[0]
	if a := now.Attributes; now.Status != "Closed" || a["Resolution"] != "Started" || a["Cause"] != "Asked for" || a["ReasonCode"] != "Done" {
		t.Errorf("the ticket is %+v", now)
	}
}

func TestCloseRefusesACancelledTicket(t *testing.T) {
	const was = `{"TicketIdentifier":"100-291","TicketTypeId":4,"NonTranslatedTicketStatus":`
	for _, status := range []string{`"Cancelled"}`, `"CANCELED"}`} {
		d, s := scripted(t, ok(was+status))
		if f := d.Run("close_service_request", `{"ticket":"100-291"}`).Failure; f == nil || f.Code != codeFinished || f.Unknown || len(s.Bodies) != 1 {
			t.Errorf("got %+v after %d requests", f, len(s.Bodies))
		}
		d, s = scripted(t, ok(was+`"New"}`), tasktest.Answer{Status: 502}, ok(was+status))
		if f := d.Run("close_service_request", `{"ticket":"100-291"}`).Failure; f == nil || f.Code != codeFinished || len(s.Bodies) != 3 {
			t.Errorf("cancelled during the close: got %+v after %d requests", f, len(s.Bodies))
		}
		d, _ = scripted(t, ok(was+status))
		if out := tasktest.Outputs(t, d.Run("close_service_request", `{"ticket":"100-291","status":`+strings.TrimSuffix(status, "}")+`}`)); out["previous_status"] != out["status"] {
			t.Errorf("got %v", out)
		}
	}
}

func TestCloseStaysUnknownIfTheLookFails(t *testing.T) {
	d, _ := scripted(t, tasktest.Answer{Status: 403, Body: `{"data":null,"error":"no"}`})
	d.Call.Recover, d.Call.Note = true, `{"status":"New","type_id":"4"}`
	if f := d.Run("close_service_request", `{"ticket":"100-291"}`).Failure; f == nil || f.Code != codeForbidden || !f.Unknown {
		t.Errorf("got %+v", f)
	}
}

func TestCloseOfAnIncompleteTicket(t *testing.T) {
	for _, c := range []struct{ name, data, code string }{
		{"no type", `{"TicketIdentifier":"100-291","TicketStatus":"New"}`, codeError},
		{"no status", `{"TicketIdentifier":"100-291","TicketTypeId":4}`, codeError},
		{"no identifier", `{"TicketStatus":"New","TicketTypeId":4}`, codeError},
		{"no ticket", `null`, codeMissing},
		{"an empty list", `{"items":[]}`, codeMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, s := scripted(t, ok(c.data))
			if f := d.Run("close_service_request", `{"ticket":"100-291"}`).Failure; f == nil || f.Code != c.code || f.Unknown || len(s.Bodies) != 1 {
				t.Errorf("got %+v after %d requests", f, len(s.Bodies))
			}
		})
	}
}

func TestGetServiceRequest(t *testing.T) {
	d, _, _ := inSandbox(t, "")
	out := tasktest.Outputs(t, d.Run("get_service_request", `{"ticket":"100-291"}`))
	want := map[string]any{
		"ticket_identifier": "100-291", "non_translated_ticket_status": "New", "ticket_status": "New", "type_name": "Service Request",
		"assigned_group": "Cloud Operations", "requester_user_name": "dana.reyes@example.com", "priority": "Medium",
		"creation_timestamp": float64(tasktest.Start.Unix()), "locked_by_external_user_id": nil, "assigned_individual": nil,
		"result_message": "ticket 100-291 is New",
	}
	for name, value := range want {
		if out[name] != value {
			t.Errorf("%s is %v, want %v", name, out[name], value)
		}
	}
	if attributes := out["attributes"].(map[string]any); attributes["AssignedGroup"] != "Cloud Operations" || attributes["HasConfigurationItem"] == nil {
		t.Errorf("attributes %v", attributes)
	}
}

func TestGetServiceRequestReadsOtherShapes(t *testing.T) {
	for name, data := range map[string]string{
		"a list of one":        `{"items":[{"TicketIdentifier":"100-291","TicketStatus":"Neu","TicketTypeId":4,"CreationTimestamp":1772359200,"Priority":3}],"totalCount":1}`,
		"an array":             `[{"TicketIdentifier":"100-291","TicketStatus":"Neu","TicketTypeId":"4","CreationTimestamp":"1772359200.5","Priority":"3","AssignedGroup":{"id":1}}]`,
		"the object by itself": `{"TicketIdentifier":"100-291","TicketStatus":"Neu","TicketTypeId":4,"CreationTimestamp":1772359200,"Priority":3,"LastModTimestamp":"yesterday"}`,
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := scripted(t, ok(data))
			out := tasktest.Outputs(t, d.Run("get_service_request", `{"ticket":"100-291"}`))
			if out["ticket_identifier"] != "100-291" || out["ticket_status"] != "Neu" || out["non_translated_ticket_status"] != "Neu" || out["ticket_type_id"] != "4" ||
				out["creation_timestamp"] != 1772359200.0 || out["priority"] != "3" || out["last_mod_timestamp"] != nil || out["assigned_group"] != nil {
				t.Errorf("got %v", out)
			}
		})
	}
}

func TestCreateServiceRequest(t *testing.T) {
	d, box, _ := inSandbox(t, "")
	out := tasktest.Outputs(t, d.Run("create_service_request", `{"description":"A server","requester_user_name":"dana","categorization":"Cloud >> Instance","custom_attributes":{"Cost":"42"}}`))
	if out["ticket"] != "100-292" || out["non_translated_ticket_status"] != "New" || out["result_message"] != "service request 100-292 was created" {
		t.Errorf("got %v", out)
	}
	made := box.State().Tickets[1]
	if made.Attributes["Description"] != "A server" || made.Attributes["Source"] != "Web" || made.Attributes["Categorization"] != "Cloud >> Instance" {
		t.Errorf("made %+v", made)
	}
}

func TestCreateServiceRequestIsUnknownIfTheReplyIsLost(t *testing.T) {
	d, box, _ := inSandbox(t, `"faults":[{"system":"ism","action":"POST ServiceRequest","lose_reply":1}]`)
	reply := d.Run("create_service_request", `{"description":"A server"}`)
	if f := reply.Failure; f == nil || f.Code != task.CodeNoReply || !f.Unknown {
		t.Errorf("got %+v", reply)
	}
	if n := len(box.State().Tickets); n != 2 {
		t.Errorf("%d tickets", n)
	}
	d, _ = scripted(t, ok(`"Success"`))
	d.Attempts = 1
	if f := d.Run("create_service_request", `{"description":"A server"}`).Failure; f == nil || !f.Unknown {
		t.Errorf("got %+v for an answer without a ticket", f)
	}
}

func TestInvalidTickets(t *testing.T) {
	for _, ticket := range []string{"", " ", ".", ".."} {
		for _, name := range []string{"add_worklog", "close_service_request", "get_service_request", "relate_asset", "check_service_request", "update_ticket"} {
			input, err := json.Marshal(map[string]any{"ticket": ticket, "text": "a", "identifier": "i-1", "attributes": map[string]string{"Priority": "High"}})
			if err != nil {
				t.Fatal(err)
			}
			d, s := scripted(t, ok(`null`))
			if f := d.Run(name, string(input)).Failure; f == nil || f.Code != task.CodeInput || len(s.Bodies) != 0 {
				t.Errorf("%s of %q: got %+v after %d requests", name, ticket, f, len(s.Bodies))
			}
		}
	}
}

func TestTicketIsOneSegmentOfThePath(t *testing.T) {
	d, s := scripted(t, ok(`{"TicketStatus":"New"}`))
	d.Run("get_service_request", `{"ticket":"../a b?c"}`)
	if got := s.Requests[0].URL.String(); got != "https://csm.example.com/csmconnector/Ticket/..%2Fa%20b%3Fc" {
		t.Errorf("asked for %s", got)
	}
}
