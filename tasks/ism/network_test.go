package ism

import (
	"net/http/httptest"
	"testing"

	"errand/tasks/tasktest"
)

func TestNetwork(t *testing.T) {
	tasktest.TestNetwork(t, tasktest.Target{
		Title: "ISM", URL: nowhere, Type: "ism.add_worklog", Input: note, Timeout: requestTimeout, Drive: at,
	})
}

func TestSizes(t *testing.T) {
	tasktest.TestSizes(t, tasktest.Target{Type: "ism.add_worklog", Input: note, Drive: at}, "1 MiB")
}

// Over a real connection a refused request is certain to have no effect, the outcome of a lost
// reply is unknown, and nothing below the engine sends a request twice.
func TestOverLoopback(t *testing.T) {
	d, box, seen := inSandbox(t, `"faults":[{"system":"ism","action":"POST Worklog","lock":1},{"system":"ism","action":"POST Worklog","lose_reply":1}]`)
	server := httptest.NewServer(box.ISM())
	defer server.Close()
	d.Connector = at(t, server.URL, nil).Connector
	tasktest.Outputs(t, d.Run("add_worklog", note))
	d.CompareReplies("failure record_locked", "failure no_reply", "again 1m30s", "output")
	if n := len(tasktest.WithPrefix(*seen, "POST ")); n != 2 || len(worklogs(box)) != 1 {
		t.Errorf("%d requests to add, %d worklogs: %q", n, len(worklogs(box)), *seen)
	}
}
