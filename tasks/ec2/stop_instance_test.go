package ec2

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine/task"
	"errand/tasks/tasktest"
)

const forced = `{"instance_id":"` + running + `","force":true,"wait_for":"stopped"}`

// hangs is a world in which a stop hangs, with faults.
func hangs(state, faults string) string {
	return fmt.Sprintf(`{"instances":[{"id":%q,"state":%q,"stop_hangs":true}],"faults":[%s]}`, running, state, faults)
}

// A forced stop ends a stop that hangs, also one that is in progress. It is sent again if its
// outcome is unknown, until the instance is stopped: an instance that is stopping may be one that
// only the earlier stop has reached.
func TestForcedStop(t *testing.T) {
	for _, c := range []struct {
		name, state, faults string
		stops               int
		previous            string
	}{
		{"a running instance", "running", "", 1, "running"},
		{"a stop that hangs", "stopping", "", 1, "stopping"},
		{"a lost reply", "running", `{"system":"ec2","action":"StopInstances","lose_reply":1}`, 1, "running"},
		{"a request that had no effect", "stopping", `{"system":"ec2","action":"StopInstances","unavailable":2}`, 3, "stopping"},
		{"a throttle", "stopping", `{"system":"ec2","action":"StopInstances","throttle":1}`, 2, "stopping"},
		{"a stopped instance", "stopped", "", 1, "stopped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _, seen := inSandbox(t, hangs(c.state, c.faults))
			out := tasktest.Outputs(t, d.Run("ec2.stop_instance", forced))
			if out["current_instance_state"] != "stopped" || out["previous_instance_state"] != c.previous {
				t.Errorf("got %v", out)
			}
			sent := tasktest.WithPrefix(*seen, "StopInstances")
			if len(sent) != c.stops {
				t.Errorf("sent %q", sent)
			}
			for _, request := range sent {
				if !strings.Contains(request, "Force=true") || strings.Contains(request, "SkipOsShutdown") {
					t.Errorf("sent %q", request)
				}
			}
		})
	}
}

func TestPlainStopHangs(t *testing.T) {
	for _, input := range []string{strings.Replace(forced, "true", "false", 1), strings.Replace(forced, `"force":true,`, "", 1)} {
		d, _, seen := inSandbox(t, hangs("running", ""))
		if f := d.Run("ec2.stop_instance", input).Failure; f == nil || f.Code != task.CodeTimeout {
			t.Errorf("got %+v", f)
		}
		for _, request := range *seen {
			if strings.Contains(request, "Force") {
				t.Errorf("sent %q", request)
			}
		}
	}
}
