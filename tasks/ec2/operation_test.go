package ec2

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

const (
	stopped = "i-0a1b2c3d4e5f60001"
	running = "i-0a1b2c3d4e5f60002"
	image   = "ami-0a1b2c3d4e5f60000"
)

func instance(id string) string { return fmt.Sprintf(`{"instance_id":%q}`, id) }

// withFaults returns the default world with faults added.
func withFaults(faults string) string {
	world := strings.TrimSpace(string(sandbox.DefaultWorld()))
	return strings.TrimSuffix(world, "}") + `, "faults": [` + faults + `]}`
}

// counts returns how often the sandbox received each action.
func counts(seen []string) map[string]int {
	n := map[string]int{}
	for _, request := range seen {
		action, _, _ := strings.Cut(request, " ")
		n[action]++
	}
	return n
}

func TestChanges(t *testing.T) {
	cases := []struct {
		name, typ, id       string
		previous, current   string
		previousCode, code  float64
		requests            []string
		finally, resultText string
	}{
		{"start a stopped instance", "ec2.start_instance", stopped, "stopped", "pending", 80, 0, []string{"DescribeInstances", "StartInstances"}, "pending", "instance i-0a1b2c3d4e5f60001 is being started: stopped → pending"},
		{"start a running one", "ec2.start_instance", running, "running", "running", 16, 16, []string{"DescribeInstances", "StartInstances"}, "running", "instance i-0a1b2c3d4e5f60002 was already running"},
		{"stop a running instance", "ec2.stop_instance", running, "running", "stopping", 16, 64, []string{"DescribeInstances", "StopInstances"}, "stopping", "instance i-0a1b2c3d4e5f60002 is being stopped: running → stopping"},
		{"stop a stopped one", "ec2.stop_instance", stopped, "stopped", "stopped", 80, 80, []string{"DescribeInstances", "StopInstances"}, "stopped", "instance i-0a1b2c3d4e5f60001 was already stopped"},
		{"delete a running instance", "ec2.delete_instance", running, "running", "shutting-down", 16, 32, []string{"DescribeInstances", "TerminateInstances"}, "shutting-down", "instance i-0a1b2c3d4e5f60002 is being terminated: running → shutting-down"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, box, seen := inSandbox(t, "")
			out := tasktest.Outputs(t, d.Run(c.typ, instance(c.id)))
			want := map[string]any{
				"success": true, "result_code": 0.0, "result_message": c.resultText,
				"current_instance_state": c.current, "current_instance_state_code": c.code,
				"previous_instance_state": c.previous, "previous_instance_state_code": c.previousCode,
			}
			if !maps.Equal(out, want) {
				t.Errorf("got  %v\nwant %v", out, want)
			}
			for i, request := range *seen {
				if i >= len(c.requests) || !strings.HasPrefix(request, c.requests[i]+" ") {
					t.Errorf("requests %q, want %q", *seen, c.requests)
					break
				}
			}
			for _, i := range box.State().Instances {
				if i.ID == c.id && i.State != c.finally {
					t.Errorf("the instance is %s, want %s", i.State, c.finally)
				}
			}
		})
	}
}

// A request has its effect even if its reply is lost. The next attempt must find that out and send
// nothing. The previous state must be the state before the first request.
func TestChangeWithALostReplyIsSentOnce(t *testing.T) {
	cases := []struct{ name, typ, action, id, previous, current string }{
		{"start", "ec2.start_instance", "StartInstances", stopped, "stopped", "pending"},
		{"stop", "ec2.stop_instance", "StopInstances", running, "running", "stopping"},
		{"delete", "ec2.delete_instance", "TerminateInstances", running, "running", "shutting-down"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, _, seen := inSandbox(t, withFaults(fmt.Sprintf(`{"system":"ec2","action":%q,"lose_reply":1}`, c.action)))
			out := tasktest.Outputs(t, d.Run(c.typ, instance(c.id)))
			if out["previous_instance_state"] != c.previous || out["current_instance_state"] != c.current {
				t.Errorf("got %v → %v, want %s → %s", out["previous_instance_state"], out["current_instance_state"], c.previous, c.current)
			}
			if n := counts(*seen)[c.action]; n != 1 {
				t.Errorf("%s was sent %d times", c.action, n)
			}
			d.CompareReplies("again 0s", "failure no_reply", "output")
		})
	}
}

