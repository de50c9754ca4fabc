package ec2

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/sandbox"
	"errand/tasks/tasktest"
)

// early is a transport that starts its answer before the end of the request's body was read.
type early struct{ box http.RoundTripper }

func (e early) RoundTrip(r *http.Request) (*http.Response, error) {
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return nil, err
	}
	whole := r.Clone(r.Context())
	whole.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := e.box.RoundTrip(whole)
	if err == nil {
		answer.Body = &unended{answer.Body, r.Body}
	}
	return answer, err
}

// An unended answer reads the request's body to its end, as a connection of net/http does.
type unended struct {
	io.ReadCloser
	request io.Reader
}

func (u *unended) Read(p []byte) (int, error) {
	if n, err := io.Copy(io.Discard, u.request); n > 0 || err != nil {
		return 0, net.ErrClosed
	}
	return u.ReadCloser.Read(p)
}

func TestAnAnswerMayBeginBeforeTheRequestHasEnded(t *testing.T) {
	box, err := sandbox.New([]byte(withFaults("")), func() time.Time { return tasktest.Start })
	if err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, task.Environment{Credentials: credential(sandbox.EC2URL), Transport: early{box.Transport()}})
	d.Run("ec2.restart_instance", instance(running))
	d.CompareReplies("again 0s", "output")
}
