package ec2

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

// described is an answer to DescribeInstances: one instance in a state.
func described(id, state string) tasktest.Answer {
	return tasktest.Answer{Status: 200, Body: `<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>` + id +
		`</instanceId><instanceState><code>0</code><name>` + state + `</name></instanceState></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`}
}

// Each operation waits for a state, and says which one was reached.
func TestWaitFor(t *testing.T) {
	cases := []struct {
		typ, id, waitFor string
		state, message   string
		replies          []string
	}{
		{"start_instance", stopped, "accepted", "pending", "is being started: stopped → pending", []string{"again 0s", "output"}},
		{"start_instance", stopped, "running", "running", "was started: stopped → running", []string{"again 0s", "again 2s", "again 4s", "again 8s", "again 16s", "output"}},
		{"start_instance", running, "running", "running", "was already running", []string{"again 0s", "output"}},
		{"start_instance", stopped, "ready", "running", "stopped → running, status checks passed",
			[]string{"again 0s", "again 2s", "again 4s", "again 8s", "again 16s", "again 30s", "again 30s", "output"}},
		{"stop_instance", running, "stopped", "stopped", "was stopped: running → stopped", []string{"again 0s", "again 2s", "again 4s", "again 8s", "again 16s", "output"}},
		{"stop_instance", stopped, "stopped", "stopped", "was already stopped", []string{"again 0s", "output"}},
		{"delete_instance", running, "terminated", "terminated", "was terminated: running → terminated", []string{"again 0s", "again 2s", "again 4s", "again 8s", "again 16s", "again 30s", "output"}},
		{"restart_instance", running, "accepted", "running", "told to restart and is running", []string{"again 0s", "output"}},
		{"restart_instance", running, "ready", "running", "told to restart and is running, status checks passed", []string{"again 10s", "again 10s", "output"}},
	}
	for _, c := range cases {
		t.Run(c.typ+" "+c.waitFor, func(t *testing.T) {
			d, _, seen := inSandbox(t, "")
			out := tasktest.Outputs(t, d.Run(c.typ, with(instance(c.id), "wait_for", c.waitFor)))
			if out["current_instance_state"] != c.state || !strings.HasSuffix(out["result_message"].(string), c.message) {
				t.Errorf("got %v, want %s and %q", out, c.state, c.message)
			}
			d.CompareReplies(c.replies...)
			changes := slices.DeleteFunc(slices.Clone(*seen), func(r string) bool { return strings.HasPrefix(r, "Describe") })
			if len(changes) != 1 {
				t.Errorf("sent %q", changes)
			}
		})
	}
}

func TestCreateWaitsFor(t *testing.T) {
	for waitFor, replies := range map[string][]string{
		"running": {"again 0s", "again 2s", "again 4s", "again 8s", "again 16s", "output"},
		"ready":   {"again 0s", "again 2s", "again 4s", "again 8s", "again 16s", "again 30s", "again 30s", "output"},
	} {
		d, box, seen := inSandbox(t, "")
		out := tasktest.Outputs(t, d.Run("create_instance", with(plain, "wait_for", waitFor)))
		made := created(box)
		if len(made) != 1 || out["instance_state"] != "running" || out["public_dns_name"] != made[0].PublicDNS || out["reservation_id"] != made[0].Reservation {
			t.Errorf("%s: got %v of %+v", waitFor, out, made)
		}
		d.CompareReplies(replies...)
		if n := counts(*seen)["RunInstances"]; n != 1 {
			t.Errorf("%d launches", n)
		}
	}
}

const instances = `{"instances":[{"id":"i-0a1b2c3d4e5f60001","state":"stopped",%s},{"id":"i-0a1b2c3d4e5f60002","state":"running",%s}]%s}`

