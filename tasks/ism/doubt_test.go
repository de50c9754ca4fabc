package ism

import (
	"fmt"
	"testing"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

// writes are the task types that change something: the request that does, and how often it took
// effect.
var writes = []struct {
	name, input, action string
	count               func(sandbox.State) int
}{
	{"add_worklog", `{"ticket":"100-291","text":"a"}`, "POST Worklog", func(s sandbox.State) int { return len(s.Tickets[0].Worklogs) }},
	{"close_service_request", `{"ticket":"100-291"}`, "PUT Ticket", func(s sandbox.State) int { return is(s.Tickets[0].Status == "Closed") }},
	{"create_asset", `{"identifier":"i-9","name":"web"}`, "POST ConfigurationItem", func(s sandbox.State) int { return len(s.Assets) - 1 }},
	{"update_asset", `{"identifier":"` + oldAsset + `","status":"Inactive"}`, "PUT ConfigurationItem", func(s sandbox.State) int { return is(s.Assets[0].Status == "Inactive") }},
	{"relate_asset", `{"identifier":"` + oldAsset + `","ticket":"100-291"}`, "POST Ticket/ConfigurationItem", func(s sandbox.State) int { return len(s.Tickets[0].Related) }},
	{"create_service_request", `{"description":"A server"}`, "POST ServiceRequest", func(s sandbox.State) int { return len(s.Tickets) - 1 }},
}

func is(holds bool) int {
	if holds {
		return 1
	}
	return 0
}

// Answers that prove nothing, after a request that took effect. A type that can look does so and
// does not send again; the outcome of the others is unknown.
func TestAnswersThatProveNothing(t *testing.T) {
	faults := map[string]bool{ // whether the same request may succeed later
		`"lose_reply":1`: true, `"unavailable":1`: true, `"web_page":1`: true, `"error_in_200":1`: false, `"error":"see there","status":302`: false,
	}
	for _, status := range []int{408, 425, 429, 500, 502, 503, 504, 507} {
		faults[fmt.Sprintf(`"error":"busy","status":%d`, status)] = true
	}
	for fault, transient := range faults {
		for _, w := range writes {
			t.Run(fault+" "+w.name, func(t *testing.T) {
				d, box, seen := inSandbox(t, fmt.Sprintf(`"faults":[{"system":"ism","action":%q,"takes_effect":"0s",%s}]`, w.action, fault))
				reply := d.Run(w.name, w.input)
				if n := w.count(box.State()); n != 1 {
					t.Errorf("it took effect %d times", n)
				}
				if n := len(*seen) - len(tasktest.WithPrefix(*seen, "GET ")); n != 1 {
					t.Errorf("it was sent %d times: %q", n, *seen)
				}
				effect := d.Type(w.name).Effect
				if looks := effect == task.Evident || effect == task.Converges && transient; looks != (reply.Failure == nil) {
					t.Errorf("got %+v", reply.Failure)
				}
				if f := reply.Failure; f != nil && (!f.Unknown || f.Transient != transient) {
					t.Errorf("got %+v, want an unknown outcome", f)
				}
			})
		}
	}
}

// Answers that prove that nothing was done.
func TestAnswersThatProve(t *testing.T) {
	faults := map[string]bool{`"refuse":1`: true, `"lock":1`: true, `"lock":1,"status":500`: true, `"lock":1,"status":200`: true}
	for _, status := range []int{400, 401, 403, 404, 409, 422, 451} {
		faults[fmt.Sprintf(`"error":"no","status":%d`, status)] = false
	}
	for fault, transient := range faults {
		for _, w := range writes {
			t.Run(fault+" "+w.name, func(t *testing.T) {
				d, box, seen := inSandbox(t, fmt.Sprintf(`"faults":[{"system":"ism","action":%q,%s}]`, w.action, fault))
				d.Attempts = 1
				reply := d.Run(w.name, w.input)
				if f := reply.Failure; f == nil || f.Unknown || f.Transient != transient {
					t.Errorf("got %+v, want a known outcome, transient %v", f, transient)
				}
				if n := w.count(box.State()); n != 0 {
					t.Errorf("it took effect %d times: %q", n, *seen)
				}
			})
		}
	}
}

// A read changes nothing, whatever is answered.
func TestReadsAreNeverUnknown(t *testing.T) {
	for _, fault := range []string{`"lose_reply":1`, `"unavailable":1`, `"web_page":1`, `"error_in_200":1`, `"error":"x","status":302`, `"error":"x","status":429`, `"error":"x","status":504`} {
		d, _, _ := inSandbox(t, `"faults":[{"system":"ism","action":"GET Ticket",`+fault+`}]`)
		d.Attempts = 1
		if f := d.Run("get_service_request", `{"ticket":"100-291"}`).Failure; f == nil || f.Unknown {
			t.Errorf("%s: got %+v", fault, f)
		}
	}
}

// What ISM accepted is believed only if its answer, or a look, shows it.
func TestAnAcceptedChangeIsShown(t *testing.T) {
	at := func(id, status string) tasktest.Answer {
		return ok(fmt.Sprintf(`{"TicketIdentifier":%q,"NonTranslatedTicketStatus":%q,"TicketTypeId":"3"}`, id, status))
	}
	closed, open := at("100-291", "Closed"), at("100-291", "New")
	item := func(id, status string) tasktest.Answer {
		return ok(fmt.Sprintf(`{"CIID":"7","ConfigurationItemIdentifier":%q,"Status":%q}`, id, status))
	}
	none := ok(`{"items":[],"totalCount":0}`)
	const shut, update = `{"ticket":"100-291"}`, `{"identifier":"i-1","status":"Inactive"}`
	for _, c := range []struct {
		name, typ, input string
		answers          []tasktest.Answer
		status           any    // the output
		code             string // or the failure, of unknown outcome
	}{
		{"the answer shows it", "close_service_request", shut, []tasktest.Answer{open, closed}, "Closed", ""},
		{"in other letters", "close_service_request", shut, []tasktest.Answer{open, at("100-291", "CLOSED")}, "CLOSED", ""},
		{"the answer shows nothing, a look does", "close_service_request", shut, []tasktest.Answer{open, ok(`"Success"`), closed}, "Closed", ""},
		{"no content, a look shows it", "close_service_request", shut, []tasktest.Answer{open, {Status: 204}, closed}, "Closed", ""},
		{"the answer is old, a look shows it", "close_service_request", shut, []tasktest.Answer{open, open, closed}, "Closed", ""},
		{"nothing shows it", "close_service_request", shut, []tasktest.Answer{open, open, open}, nil, codeNotMade},
		{"the answer is about another ticket", "close_service_request", shut, []tasktest.Answer{open, at("777-7", "Closed")}, nil, task.CodeNoReply},
		{"the look is about another ticket", "close_service_request", shut, []tasktest.Answer{open, ok(`null`), at("777-7", "Closed")}, nil, codeError},
		{"the look is refused", "close_service_request", shut, []tasktest.Answer{open, ok(`null`), {Status: 403}}, nil, codeForbidden},

		{"the answer shows it", "update_asset", update, []tasktest.Answer{item("i-1", "Inactive")}, "Inactive", ""},
		{"the answer shows nothing, a look does", "update_asset", update, []tasktest.Answer{ok(`"Success"`), item("i-1", "Inactive")}, "Inactive", ""},
		{"the answer shows nothing, and the look no asset", "update_asset", update, []tasktest.Answer{ok(`"Success"`), ok(`"Success"`)}, nil, codeUnknown},
		{"the answer shows nothing, a list does", "update_asset", update, []tasktest.Answer{ok(`"Success"`), ok(`[` + data(item("i-1", "inactive")) + `]`)}, "inactive", ""},
		{"the answer shows nothing, and the look is old", "update_asset", update, []tasktest.Answer{ok(`"Success"`), item("i-1", "Active")}, "Active", ""},
		{"nothing is shown, for the list has active assets only", "update_asset", update, []tasktest.Answer{ok(`"Success"`), none}, nil, ""},
		{"the answer is old, and the list empty", "update_asset", update, []tasktest.Answer{item("i-1", "Active"), none}, nil, codeNotMade},
		{"nothing shows it", "update_asset", update, []tasktest.Answer{item("i-1", "Active"), ok(`[` + data(item("i-1", "Active")) + `]`)}, nil, codeNotMade},
		{"the answer is about another asset", "update_asset", update, []tasktest.Answer{item("i-2", "Inactive")}, nil, task.CodeNoReply},
		{"the answer is about another asset", "create_asset", `{"identifier":"i-1"}`, []tasktest.Answer{item("i-2", "Active")}, nil, task.CodeNoReply},
		{"the answer is about another ticket", "add_worklog", `{"ticket":"100-291","text":"a"}`, []tasktest.Answer{ok(`{"TicketIdentifier":"777-7"}`)}, nil, task.CodeNoReply},
		{"the answer is about another ticket", "relate_asset", `{"ticket":"100-291","identifier":"i-1"}`, []tasktest.Answer{ok(`{"TicketIdentifier":"777-7"}`)}, nil, task.CodeNoReply},
	} {
		t.Run(c.typ+": "+c.name, func(t *testing.T) {
			d, s := scripted(t, c.answers...)
			d.Attempts = 1
			reply := d.Run(c.typ, c.input)
			if len(s.Bodies) != len(c.answers) {
				t.Errorf("%d requests, want %d", len(s.Bodies), len(c.answers))
			}
			if f := reply.Failure; c.code != "" {
				if f == nil || f.Code != c.code || !f.Unknown {
					t.Errorf("got %+v, want %s and an unknown outcome", f, c.code)
				}
				return
			}
			if out := tasktest.Outputs(t, reply); out["status"] != c.status {
				t.Errorf("got %v, want the status %v", out, c.status)
			}
		})
	}
}

// data returns the data of an answer.
func data(a tasktest.Answer) string {
	return a.Body[len(`{"data":`) : len(a.Body)-len(`,"error":null,"status":"OK"}`)]
}

// The ticket that was asked for is picked from an answer, wherever it stands.
func TestTicketIsTheOneAskedFor(t *testing.T) {
	const other, mine = `{"TicketIdentifier":"777-7","TicketStatus":"Closed","TicketTypeId":"88"}`, `{"TicketIdentifier":"100-291","TicketStatus":"New","TicketTypeId":"3"}`
	for data, want := range map[string]string{
		`{"items":[` + other + `,` + mine + `],"totalCount":2}`: "",
		`[` + other + `,` + mine + `]`:                          "",
		other:                                                   `about the ticket "777-7"`,
		`{"items":[` + other + `]}`:                             `about the ticket "777-7"`,
		`{"TicketStatus":"New"}`:                                "about no ticket",
	} {
		d, s := scripted(t, ok(data), ok(mine))
		d.Attempts = 1
		reply := d.Run("get_service_request", `{"ticket":"100-291"}`)
		if f := reply.Failure; want != "" {
			if f == nil || f.Unknown || f.Message != `ISM was asked about the ticket "100-291", and its answer is `+want {
				t.Errorf("%s: got %+v, want %s", data, f, want)
			}
			continue
		}
		if out := tasktest.Outputs(t, reply); out["ticket_type_id"] != "3" || out["ticket_identifier"] != "100-291" || len(s.Bodies) != 1 {
			t.Errorf("%s: got %v", data, out)
		}
	}
}

// A number that a float64 cannot hold is a failure of the read that names it.
func TestNumbersThatAreTooLarge(t *testing.T) {
	d, _ := scripted(t, ok(`{"TicketIdentifier":"100-291","TicketStatus":"New","Load":1e400}`))
	f := d.Run("get_service_request", `{"ticket":"100-291"}`).Failure
	if f == nil || f.Code != codeError || f.Unknown || f.Message != "ISM's answer cannot be used: Load: 1e400 is a number that is too large" {
		t.Errorf("got %+v", f)
	}
}

// If ISM accepted a change of an asset and still shows the old status, the step says so.
func TestAStatusThatIsNotShownYet(t *testing.T) {
	d, _ := scripted(t, ok(`"Success"`), ok(`{"CIID":"7","ConfigurationItemIdentifier":"i-1","Status":"Active"}`))
	out := tasktest.Outputs(t, d.Run("update_asset", `{"identifier":"i-1","status":"Inactive"}`))
	if message := out["result_message"]; message != "asset i-1 was updated; ISM still shows its status as Active" {
		t.Errorf("the message is %q", message)
	}
}