func TestChangeIsSentAgainIfTheLookShowsNoEffect(t *testing.T) {
	d, _, seen := inSandbox(t, withFaults(`{"system":"ec2","action":"StartInstances","unavailable":1}`))
	out := tasktest.Outputs(t, d.Run("ec2.start_instance", instance(stopped)))
	if out["previous_instance_state"] != "stopped" || out["current_instance_state"] != "pending" {
		t.Errorf("got %v", out)
	}
	if n := counts(*seen); n["StartInstances"] != 2 || n["DescribeInstances"] != 2 {
		t.Errorf("requests %v", n)
	}
}

func TestThrottledRequestIsTriedAgainWithTheSameBytes(t *testing.T) {
	d, _, seen := inSandbox(t, withFaults(`{"system":"ec2","action":"StartInstances","throttle":3}`))
	tasktest.Outputs(t, d.Run("ec2.start_instance", instance(stopped)))
	sent := tasktest.WithPrefix(*seen, "StartInstances")
	if len(sent) != 4 || len(slices.Compact(sent)) != 1 {
		t.Errorf("sent %q", sent)
	}
	if n := counts(*seen)["DescribeInstances"]; n != 1 {
		t.Errorf("looked %d times; a throttled request had no effect, so once is enough", n)
	}
}

// If the look fails while the outcome of an earlier request is unknown, the outcome stays unknown.
func TestChangeStaysUnknownIfTheLookFails(t *testing.T) {
	d, _, _ := inSandbox(t, withFaults(`{"system":"ec2","action":"DescribeInstances","error":"UnauthorizedOperation","times":9}`))
	d.Call.Note, d.Call.Recover = "stopped", true
	reply := d.Run("ec2.start_instance", instance(stopped))
	if reply.Failure == nil || reply.Failure.Code != "UnauthorizedOperation" || !reply.Failure.Unknown {
		t.Errorf("got %+v, want the refusal, unknown", reply.Failure)
	}
}

// The reply to a termination is lost, and the next look comes after EC2 has forgotten the instance.
// The instance existed when the step began, so it was terminated. If the look comes earlier, or if
// the step is another change, the outcome stays unknown.
func TestATerminatedInstanceIsForgotten(t *testing.T) {
	const world = `{"instances": [{"id": %q}], "timing": {"terminated_visible": %q}}`
	for _, c := range []struct {
		name, typ, shown string
		after            time.Duration
		gone             bool
	}{
		{"long after it", "ec2.delete_instance", "1h", 2 * time.Hour, true},
		{"sooner than EC2 forgets", "ec2.delete_instance", "1m", terminatedShown - time.Second, false},
		{"a stop, of what somebody else terminated", "ec2.stop_instance", "1h", 2 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, box, _ := inSandbox(t, fmt.Sprintf(world, running, c.shown))
			tasktest.Outputs(t, d.Run("ec2.delete_instance", instance(running)))
			d.SetClock(time.Minute)
			if state := box.State(); !slices.ContainsFunc(state.Instances, func(i sandbox.Instance) bool { return i.ID == running && i.State == "terminated" }) {
				t.Fatalf("the sandbox has\n%s", state.Describe())
			}
			d.SetClock(c.after)
			d.Call.Note, d.Call.Recover = "running", true
			reply := d.Run(c.typ, instance(running))
			if !c.gone {
				if reply.Failure == nil || reply.Failure.Code != notFound || !reply.Failure.Unknown {
					t.Errorf("got %+v", reply)
				}
				return
			}
			want := map[string]any{
				"success": true, "result_code": 0.0, "result_message": "instance i-0a1b2c3d4e5f60002 was terminated: running → terminated",
				"previous_instance_state": "running", "previous_instance_state_code": 16.0,
				"current_instance_state": "terminated", "current_instance_state_code": 48.0,
			}
			if out := tasktest.Outputs(t, reply); !maps.Equal(out, want) {
				t.Errorf("got  %v\nwant %v", out, want)
			}
		})
	}
}

// An instance that is not found is no proof that it was terminated: the request is sent, and its
// answer leaves the outcome unknown.
func TestDeletionIsNotProvedByNotFound(t *testing.T) {
	d, s := scripted(t, tasktest.Answer{Status: 400, Body: xmlError(notFound, "The instance ID does not exist")})
	d.Call.Note, d.Call.Recover = "running", true
	reply := d.Run("ec2.delete_instance", instance(running))
	if reply.Failure == nil || reply.Failure.Code != notFound || !reply.Failure.Unknown {
		t.Errorf("got %+v", reply.Failure)
	}
	if len(s.Bodies) != 2 || !strings.HasPrefix(s.Bodies[1], "Action=TerminateInstances") {
		t.Errorf("sent %q", s.Bodies)
	}
}