// An instance that goes the other way ends the wait, with EC2's reason.
func TestWaitEndsEarly(t *testing.T) {
	const fallsBack = `"start_falls_back":"Client.InternalError: Client error on launch"`
	const dies = `,"images":["` + image + `"],"launches_die":"Client.VolumeLimitExceeded: Volume limit exceeded"`
	cases := []struct{ name, typ, input, world, code, message string }{
		{"a start that falls back", "start_instance", with(instance(stopped), "wait_for", "running"), fmt.Sprintf(instances, fallsBack, `"name":"a"`, ""),
			"Client.InternalError", "the start was accepted, but the instance is stopped: Client error on launch"},
		{"and so before its checks", "start_instance", with(instance(stopped), "wait_for", "ready"), fmt.Sprintf(instances, fallsBack, `"name":"a"`, ""),
			"Client.InternalError", "the start was accepted, but the instance is stopped: Client error on launch"},
		{"a launch that dies", "create_instance", with(plain, "wait_for", "running"), fmt.Sprintf(instances, `"name":"a"`, `"name":"a"`, dies),
			"Client.VolumeLimitExceeded", "the launch was accepted, but the instance is terminated: Volume limit exceeded"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, _, _ := inSandbox(t, c.world)
			f := d.Run(c.typ, c.input).Failure
			if f == nil || f.Code != c.code || f.Message != c.message || f.Transient || f.Unknown {
				t.Errorf("got %+v", f)
			}
			if waited := d.Clock().Sub(tasktest.Start); waited > time.Minute {
				t.Errorf("it took %s", waited)
			}
		})
	}
}

// changed is the answer to a change of an instance's state.
func changed(action, id, from, to string) tasktest.Answer {
	state := func(element, name string) string {
		return fmt.Sprintf("<%[1]s><code>%d</code><name>%s</name></%[1]s>", element, codeOf(name), name)
	}
	return tasktest.Answer{Status: 200, Body: "<" + action + "Response><instancesSet><item><instanceId>" + id + "</instanceId>" +
		state("currentState", to) + state("previousState", from) + "</item></instancesSet></" + action + "Response>"}
}

// because adds a state reason to an answer.
func because(a tasktest.Answer, code, text string) tasktest.Answer {
	a.Body = strings.Replace(a.Body, "</instanceState>", "</instanceState><stateReason><code>"+code+"</code><message>"+code+": "+text+"</message></stateReason>", 1)
	return a
}

// What the looks of a wait show, and how it ends.
func TestLooksOfAWait(t *testing.T) {
	missing := tasktest.Answer{Status: 400, Body: xmlError(notFound, "The instance ID does not exist")}
	throttle := tasktest.Answer{Status: 503, Body: xmlError("RequestLimitExceeded", "slow down")}
	denied := tasktest.Answer{Status: 403, Body: xmlError(unauthorized, "You are not authorized to perform this operation.")}
	rebooted := tasktest.Answer{Status: 200, Body: "<RebootInstancesResponse><return>true</return></RebootInstancesResponse>"}
	seen := func(states ...string) (answers []tasktest.Answer) {
		for _, s := range states {
			answers = append(answers, described("i-1", s))
		}
		return answers
	}
	start := append(seen("stopped"), changed("StartInstances", "i-1", "stopped", "pending"))
	stop := append(seen("running"), changed("StopInstances", "i-1", "running", "stopping"))
	end := append(seen("running"), changed("TerminateInstances", "i-1", "running", "shutting-down"))
	reboot := append(seen("running"), rebooted)
	ended := because(described("i-1", "shutting-down"), "Client.UserInitiatedShutdown", "User initiated shutdown")
	cases := []struct {
		name, typ, waitFor string
		answers            [][]tasktest.Answer
		waited             time.Duration
		want               string // the state, or the failure
	}{
		{"a start that somebody ends", "start_instance", "running", [][]tasktest.Answer{start, seen("pending"), {ended}}, 6 * time.Second,
			"Client.UserInitiatedShutdown: the start was accepted, but the instance is shutting-down: User initiated shutdown"},
		{"a stop that somebody takes back", "stop_instance", "stopped", [][]tasktest.Answer{stop, seen("stopping", "running")}, 6 * time.Second,
			"IncorrectInstanceState: the stop was accepted, but the instance is running"},
		{"a restart that somebody ends", "restart_instance", "ready", [][]tasktest.Answer{reboot, {ended}}, 10 * time.Second,
			"Client.UserInitiatedShutdown: the restart was accepted, but the instance is shutting-down: User initiated shutdown"},
		{"looks that show the state before the start", "start_instance", "running", [][]tasktest.Answer{start, seen("stopped", "stopped", "pending", "running")}, 30 * time.Second, "running"},
		{"a state that stays as it was", "start_instance", "running", [][]tasktest.Answer{start, seen("stopped")}, 30 * time.Second,
			"IncorrectInstanceState: the start was accepted, but the instance is stopped"},
		{"a start that never ends", "start_instance", "running", [][]tasktest.Answer{start, seen("pending")}, waitLimit,
			"timeout: the start was accepted, but after 10m the instance is still pending"},
		{"a stop that hangs", "stop_instance", "stopped", [][]tasktest.Answer{stop, seen("stopping")}, waitLimit,
			"timeout: the stop was accepted, but after 10m the instance is still stopping"},
		{"an instance that is not found for a while", "start_instance", "running", [][]tasktest.Answer{start, {missing, missing}, seen("pending"), {missing}, seen("running")}, 60 * time.Second, "running"},
		{"an instance that is not found any more", "start_instance", "running", [][]tasktest.Answer{start, {missing}}, waitLimit,
			"timeout: the start was accepted, but after 10m EC2 does not find the instance"},
		{"a terminated instance that EC2 has forgotten", "delete_instance", "terminated", [][]tasktest.Answer{end, {missing}}, 330 * time.Second, "terminated"},
		{"a look that may succeed later", "stop_instance", "stopped", [][]tasktest.Answer{stop, {throttle, throttle}, seen("stopped")}, 14 * time.Second, "stopped"},
		{"a look that never succeeds", "stop_instance", "stopped", [][]tasktest.Answer{stop, {throttle}}, waitLimit,
			"timeout: the stop was accepted, but after 10m the state cannot be read: slow down"},
		{"a look that is refused", "stop_instance", "stopped", [][]tasktest.Answer{stop, {denied}}, 2 * time.Second,
			"UnauthorizedOperation: the stop was accepted, but the state could not be read: You are not authorized to perform this operation; the user's permissions do not allow it"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, s := scripted(t, slices.Concat(c.answers...)...)
			reply := d.Run(c.typ, with(instance("i-1"), "wait_for", c.waitFor))
			var got string
			if f := reply.Failure; f != nil {
				got = f.Error()
				if f.Transient || f.Unknown {
					t.Errorf("got %+v", f)
				}
			} else {
				got = tasktest.Outputs(t, reply)["current_instance_state"].(string)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if waited := d.Clock().Sub(tasktest.Start); waited != c.waited {
				t.Errorf("it took %s, want %s", waited, c.waited)
			}
			sent := slices.DeleteFunc(slices.Clone(s.Bodies), func(b string) bool { return strings.HasPrefix(b, "Action=Describe") })
			if len(sent) != 1 {
				t.Errorf("sent %q", sent)
			}
		})
	}
}

