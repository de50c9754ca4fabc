package ec2

import (
	"fmt"
	"strings"
	"testing"

	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

// writes are the task types that change something: the request that does, and how often it took
// effect.
var writes = []struct {
	name, input, action string
	count               func(sandbox.State) int
	sent                int // how often the request is sent if the outcome of the first is unknown
}{
	{"create_instance", `{"ami_id":"ami-0a1b2c3d4e5f60000","instance_name":"web"}`, "RunInstances", func(s sandbox.State) int { return len(s.Instances) - 2 }, 2},
	{"start_instance", instance(stopped), "StartInstances", stateIs(stopped, "pending"), 1},
	{"stop_instance", instance(running), "StopInstances", stateIs(running, "stopping"), 1},
	{"delete_instance", instance(running), "TerminateInstances", stateIs(running, "shutting-down"), 1},
	{"restart_instance", instance(running), "RebootInstances", func(s sandbox.State) int { return s.Instances[0].Reboots + s.Instances[1].Reboots }, 1},
}

func stateIs(id, state string) func(sandbox.State) int {
	return func(s sandbox.State) int {
		n := 0
		for _, i := range s.Instances {
			if i.ID == id && i.State == state {
				n++
			}
		}
		return n
	}
}

// Answers that prove nothing, after a request that took effect. A type that can look does so, a new
// instance is sent with its token again, and a restart is unknown.
func TestAnswersThatProveNothing(t *testing.T) {
	faults := []string{`"lose_reply":1`, `"unavailable":1`, `"web_page":1`}
	for _, code := range []string{"Unavailable", "ServiceUnavailable", "InternalError", "InternalFailure"} {
		faults = append(faults, fmt.Sprintf(`"error":%q`, code))
	}
	for _, status := range []int{408, 425, 429, 500, 502, 503, 504, 507} {
		faults = append(faults, fmt.Sprintf(`"error":"Strange","status":%d`, status))
	}
	for _, fault := range faults {
		for _, w := range writes {
			t.Run(fault+" "+w.name, func(t *testing.T) {
				d, box, seen := inSandbox(t, withFaults(fmt.Sprintf(`{"system":"ec2","action":%q,"takes_effect":"0s",%s}`, w.action, fault)))
				reply := d.Run(w.name, w.input)
				if n := w.count(box.State()); n != 1 {
					t.Errorf("it took effect %d times", n)
				}
				if n := counts(*seen)[w.action]; n != w.sent {
					t.Errorf("it was sent %d times, want %d", n, w.sent)
				}
				if repeatable := d.Type(w.name).Effect.Repeatable(); repeatable != (reply.Failure == nil) {
					t.Errorf("got %+v", reply.Failure)
				}
				if f := reply.Failure; f != nil && (!f.Unknown || !f.Transient) {
					t.Errorf("got %+v, want an unknown outcome", f)
				}
			})
		}
	}
}

// Answers that prove that nothing was done.
func TestAnswersThatProve(t *testing.T) {
	faults := map[string]bool{`"refuse":1`: true, `"throttle":1`: true, `"error":"Throttling"`: true, `"error":"RequestLimitExceeded","status":429`: true} // may the same request succeed later?
	for _, code := range []string{"InsufficientInstanceCapacity", "IncorrectInstanceState", "UnauthorizedOperation", "AuthFailure"} {
		faults[fmt.Sprintf(`"error":%q`, code)] = false
	}
	for fault, transient := range faults {
		for _, w := range writes {
			t.Run(fault+" "+w.name, func(t *testing.T) {
				d, box, _ := inSandbox(t, withFaults(fmt.Sprintf(`{"system":"ec2","action":%q,%s}`, w.action, fault)))
				d.Attempts = 1
				reply := d.Run(w.name, w.input)
				if f := reply.Failure; f == nil || f.Unknown || f.Transient != transient {
					t.Errorf("got %+v, want a known outcome, transient %v", f, transient)
				}
				if n := w.count(box.State()); n != 0 {
					t.Errorf("it took effect %d times", n)
				}
			})
		}
	}
}

// A good answer that is not the one to the request proves nothing. Otherwise the SDK would not even
// read the answer to a restart.
func TestStrangeAnswerToARestart(t *testing.T) {
	for name, a := range map[string]tasktest.Answer{
		"a web page":            {Status: 200, Body: "<html><title>Please log in</title></html>"},
		"a text":                {Status: 200, Body: "ok"},
		"nothing":               {Status: 200},
		"cut":                   {Status: 200, Body: "<RebootInstancesResponse>", Cut: true},
		"of another request":    {Status: 200, Body: "<StartInstancesResponse/>"},
		"in an unknown charset": {Status: 200, Body: "<RebootInstancesResponse/>", Header: map[string]string{"Content-Type": "text/xml; charset=x"}},
	} {
		d, _ := scripted(t, described(running, "running"), a)
		d.Attempts = 1
		if f := d.Run("restart_instance", instance(running)).Failure; f == nil || !f.Unknown {
			t.Errorf("%s: got %+v, want an unknown outcome", name, f)
		}
	}
}

// The instance that was asked for is picked from an answer, wherever it stands.
func TestInstanceIsTheOneAskedFor(t *testing.T) {
	item := func(id, state string) string {
		return "<item><instanceId>" + id + "</instanceId><instanceState><code>16</code><name>" + state + "</name></instanceState></item>"
	}
	list := func(next string, items ...string) tasktest.Answer {
		var body strings.Builder
		body.WriteString("<DescribeInstancesResponse><reservationSet>")
		for _, i := range items {
			body.WriteString("<item><instancesSet>" + i + "</instancesSet></item>")
		}
		return tasktest.Answer{Status: 200, Body: body.String() + "</reservationSet>" + next + "</DescribeInstancesResponse>"}
	}
	const more = "<nextToken>a</nextToken>"
	for name, answers := range map[string][]tasktest.Answer{
		"in another reservation": {list("", item("i-2", "stopped"), item("i-1", "running"))},
		"behind another":         {list("", item("i-2", "stopped")+item("i-1", "running"))},
		"on the next page":       {list(more), list(more, item("i-2", "stopped")), list("", item("i-1", "running"))},
	} {
		d, s := scripted(t, answers...)
		if out := tasktest.Outputs(t, d.Run("get_instance_status", instance("i-1"))); out["current_instance_state"] != "running" || len(s.Bodies) != len(answers) {
			t.Errorf("%s: got %v after %d requests", name, out, len(s.Bodies))
		}
	}
	d, _ := scripted(t, list("", item("i-2", "running")))
	d.Attempts = 1
	if f := d.Run("get_instance_status", instance("i-1")).Failure; f == nil || f.Unknown {
		t.Errorf("another instance: got %+v", f)
	}
}
