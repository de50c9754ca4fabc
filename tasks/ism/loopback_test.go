package ism

import (
	"net/http/httptest"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/sandbox"
)

// Over a real connection: what was sent, what was not, and that nothing below the engine sends twice.
func TestOverLoopback(t *testing.T) {
	world := `{"tickets":[{"id":"100-291"}],"faults":[{"system":"ism","action":"POST Worklog","lock":1},{"system":"ism","action":"POST Worklog","lose_reply":1}]}`
	box, err := sandbox.New([]byte(world), func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	box.Observe(func(e sandbox.Exchange) { seen = append(seen, e.Request) })
	server := httptest.NewServer(box.ISM())
	defer server.Close()
	d := newDriver(t, task.Environment{Credentials: credential(server.URL)})
	members(t, d.run("add_worklog", note))
	d.want("failure record_locked", "failure no_reply", "output")
	if n := len(sent(seen, "POST ")); n != 2 || len(worklogs(box)) != 1 {
		t.Errorf("%d requests to add, %d worklogs: %q", n, len(worklogs(box)), seen)
	}
}

func TestNobodyListens(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	d := newDriver(t, task.Environment{Credentials: credential(server.URL)})
	d.attempts = 1
	if f := d.run("add_worklog", note).Failure; f == nil || f.Code != task.CodeUnreachable || f.Unknown || !f.Transient {
		t.Errorf("got %+v", f)
	}
}
