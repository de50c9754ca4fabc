package ec2

import (
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/sandbox"
)

// Over a real connection: what was sent, what was not, and that nothing below the engine sends twice.
func TestOverLoopback(t *testing.T) {
	box, err := sandbox.New([]byte(withFaults(`{"system":"ec2","action":"StartInstances","throttle":1},{"system":"ec2","action":"StartInstances","lose_reply":1}`)), func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	box.Observe(func(e sandbox.Exchange) { seen = append(seen, e.Request) })
	server := httptest.NewServer(box.EC2())
	defer server.Close()
	d := newDriver(t, task.Environment{Credentials: credential(server.URL)})
	out := members(t, d.run("ec2.start_instance", instance(stopped)))
	if out["previous_instance_state"] != "stopped" || out["current_instance_state"] != "pending" {
		t.Errorf("got %v", out)
	}
	if want := []string{"again 0s", "failure RequestLimitExceeded", "failure no_reply", "output"}; !slices.Equal(d.replies, want) {
		t.Errorf("replies %q, want %q", d.replies, want)
	}
	if n := counts(seen)["StartInstances"]; n != 2 {
		t.Errorf("%d requests to start: %q", n, seen)
	}
}

func TestNobodyListens(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	d := newDriver(t, task.Environment{Credentials: credential(server.URL)})
	d.attempts = 1
	if f := d.run("ec2.restart_instance", instance(running)).Failure; f == nil || f.Code != task.CodeUnreachable || f.Unknown || !f.Transient {
		t.Errorf("got %+v", f)
	}
}
