package ec2

import (
	"net/http/httptest"
	"testing"

	"errand/tasks/tasktest"
)

func TestNetwork(t *testing.T) {
	tasktest.TestNetwork(t, tasktest.Target{
		Title: "Amazon EC2", URL: nowhere, Type: "ec2.start_instance", Input: instance("i-1"), Note: "stopped",
		Timeout: requestTimeout, Drive: at,
	})
	tasktest.TestNetwork(t, tasktest.Target{
		Title: "Amazon EC2", URL: nowhere, Type: "ec2.create_instance", Input: plain,
		Timeout: requestTimeout, Drive: at,
	})
}

func TestSizes(t *testing.T) {
	tasktest.TestSizes(t, tasktest.Target{Type: "ec2.create_instance", Input: plain, Drive: at}, "8 MiB")
}

// Over a real connection a refused request is certain to have no effect, the outcome of a lost
// reply is unknown, and nothing below the engine sends a request twice.
func TestOverLoopback(t *testing.T) {
	d, box, seen := inSandbox(t, withFaults(`{"system":"ec2","action":"StartInstances","throttle":1},{"system":"ec2","action":"StartInstances","lose_reply":1}`))
	server := httptest.NewServer(box.EC2())
	defer server.Close()
	d.Connector = at(t, server.URL, nil).Connector
	out := tasktest.Outputs(t, d.Run("ec2.start_instance", instance(stopped)))
	if out["previous_instance_state"] != "stopped" || out["current_instance_state"] != "pending" {
		t.Errorf("got %v", out)
	}
	d.CompareReplies("again 0s", "failure RequestLimitExceeded", "failure no_reply", "output")
	if n := counts(*seen)["StartInstances"]; n != 2 {
		t.Errorf("%d requests to start: %q", n, *seen)
	}
}

func TestEndpointMayHaveAPath(t *testing.T) {
	s := tasktest.Unsent()
	d := at(t, "http://127.0.0.1:8080/ec2", s)
	d.Attempts = 1
	d.Run("ec2.get_instance_status", instance("i-1"))
	if len(s.Requests) != 1 || s.Requests[0].URL.String() != "http://127.0.0.1:8080/ec2" {
		t.Errorf("sent %v", s.Requests)
	}
}