func TestStatus(t *testing.T) {
	d, _, _ := inSandbox(t, "")
	out := tasktest.Outputs(t, d.Run("ec2.get_instance_status", instance(stopped)))
	if out["current_instance_state"] != "stopped" || out["current_instance_state_code"] != 80.0 || out["public_dns_name"] != nil || out["public_ip_address"] != nil {
		t.Errorf("a stopped instance: %v", out)
	}
	out = tasktest.Outputs(t, d.Run("ec2.get_instance_status", instance(running)))
	if out["current_instance_state"] != "running" || out["public_dns_name"] == nil || out["public_ip_address"] == nil {
		t.Errorf("a running instance: %v", out)
	}
	if out["result_message"] != "instance "+running+" is running" {
		t.Errorf("result_message %q", out["result_message"])
	}
}

// The details of an instance that has no public address, or that stopped for a reason.
func TestDetails(t *testing.T) {
	d, _, _ := inSandbox(t, fmt.Sprintf(`{"instances":[{"id":%q,"key_pair":"desk","ipv6_address":"2001:db8::42"}],"private_network":true,"timing":{"stopping":"0s"}}`, running))
	want := map[string]any{
		"public_dns_name": nil, "public_ip_address": nil, "private_ip_address": "10.0.0.4", "private_dns_name": "ip-10-0-0-4.ec2.internal",
		"ipv6_address": "2001:db8::42", "key_pair_name": "desk", "availability_zone": "us-east-1a", "state_reason": nil,
	}
	compare := func() {
		t.Helper()
		out := tasktest.Outputs(t, d.Run("get_instance_status", instance(running)))
		for name, value := range want {
			if out[name] != value {
				t.Errorf("%s is %v, want %v", name, out[name], value)
			}
		}
	}
	compare()
	tasktest.Outputs(t, d.Run("stop_instance", instance(running)))
	want["state_reason"] = "User initiated shutdown"
	compare()
}

// A state that EC2 does not have is no answer.
func TestUnknownState(t *testing.T) {
	d, _ := scripted(t, described("i-1", "hibernating"))
	d.Attempts = 1
	if f := d.Run("get_instance_status", instance("i-1")).Failure; f == nil || f.Code != task.CodeNoReply || f.Unknown {
		t.Errorf("a look: got %+v", f)
	}
	d, _ = scripted(t, described("i-1", "stopped"), changed("StartInstances", "i-1", "stopped", "waking"))
	d.Attempts = 1
	if f := d.Run("start_instance", instance("i-1")).Failure; f == nil || f.Code != task.CodeNoReply || !f.Unknown {
		t.Errorf("a change: got %+v", f)
	}
}

func TestStatusIgnoresTheUpperByteOfTheCode(t *testing.T) {
	body := `<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><instanceState><code>272</code><name>running</name></instanceState></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`
	d, _ := scripted(t, tasktest.Answer{Status: 200, Body: body})
	if out := tasktest.Outputs(t, d.Run("ec2.get_instance_status", instance("i-1"))); out["current_instance_state_code"] != 16.0 {
		t.Errorf("got %v", out)
	}
}

