package ec2

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptrace"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine/task"
)

// slow takes a request and never answers.
type slow struct{ sent func() }

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).WroteHeaders()
	if s.sent != nil {
		s.sent()
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestASlowAnswerIsGivenUp(t *testing.T) {
	d := newDriver(t, task.Environment{Credentials: credential("http://ec2.test.invalid"), Transport: slow{}})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		call := task.Call{Input: json.RawMessage(instance("i-1")), Note: "stopped"}
		f := d.types["ec2.start_instance"].Run(context.Background(), call).Failure
		if f == nil || f.Code != task.CodeNoReply || !f.Unknown || !f.Transient {
			t.Errorf("got %+v", f)
		}
		if took := time.Since(began); took != requestTimeout {
			t.Errorf("it was given up after %s", took)
		}
	})
}

func TestACancelledRequestMayHaveTakenEffect(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := newDriver(t, task.Environment{Credentials: credential("http://ec2.test.invalid"), Transport: slow{cancel}})
	f := d.types["ec2.restart_instance"].Run(ctx, task.Call{Input: json.RawMessage(instance("i-1"))}).Failure
	if f == nil || f.Code != task.CodeNoReply || !f.Unknown || f.Message != "Amazon EC2 gave no answer: the call was cancelled" {
		t.Errorf("got %+v", f)
	}
}

func TestAnEndpointMayHaveAPath(t *testing.T) {
	s := &paths{}
	d := newDriver(t, task.Environment{Credentials: credential("http://127.0.0.1:8080/ec2"), Transport: s})
	d.attempts = 1
	d.run("ec2.get_instance_status", instance("i-1"))
	if len(s.seen) != 1 || s.seen[0] != "http://127.0.0.1:8080/ec2" {
		t.Errorf("went to %q", s.seen)
	}
}

type paths struct{ seen []string }

func (p *paths) RoundTrip(r *http.Request) (*http.Response, error) {
	p.seen = append(p.seen, r.URL.String())
	return nil, http.ErrHandlerTimeout
}

func TestACallThatIsOverSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &paths{}
	d := newDriver(t, task.Environment{Credentials: credential("http://ec2.test.invalid"), Transport: s})
	f := d.types["ec2.restart_instance"].Run(ctx, task.Call{Input: json.RawMessage(instance("i-1"))}).Failure
	if f == nil || f.Code != task.CodeUnreachable || f.Unknown || len(s.seen) != 0 {
		t.Errorf("got %+v after %d requests", f, len(s.seen))
	}
}
