package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Each kind of fault: the answers to the next requests, and which of these took effect.
func TestFaults(t *testing.T) {
	start := func(r *rig) string { return codeOf(starting(stoppedID)(r.t.Context(), r.ec2)) }
	note := func(r *rig) string {
		status, body := r.call("POST", "/Worklog", `{"Text":"x","TicketIdentifier":"100-291"}`)
		return fmt.Sprint(status, " ", body)
	}
	const created = `200 {"data":"Success","error":null,"status":"CREATED"}`
	const locked = `{"data":null,"error":"Selected ticket record is currently being modified by another user","status":"FAILED"}`
	tests := []struct {
		name   string
		faults string
		ask    func(*rig) string
		want   []string // the answers, one for each request
		seen   []string
		done   string // the effect in the end: the state of the instance, or the number of worklogs
	}{
		{"throttle", `{"system":"ec2","action":"StartInstances","throttle":2}`, start,
			[]string{"503 RequestLimitExceeded", "503 RequestLimitExceeded", "no error"},
			[]string{"503 RequestLimitExceeded", "503 RequestLimitExceeded", "200 stopped -> pending"}, "pending"},
		{"another action is spared", `{"system":"ec2","action":"StopInstances","throttle":2}`, start, []string{"no error"}, []string{"200 stopped -> pending"}, "pending"},
		{"the other system is spared", `{"system":"ism","unavailable":2}`, start, []string{"no error"}, []string{"200 stopped -> pending"}, "pending"},
		{"any action", `{"system":"ec2","action":"*","throttle":1}`, start, []string{"503 RequestLimitExceeded", "no error"}, []string{"503 RequestLimitExceeded", "200 stopped -> pending"}, "pending"},
		{"an error of EC2", `{"system":"ec2","action":"StartInstances","error":"InsufficientInstanceCapacity"}`, start,
			[]string{"500 InsufficientInstanceCapacity", "no error"}, []string{"500 InsufficientInstanceCapacity", "200 stopped -> pending"}, "pending"},
		{"an error of EC2, several times, with another status", `{"system":"ec2","error":"Weird.Code","status":418,"message":"teapot","times":2}`, start,
			[]string{"418 Weird.Code", "418 Weird.Code", "no error"}, []string{"418 Weird.Code", "418 Weird.Code", "200 stopped -> pending"}, "pending"},
		{"after the first", `{"system":"ec2","action":"StartInstances","throttle":1,"after":1}`, start,
			[]string{"no error", "503 RequestLimitExceeded", "no error"}, []string{"200 stopped -> pending", "503 RequestLimitExceeded", "200 pending -> pending"}, "pending"},
		{"one after another", `{"system":"ec2","throttle":1},{"system":"ec2","error":"InternalError"}`, start,
			[]string{"503 RequestLimitExceeded", "500 InternalError", "no error"}, []string{"503 RequestLimitExceeded", "500 InternalError", "200 stopped -> pending"}, "pending"},
		{"an error of ISM", `{"system":"ism","action":"POST Worklog","error":"Internal error","times":1}`, note,
			[]string{`500 {"data":null,"error":"Internal error","status":"FAILED"}`, created}, []string{`500 {"error":"Internal error"}`, `200 {"status":"CREATED"}`}, "1"},
		{"an error in a 200", `{"system":"ism","action":"POST Worklog","error_in_200":1}`, note,
			[]string{`200 {"data":null,"error":"The request could not be processed","status":"FAILED"}`, created}, []string{`200 {"error":"The request could not be processed"}`, `200 {"status":"CREATED"}`}, "1"},
		{"lock", `{"system":"ism","action":"POST Worklog","lock":1}`, note, []string{"400 " + locked, created},
			[]string{`400 {"error":"Selected ticket record is currently being modified by another user"}`, `200 {"status":"CREATED"}`}, "1"},
		{"lock with another status", `{"system":"ism","action":"POST Worklog","lock":1,"status":200}`, note, []string{"200 " + locked}, []string{`200 {"error":"Selected ticket record is currently being modified by another user"}`}, "0"},
		{"a web page", `{"system":"ism","web_page":1}`, func(r *rig) string { s := note(r); return s[:9] }, []string{"200 <html", `200 {"dat`}, []string{"200 a web page", `200 {"status":"CREATED"}`}, "1"},
		{"a web page after the effect", `{"system":"ism","action":"POST Worklog","web_page":1,"takes_effect":"0s"}`, func(r *rig) string { s := note(r); return s[:9] }, []string{"200 <html"}, []string{"200 a web page"}, "1"},
		{"an error of EC2 after the effect", `{"system":"ec2","error":"Unavailable","takes_effect":"0s"}`, start, []string{"503 Unavailable", "no error"}, []string{"503 Unavailable", "200 pending -> pending"}, "pending"},
		{"unavailable", `{"system":"ism","unavailable":1}`, func(r *rig) string { s := note(r); return s[:9] }, []string{"503 <html", `200 {"dat`}, []string{"503", `200 {"status":"CREATED"}`}, "1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, strings.Replace(string(DefaultWorld()), "{", `{"faults":[`+test.faults+`],`, 1))
			for n, want := range test.want {
				if got := test.ask(r); got != want {
					t.Errorf("request %d: got %s, want %s", n, got, want)
				}
				if r.last() != test.seen[n] {
					t.Errorf("request %d: saw %s, want %s", n, r.last(), test.seen[n])
				}
			}
			got := fmt.Sprint(len(r.State().Tickets[0].Worklogs))
			if r.seen[0].System == "ec2" {
				got = r.instance(stoppedID).State
			}
			if got != test.done {
				t.Errorf("done: %s, want %s", got, test.done)
			}
		})
	}
}

