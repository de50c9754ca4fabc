package tasktest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine/task"
)

// A Target is a connector whose behaviour on a failing network is tested.
type Target struct {
	Title   string        // how failures name the system, such as "ISM"
	URL     string        // an address of the system that no request reaches
	Type    string        // a task type that changes something
	Input   string        // a good input of it
	Note    string        // with this note the first request of a call is the change
	Timeout time.Duration // of one request

	// Drive returns a driver of the connector with an address and a transport; nil is the network.
	Drive func(t *testing.T, url string, transport http.RoundTripper) *Driver
}

// TestNetwork checks what every connector does when the network fails.
func TestNetwork(t *testing.T, target Target) {
	run := func(ctx context.Context, d *Driver) task.Failure {
		reply := d.Type(target.Type).Run(ctx, task.Call{Input: json.RawMessage(target.Input), Note: target.Note})
		if reply.Failure == nil {
			t.Errorf("got %+v, want a failure", reply)
			return task.Failure{}
		}
		return *reply.Failure
	}
	t.Run("a request is given up after its time-out", func(t *testing.T) {
		d := target.Drive(t, target.URL, Silent{})
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			f := run(context.Background(), d)
			if f.Code != task.CodeNoReply || !f.Unknown || !f.Transient {
				t.Errorf("got %+v", f)
			}
			if took := time.Since(began); took != target.Timeout {
				t.Errorf("it was given up after %s, want %s", took, target.Timeout)
			}
		})
	})
	t.Run("a cancelled request may have taken effect", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := run(ctx, target.Drive(t, target.URL, Silent{cancel}))
		if f.Code != task.CodeNoReply || !f.Unknown || f.Message != target.Title+" gave no answer: the call was cancelled" {
			t.Errorf("got %+v", f)
		}
	})
	t.Run("a call that was cancelled before sends nothing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := Unsent()
		f := run(ctx, target.Drive(t, target.URL, s))
		if f.Code != task.CodeUnreachable || f.Unknown || len(s.Requests) != 0 {
			t.Errorf("got %+v after %d requests", f, len(s.Requests))
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		f := run(t.Context(), target.Drive(t, Unreachable(), nil))
		if f.Code != task.CodeUnreachable || f.Unknown || !f.Transient {
			t.Errorf("got %+v", f)
		}
	})
}

// Unreachable returns the address of a server on this machine that has stopped.
func Unreachable() string {
	server := httptest.NewServer(nil)
	server.Close()
	return server.URL
}
