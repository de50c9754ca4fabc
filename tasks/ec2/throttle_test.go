package ec2

import (
	"fmt"
	"strings"
	"testing"
)

// Whichever of its requests EC2 refuses because there were too many, the task says so: to hosts this
// is a fact about all calls with the credential, also if the step just looks again.
func TestEachThrottleIsReported(t *testing.T) {
	calls := map[string]string{
		"get_instance_status": instance(running), "find_instances": `{"where":{"state":["running"]}}`,
		"start_instance to running": with(instance(stopped), "wait_for", "running"), "start_instance to ready": with(instance(stopped), "wait_for", "ready"),
		"stop_instance to stopped": with(instance(running), "wait_for", "stopped"), "delete_instance to terminated": with(instance(running), "wait_for", "terminated"),
		"restart_instance to ready":  with(instance(running), "wait_for", "ready"),
		"create_instance to running": with(`{"ami_id":"ami-0a1b2c3d4e5f60000","instance_name":"web"}`, "wait_for", "running"),
	}
	for _, w := range writes {
		calls[w.name] = w.input
	}
	for name, input := range calls {
		typ, _, _ := strings.Cut(name, " ")
		throttled := 0
		for sent := 1; sent > 0; throttled++ { // until there is no such request
			d, _, seen := inSandbox(t, withFaults(fmt.Sprintf(`{"system":"ec2","action":"*","after":%d,"throttle":1}`, throttled)))
			reply := d.Run(typ, input)
			if reply.Failure != nil {
				t.Errorf("%s: request %d is throttled, and the step fails: %v", name, throttled+1, reply.Failure)
			}
			if sent = max(0, len(*seen)-throttled); sent > 0 && d.Throttled != 1 {
				t.Errorf("%s: request %d of %d is throttled, and %d replies say so: %v", name, throttled+1, len(*seen), d.Throttled, d.Replies)
			}
		}
		if throttled < 2 {
			t.Errorf("%s sends no request", name)
		}
	}
}