// The SDK cannot read a 503 that is not from EC2, so the outcome is unknown to it.
func TestUnavailableEC2(t *testing.T) {
	r := newRig(t, `{"faults":[{"system":"ec2","unavailable":1}]}`)
	err := describing(nothing)(t.Context(), r.ec2)
	if err == nil || !strings.Contains(err.Error(), "StatusCode: 503") || r.last() != "503" {
		t.Errorf("got %v, saw %s", err, r.last())
	}
}

// A request with a lost reply took effect; one with a refused connection did not.
func TestLostReplyAndRefusedConnection(t *testing.T) {
	r := newRig(t, strings.Replace(string(DefaultWorld()), "{", `{"faults":[
		{"system":"ec2","action":"StartInstances","refuse":1},
		{"system":"ec2","action":"StartInstances","lose_reply":1},
		{"system":"ism","action":"POST Worklog","lose_reply":1,"after":1}],`, 1))
	start := starting(stoppedID)

	err := start(t.Context(), r.ec2)
	if op, ok := errors.AsType[*net.OpError](err); !ok || op.Op != "dial" || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("refused: %v", err)
	}
	if got := r.last() + ", " + r.instance(stoppedID).State; got != "connection refused, stopped" {
		t.Error(got)
	}
	err = start(t.Context(), r.ec2)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("lost: %v", err)
	}
	if got := r.last() + ", " + r.instance(stoppedID).State; got != "reply lost, pending" {
		t.Error(got)
	}
	if err = start(t.Context(), r.ec2); err != nil || r.last() != "200 pending -> pending" {
		t.Errorf("then: %v, saw %s", err, r.last())
	}

	r.call("POST", "/Worklog", `{"Text":"1","TicketIdentifier":"100-291"}`)
	req, err := httpNote(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.http.Do(req); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("lost: %v", err)
	}
	if got := len(r.State().Tickets[0].Worklogs); got != 2 {
		t.Errorf("there are %d worklogs, want 2", got)
	}
}

// The effect of a request comes at its time after the answer, whoever looks first, and in the order
// of time.
func TestLateEffects(t *testing.T) {
	r := newRig(t, strings.Replace(string(DefaultWorld()), "{", `{"faults":[
		{"system":"ism","action":"POST Worklog","error":"Gateway Time-out","status":504,"takes_effect":"3s"},
		{"system":"ism","action":"POST Worklog","lose_reply":1,"takes_effect":"1s"}],`, 1))
	if status, _ := r.call("POST", "/Worklog", `{"Text":"first","TicketIdentifier":"100-291"}`); status != 504 {
		t.Errorf("answered %d", status)
	}
	req, err := httpNote(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.http.Do(req); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("lost: %v", err)
	}
	began := r.now
	for _, want := range []struct {
		after time.Duration
		there int
	}{{0, 0}, {999 * time.Millisecond, 0}, {time.Second, 1}, {2 * time.Second, 1}, {3 * time.Second, 2}, {time.Hour, 2}} {
		r.now = began.Add(want.after)
		if _, body := r.call("GET", "/Worklog", ""); strings.Count(body, `"Text"`) != want.there {
			t.Errorf("after %s the answer is %s, want %d worklogs", want.after, body, want.there)
		}
		if n := len(r.State().Tickets[0].Worklogs); n != want.there {
			t.Errorf("after %s there are %d worklogs, want %d", want.after, n, want.there)
		}
	}
	_, body := r.call("GET", "/Worklog", "")
	if first, second := strings.Index(body, epoch(began.Add(time.Second))), strings.Index(body, epoch(began.Add(3*time.Second))); first < 0 || second < first {
		t.Errorf("the times of the effects are not their own: %s", body)
	}
}

// ISM may answer that a change succeeded, and make it later or not at all.
func TestAcceptedOnly(t *testing.T) {
	r := newRig(t, `{"faults":[
		{"system":"ism","action":"PUT Ticket","accept":1},
		{"system":"ism","action":"POST Worklog","accept":1,"takes_effect":"30s"}]}`)
	const goodPut = `{"NonTranslatedTicketStatus":"Closed","TicketStatus":"Closed","TicketTypeId":"4","TicketIdentifier":"100-291"}`
	status, body := r.call("PUT", "/Ticket", goodPut)
	if want := `{"data":"Success","error":null,"status":"OK"}`; status != 200 || body != want {
		t.Errorf("got %d %s, want %s", status, body, want)
	}
	status, body = r.call("POST", "/Worklog", `{"Text":"late","TicketIdentifier":"100-291"}`)
	if want := `{"data":"Success","error":null,"status":"CREATED"}`; status != 200 || body != want {
		t.Errorf("got %d %s, want %s", status, body, want)
	}
	for _, want := range []int{0, 1} {
		if got := r.State().Tickets[0]; got.Status != "New" || len(got.Worklogs) != want {
			t.Errorf("the ticket is %s and has %d worklogs, want %d", got.Status, len(got.Worklogs), want)
		}
		r.pass(30 * time.Second)
	}
	if _, body = r.call("PUT", "/Ticket", goodPut); r.State().Tickets[0].Status == "New" {
		t.Errorf("the second request has no effect: %s", body)
	}
}