// Status checks that do not pass end the wait when its time is up.
func TestChecksThatFail(t *testing.T) {
	for _, c := range []struct{ typ, id, what string }{{"start_instance", stopped, "start"}, {"restart_instance", running, "restart"}} {
		d, _, _ := inSandbox(t, fmt.Sprintf(instances, `"checks_fail":true`, `"checks_fail":true`, ""))
		f := d.Run(c.typ, with(instance(c.id), "wait_for", "ready")).Failure
		if f == nil || f.Error() != "timeout: the "+c.what+" was accepted, but after 10m the instance is running, and its status checks are impaired" {
			t.Errorf("%s: got %+v", c.typ, f)
		}
	}
}

// The checks of an instance have passed if all of them have, those of its volumes too.
func TestWorst(t *testing.T) {
	check := func(status types.SummaryStatus) *types.InstanceStatusSummary {
		return &types.InstanceStatusSummary{Status: status}
	}
	volumes := func(status types.SummaryStatus) *types.EbsStatusSummary {
		return &types.EbsStatusSummary{Status: status}
	}
	for want, status := range map[types.SummaryStatus][]types.InstanceStatus{
		"ok": {{SystemStatus: check("ok"), InstanceStatus: check("ok")}, {SystemStatus: check("ok"), InstanceStatus: check("ok"), AttachedEbsStatus: volumes("not-applicable")}},
		"impaired": {{SystemStatus: check("impaired"), InstanceStatus: check("ok")}, {SystemStatus: check("ok"), InstanceStatus: check("impaired")},
			{SystemStatus: check("ok"), InstanceStatus: check("ok"), AttachedEbsStatus: volumes("impaired")}},
		"insufficient-data": {{SystemStatus: check("ok")}, {InstanceStatus: check("ok")}},
	} {
		for _, s := range status {
			if got := worst(s); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

// A step with a time-out of its own waits as long as the engine lets it. A time-out of something
// around it, such as the run, does not make it wait longer than without one.
func TestWaitWithADeadline(t *testing.T) {
	d, _ := scripted(t, described("i-1", "stopping"))
	call := task.Call{Run: "run1", Step: "stop", Started: tasktest.Start, Now: tasktest.Start.Add(time.Hour), Deadline: tasktest.Start.Add(2 * time.Hour), Limited: true, Settled: true}
	call.Input = []byte(with(instance("i-1"), "wait_for", "stopped"))
	call.Note = noteText(changeNote{Before: "running", Wait: waitNote{Since: tasktest.Start, State: "stopping", Looks: 100}})
	if reply := d.Type("stop_instance").Run(t.Context(), call); reply.Again == nil || reply.Again.After != 30*time.Second {
		t.Errorf("got %+v", reply)
	}
	call.Limited = false
	if reply := d.Type("stop_instance").Run(t.Context(), call); reply.Failure == nil || reply.Failure.Code != task.CodeTimeout {
		t.Errorf("got %+v", reply)
	}
}

// EC2 refuses a request while the instance is in a passing state. The task waits for that to pass.
func TestRefusalThatPasses(t *testing.T) {
	world := func(state string) string {
		return fmt.Sprintf(`{"instances":[{"id":%q,"state":%q}],"images":[%q]}`, running, state, image)
	}
	cases := []struct {
		name, typ, state, previous string
		sent                       int
		failure                    string
	}{
		{"a start while it stops", "start_instance", "stopping", "stopped", 5, ""},
		{"a stop while it starts", "stop_instance", "pending", "running", 5, ""},
		{"a restart while it starts", "restart_instance", "pending", "", 1, ""},
		{"a termination while it starts", "delete_instance", "pending", "pending", 1, ""},
		{"a start while it ends", "start_instance", "shutting-down", "", 1, "IncorrectInstanceState: The instance '" + running + "' is not in a state from which it can be started."},
		{"a restart of a stopped one", "restart_instance", "stopped", "", 0, "IncorrectInstanceState: the instance is stopped; only a running instance can be restarted"},
		{"a restart while it stops", "restart_instance", "stopping", "", 0, "IncorrectInstanceState: the instance is stopping; only a running instance can be restarted"},
		{"a restart of a terminated one", "restart_instance", "terminated", "", 0, "IncorrectInstanceState: the instance is terminated; only a running instance can be restarted"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, _, seen := inSandbox(t, world(c.state))
			reply := d.Run(c.typ, instance(running))
			if c.failure != "" {
				if reply.Failure == nil || reply.Failure.Error() != c.failure {
					t.Errorf("got %+v, want %s", reply.Failure, c.failure)
				}
			} else if out := tasktest.Outputs(t, reply); c.previous != "" && out["previous_instance_state"] != c.previous {
				t.Errorf("got %v, want it to have been %s", out, c.previous)
			}
			sent := slices.DeleteFunc(slices.Clone(*seen), func(r string) bool { return strings.HasPrefix(r, "Describe") })
			if len(sent) != c.sent {
				t.Errorf("sent %q, want %d", sent, c.sent)
			}
		})
	}
}

// A refusal that does not pass is reported when the time is up.
func TestRefusalThatDoesNotPass(t *testing.T) {
	refused := tasktest.Answer{Status: 400, Body: xmlError(incorrectState, "not in a state")}
	missing := tasktest.Answer{Status: 400, Body: xmlError(notFound, "The instance ID does not exist")}
	look := described("i-1", "stopping")
	answers := []tasktest.Answer{look}
	for range 60 {
		answers = append(answers, refused, look)
	}
	d, _ := scripted(t, answers...)
	if f := d.Run("start_instance", instance("i-1")).Failure; f == nil || f.Error() != "IncorrectInstanceState: not in a state; after 10m the instance is still stopping" {
		t.Errorf("got %+v", f)
	}
	d, _ = scripted(t, described("i-1", "stopped"), missing)
	f := d.Run("start_instance", instance("i-1")).Failure
	if f == nil || f.Code != notFound || !strings.HasSuffix(f.Message, "; after 5m EC2 does not find the instance") {
		t.Errorf("got %+v", f)
	}
	d, _ = scripted(t, described("i-1", "stopped"), missing, changed("StartInstances", "i-1", "stopped", "pending"))
	if out := tasktest.Outputs(t, d.Run("start_instance", instance("i-1"))); out["current_instance_state"] != "pending" {
		t.Errorf("got %v", out)
	}
}
