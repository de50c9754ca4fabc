package ism

import (
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

func TestUpdateTicket(t *testing.T) {
	for name, c := range map[string]struct {
		fault string
		puts  int
	}{
		"at once":           {``, 1},
		"a lost reply":      {`{"system":"ism","action":"PUT Ticket","lose_reply":1}`, 1},
		"not there":         {`{"system":"ism","action":"PUT Ticket","error":"x","status":500}`, 2},
		"a lock":            {`{"system":"ism","action":"PUT Ticket","lock":1}`, 2},
		"a read that fails": {`{"system":"ism","action":"GET Ticket","unavailable":1}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d, box, seen := inSandbox(t, `"faults":[`+c.fault+`]`)
			out := tasktest.Outputs(t, d.Run("update_ticket", `{"ticket":"100-291","attributes":{"Priority":"High","AssignedGroup":"Cloud & Co","Cause":null}}`))
			now := box.State().Tickets[0]
			if now.Status != "New" || out["status"] != "New" || now.Attributes["Priority"] != "High" || now.Attributes["AssignedGroup"] != "Cloud & Co" {
				t.Errorf("got %v, the ticket is %+v", out, now)
			}
			if puts := tasktest.WithPrefix(*seen, "PUT "); len(puts) != c.puts || strings.Contains(puts[0], "Cause") {
				t.Errorf("requests %q", *seen)
			}
		})
	}
}

// The status that is sent is the one that the ticket has by then.
func TestUpdateTicketKeepsTheStatus(t *testing.T) {
	const was = `{"TicketIdentifier":"100-291","TicketTypeId":4,"NonTranslatedTicketStatus":`
	d, s := scripted(t, ok(was+`"New"}`), tasktest.Answer{Status: 502}, ok(was+`"Active"}`), ok(`"Success"`))
	out := tasktest.Outputs(t, d.Run("update_ticket", `{"ticket":"100-291","attributes":{"Priority":3}}`))
	want := `{"NonTranslatedTicketStatus":"Active","Priority":3,"TicketIdentifier":"100-291","TicketStatus":"Active","TicketTypeId":4}`
	if got := strings.TrimSpace(s.Bodies[3]); got != want || out["status"] != "Active" {
		t.Errorf("sent %s, want %s; got %v", got, want, out)
	}
}

func TestUpdateTicketRefuses(t *testing.T) {
	for _, attributes := range []string{`{"TicketStatus":"Closed"}`, `{"nontranslatedticketstatus":"Closed"}`, `{"Status":"Closed"}`, `{"TicketIdentifier":"1"}`, `{"ApprovalList":[]}`, `{}`, `{"Priority":null}`} {
		d, s := scripted(t, ok(`null`))
		if f := d.Run("update_ticket", `{"ticket":"100-291","attributes":`+attributes+`}`).Failure; f == nil || f.Code != task.CodeInput || len(s.Bodies) != 0 {
			t.Errorf("%s: got %+v after %d requests", attributes, f, len(s.Bodies))
		}
	}
	d, _ := scripted(t, ok(`{"TicketIdentifier":"100-291","TicketStatus":"New","TicketTypeId":4}`), ok(`{"TicketIdentifier":"100-1"}`))
	d.Attempts = 1
	if f := d.Run("update_ticket", `{"ticket":"100-291","attributes":{"Priority":"High"}}`).Failure; f == nil || !f.Unknown {
		t.Errorf("got %+v for an answer about another ticket", f)
	}
}
