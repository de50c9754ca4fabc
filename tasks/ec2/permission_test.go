package ec2

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

// inputs holds a good input for each task type.
var inputs = map[string]string{
	"ec2.create_instance":     fmt.Sprintf(`{"ami_id":%q,"instance_type":"t3.micro","instance_name":"a","instance_tag_1":"b=c"}`, image),
	"ec2.delete_instance":     instance(running),
	"ec2.get_instance_status": instance(running),
	"ec2.start_instance":      instance(stopped),
	"ec2.stop_instance":       instance(running),
	"ec2.restart_instance":    instance(running),
	"ec2.find_instances":      `{"tags":{"Name":"*"},"states":["running"]}`,
}

// The permissions that a type declares are exactly those that its requests need, also if replies
// are lost and it has to look, and if the step began long ago.
func TestNeedsMatchTheRequests(t *testing.T) {
	d, _, _ := inSandbox(t, "")
	if len(d.Connector.Types) != len(inputs) {
		t.Fatalf("there are %d types; each needs an input in this test", len(d.Connector.Types))
	}
	type pair struct{ name, input string }
	var pairs []pair
	for name, input := range inputs {
		pairs = append(pairs, pair{name, input})
		for _, waitFor := range valuesOf(d.Type(name), "wait_for") {
			pairs = append(pairs, pair{name, with(input, "wait_for", waitFor)})
		}
		for _, parameter := range []string{"launch_template", "instance_profile", "subnet_id", "user_data"} {
			if _, has := d.Type(name).Input.Field(parameter); has {
				pairs = append(pairs, pair{name, with(input, parameter, "web")})
			}
		}
	}
	for _, p := range pairs {
		name, input := p.name, p.input
		t.Run(name+" "+input, func(t *testing.T) {
			asked := map[string]bool{}
			for _, world := range []string{
				"",
				withFaults(`{"system": "ec2", "action": "*", "lose_reply": 1}, {"system": "ec2", "action": "*", "lose_reply": 1, "after": 2}`),
				withFaults(`{"system": "ec2", "action": "*", "throttle": 2}`),
			} {
				for _, pause := range []time.Duration{0, 3 * time.Hour} {
					d, _, seen := inSandbox(t, world)
					d.Call.Recover = pause > 0
					d.Advance(pause)
					d.Run(name, input)
					for _, request := range *seen {
						action, parameters, _ := strings.Cut(request, " ")
						asked["ec2:"+action] = true
						if strings.Contains(parameters, "TagSpecification.") {
							asked["ec2:CreateTags as "+action] = true
						}
						if strings.Contains(parameters, "IamInstanceProfile.") {
							asked["iam:PassRole as ec2"] = true
						}
					}
				}
			}
			needs := map[string]bool{}
			for _, p := range d.Type(name).Needs {
				if !p.Needed(textIn(t, input)) {
					continue
				}
				action := p.Action
				if p.As != "" {
					action += " as " + p.As
				}
				needs[action] = true
				if len(p.Resources) == 0 {
					t.Errorf("%s has no resources", p.Action)
				}
			}
			if !maps.Equal(asked, needs) {
				t.Errorf("EC2 is asked for %v, and %v is said to be needed", slices.Sorted(maps.Keys(asked)), slices.Sorted(maps.Keys(needs)))
			}
		})
	}
}

// textIn returns what task.Permission.Needed asks about an input.
func textIn(t *testing.T, input string) func(string) (string, bool) {
	var all map[string]any
	if err := json.Unmarshal([]byte(input), &all); err != nil {
		t.Fatal(err)
	}
	return func(name string) (string, bool) {
		if all[name] == nil {
			return "", true
		}
		return fmt.Sprint(all[name]), true
	}
}

// valuesOf returns the values that a parameter of a type may have.
func valuesOf(typ task.Type, parameter string) (values []string) {
	field, _ := typ.Input.Field(parameter)
	for _, value := range field.Type.Enum {
		values = append(values, value.(string))
	}
	return values
}

// with returns an input with one more member.
func with(input, name, value string) string {
	return fmt.Sprintf(`%s,%q:%q}`, strings.TrimSuffix(input, "}"), name, value)
}