func TestRestart(t *testing.T) {
	cases := []struct {
		name, faults string
		replies      []string
		reboots      int
	}{
		{"the state is read after the request", ``, []string{"again 0s", "output"}, 1},
		{"a look that fails is tried again without a second reboot", `{"system":"ec2","action":"DescribeInstances","throttle":2,"after":1}`, []string{"again 0s", "again 2s", "again 4s", "output"}, 1},
		{"a look whose reply is lost likewise", `{"system":"ec2","action":"DescribeInstances","lose_reply":1,"after":1}`, []string{"again 0s", "again 2s", "output"}, 1},
		{"a look that is refused fails and says what was done", `{"system":"ec2","action":"DescribeInstances","error":"UnauthorizedOperation","after":1}`, []string{"again 0s", "failure UnauthorizedOperation"}, 1},
		{"an instance that was seen and is not found is looked for again", `{"system":"ec2","action":"DescribeInstances","error":"InvalidInstanceID.NotFound","after":1}`, []string{"again 0s", "again 2s", "output"}, 1},
		{"a look before it that fails is tried again", `{"system":"ec2","action":"DescribeInstances","throttle":1}`, []string{"failure RequestLimitExceeded", "again 0s", "output"}, 1},
		{"a lost reply is for a person", `{"system":"ec2","action":"RebootInstances","lose_reply":1}`, []string{"failure no_reply"}, 1},
		{"a throttled request was not done", `{"system":"ec2","action":"RebootInstances","throttle":1}`, []string{"failure RequestLimitExceeded", "again 0s", "output"}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, box, _ := inSandbox(t, withFaults(c.faults))
			reply := d.Run("ec2.restart_instance", instance(running))
			d.CompareReplies(c.replies...)
			switch last := c.replies[len(c.replies)-1]; {
			case last == "output":
				if out := tasktest.Outputs(t, reply); out["current_instance_state"] != "running" {
					t.Errorf("got %v", out)
				}
			case last == "failure UnauthorizedOperation":
				if f := reply.Failure; f.Unknown || f.Transient || !strings.HasPrefix(f.Message, "the reboot was accepted, but") {
					t.Errorf("got %+v", f)
				}
			case last == "failure no_reply":
				if !reply.Failure.Unknown {
					t.Errorf("got %+v", reply.Failure)
				}
			}
			for _, i := range box.State().Instances {
				if i.ID == running && i.Reboots != c.reboots {
					t.Errorf("%d reboots, want %d", i.Reboots, c.reboots)
				}
			}
		})
	}
}

func TestRestartGivesUpLookingAtLast(t *testing.T) {
	d, _, seen := inSandbox(t, withFaults(`{"system":"ec2","action":"DescribeInstances","throttle":999,"after":1}`))
	reply := d.Run("ec2.restart_instance", instance(running))
	if reply.Failure == nil || reply.Failure.Transient {
		t.Errorf("got %+v, want a final failure: trying again would reboot", reply.Failure)
	}
	if n := counts(*seen); n["RebootInstances"] != 1 || n["DescribeInstances"] != 1+maxLooks+1 {
		t.Errorf("requests %v", n)
	}
	if waited := d.Clock().Sub(tasktest.Start); waited != 4*time.Minute-30*time.Second {
		t.Errorf("waited %s", waited)
	}
}

func TestNoInstance(t *testing.T) {
	d, _, seen := inSandbox(t, "")
	for _, typ := range d.Connector.Types {
		name := typ.Name
		if name == "ec2.create_instance" || name == "ec2.find_instances" {
			continue
		}
		if reply := d.Run(name, instance("")); reply.Failure == nil || reply.Failure.Code != task.CodeInput {
			t.Errorf("%s: got %+v", name, reply)
		}
		if reply := d.Run(name, instance("i-0123456789abcdef0")); reply.Failure == nil || reply.Failure.Code != notFound || reply.Failure.Status != 400 || reply.Failure.Transient {
			t.Errorf("%s: got %+v", name, reply.Failure)
		}
	}
	if len(*seen) == 0 {
		t.Error("nothing was asked")
	}
}

func TestConnectionBrokenInTheMiddle(t *testing.T) {
	d, _ := scripted(t, tasktest.Answer{Err: io.ErrUnexpectedEOF})
	d.Attempts = 1
	reply := d.Run("ec2.get_instance_status", instance(running))
	if f := reply.Failure; f == nil || f.Code != task.CodeNoReply || f.Unknown {
		t.Errorf("got %+v; a look leaves nothing open", f)
	}
}

func TestIncompleteAnswers(t *testing.T) {
	describe := func(item string) string {
		return `<DescribeInstancesResponse><reservationSet><item><instancesSet><item>` + item + `</item></instancesSet></item></reservationSet></DescribeInstancesResponse>`
	}
	for name, body := range map[string]string{
		"nothing": "", "another instance": describe(`<instanceId>i-2</instanceId><instanceState><code>16</code><name>running</name></instanceState>`),
		"no state": describe(`<instanceId>i-1</instanceId>`), "no name": describe(`<instanceState><code>16</code><name>running</name></instanceState>`),
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := scripted(t, tasktest.Answer{Status: 200, Body: body})
			d.Attempts = 1
			f := d.Run("ec2.get_instance_status", instance("i-1")).Failure
			if f == nil || f.Code != task.CodeNoReply || f.Unknown || !f.Transient {
				t.Errorf("got %+v", f)
			}
		})
	}
}
