package ism

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
	d := newDriver(t, task.Environment{Credentials: credential("https://csm.example.com"), Transport: slow{}})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		f := d.types["ism.add_worklog"].Run(context.Background(), task.Call{Input: json.RawMessage(note)}).Failure
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
	d := newDriver(t, task.Environment{Credentials: credential("https://csm.example.com"), Transport: slow{cancel}})
	f := d.types["ism.add_worklog"].Run(ctx, task.Call{Input: json.RawMessage(note)}).Failure
	if f == nil || f.Code != task.CodeNoReply || !f.Unknown || f.Message != "ISM gave no answer: the call was cancelled" {
		t.Errorf("got %+v", f)
	}
}