// Ask sends each request as a dry run and returns EC2's answers. It changes nothing.
func TestAsk(t *testing.T) {
	refuse := func(action string) string {
		return fmt.Sprintf(`{"system": "ec2", "action": %q, "error": "UnauthorizedOperation", "message": "You are not authorized to perform this operation.", "times": 9}`, action)
	}
	const reason = "You are not authorized to perform this operation; the user's permissions do not allow it"
	cases := []struct {
		name, typ, world string
		want             []string
	}{
		{"create", "ec2.create_instance", "", []string{"ec2:DescribeInstances permitted ", "ec2:RunInstances permitted "}},
		{"delete", "ec2.delete_instance", "", []string{"ec2:DescribeInstances permitted ", "ec2:TerminateInstances permitted "}},
		{"status", "ec2.get_instance_status", "", []string{"ec2:DescribeInstances permitted "}},
		{"start", "ec2.start_instance", "", []string{"ec2:DescribeInstances permitted ", "ec2:StartInstances permitted "}},
		{"stop", "ec2.stop_instance", "", []string{"ec2:DescribeInstances permitted ", "ec2:StopInstances permitted "}},
		{"find", "ec2.find_instances", "", []string{"ec2:DescribeInstances permitted "}},
		{"restart", "ec2.restart_instance", "", []string{"ec2:DescribeInstances permitted ", "ec2:RebootInstances permitted "}},
		{"the change is refused", "ec2.start_instance", withFaults(refuse("StartInstances")),
			[]string{"ec2:DescribeInstances permitted ", "ec2:StartInstances not permitted " + reason}},
		{"the look is refused, which says nothing of the change", "ec2.restart_instance", withFaults(refuse("DescribeInstances")),
			[]string{"ec2:DescribeInstances not permitted " + reason, "ec2:RebootInstances permitted "}},
		{"another answer is told as it is", "ec2.stop_instance", withFaults(`{"system": "ec2", "action": "StopInstances", "throttle": 1}`),
			[]string{"ec2:DescribeInstances permitted ", "ec2:StopInstances not known RequestLimitExceeded: Request limit exceeded."}},
		{"keys that are not taken", "ec2.stop_instance", withFaults(`{"system": "ec2", "action": "*", "error": "AuthFailure", "message": "AWS was not able to validate the provided access credentials", "times": 9}`),
			[]string{
				"ec2:DescribeInstances no credential AWS was not able to validate the provided access credentials; the access key may be wrong or inactive, or the clock of this machine may be wrong",
				"ec2:StopInstances no credential AWS was not able to validate the provided access credentials; the access key may be wrong or inactive, or the clock of this machine may be wrong",
			}},
		{"nobody answers", "ec2.stop_instance", withFaults(`{"system": "ec2", "action": "*", "refuse": 9}`),
			[]string{"ec2:DescribeInstances not known unreachable: Amazon EC2 could not be reached: connection refused", "ec2:StopInstances not known unreachable: Amazon EC2 could not be reached: connection refused"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, box, seen := inSandbox(t, c.world)
			before := box.State().Describe()
			got := permits(t, d, c.typ, inputs[c.typ])
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			for _, request := range *seen {
				if !strings.Contains(request, " DryRun=true") {
					t.Errorf("this is not a dry run: %s", request)
				}
			}
			if after := box.State().Describe(); after != before {
				t.Errorf("asking changed what is there:\n%s", after)
			}
		})
	}
}

func permits(t *testing.T, d *tasktest.Driver, typ, input string) []string {
	call := d.Call
	call.Type, call.Input, call.Now = typ, json.RawMessage(input), d.Clock()
	var told []string
	for _, p := range d.Type(typ).Ask(t.Context(), call) {
		told = append(told, fmt.Sprintf("%s %s %s", p.Action, p.Verdict, p.Reason))
	}
	return told
}

// An endpoint that does not support dry runs would carry out the request. Ask notices that with the
// look at the instance, and sends nothing else.
func TestAskWithoutDryRuns(t *testing.T) {
	d, s := scripted(t, tasktest.Answer{Status: 200, Body: `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><reservationSet/></DescribeInstancesResponse>`})
	got := permits(t, d, "ec2.delete_instance", instance(running))
	want := []string{"ec2:DescribeInstances not known the endpoint does not support dry runs", "ec2:TerminateInstances not known the endpoint does not support dry runs"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(s.Bodies) != 1 || !strings.Contains(s.Bodies[0], "Action=DescribeInstances") {
		t.Errorf("it was sent %q", s.Bodies)
	}
}
