package sandbox

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func nothing(*ec2.DescribeInstancesInput) {}

// httpNote returns a request that adds a worklog.
func httpNote(r *rig) (*http.Request, error) {
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", ISMURL+"/csmconnector/Worklog", strings.NewReader(`{"Text":"2","TicketIdentifier":"100-291"}`))
	if err != nil {
		return nil, err
	}
	for _, name := range requiredHeaders {
		req.Header.Set(name, "x")
	}
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// The events that a caller's trace gets, in order. A refused request never counts as written.
func TestTransportTraces(t *testing.T) {
	tests := []struct{ name, url, faults, want string }{
		{"answered", ISMURL, ``, "get, got, headers, written, first byte"},
		{"lost", ISMURL, `{"system":"ism","lose_reply":1}`, "get, got, headers, written, error"},
		{"refused", ISMURL, `{"system":"ism","refuse":1}`, "get, error"},
		{"another host", "http://example.invalid", ``, "get, error"},
		{"another port", ISMURL + ":8080", ``, "get, error"},
		{"another scheme", strings.Replace(ISMURL, "http", "https", 1), ``, "get, error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, `{"tickets":[{"id":"100-291"}],"faults":[`+test.faults+`]}`)
			var said []string
			say := func(s string) { said = append(said, s) }
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				GetConn: func(string) { say("get") }, GotConn: func(httptrace.GotConnInfo) { say("got") },
				WroteHeaders: func() { say("headers") }, GotFirstResponseByte: func() { say("first byte") },
				WroteRequest: func(info httptrace.WroteRequestInfo) {
					if info.Err == nil && len(r.State().Tickets[0].Worklogs) == 0 { // the request has no effect before it is written
						say("written")
					}
				},
			})
			req, err := httpNote(r)
			if err != nil {
				t.Fatal(err)
			}
			req.URL, err = req.URL.Parse(test.url + "/csmconnector/Worklog")
			if err != nil {
				t.Fatal(err)
			}
			resp, err := r.Transport().RoundTrip(req.WithContext(ctx))
			if err != nil {
				say("error")
			} else {
				resp.Body.Close()
			}
			if got := strings.Join(said, ", "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestTransportReachesNoOtherHost(t *testing.T) {
	r := newRig(t, "")
	_, err := r.http.Get("http://ec2.us-east-1.amazonaws.com/")
	if op, ok := errors.AsType[*net.OpError](err); !ok || op.Op != "dial" || len(r.seen) != 0 {
		t.Errorf("got %v, saw %v", err, r.seen)
	}
	if want := "dial tcp ec2.us-east-1.amazonaws.com:80: the sandbox reaches only http://ec2.sandbox.invalid and http://ism.sandbox.invalid"; !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestTransportHonoursItsContext(t *testing.T) {
	r := newRig(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := starting(stoppedID)(ctx, r.ec2); !errors.Is(err, context.Canceled) || len(r.seen) != 0 {
		t.Errorf("cancelled before: %v, saw %v", err, r.seen)
	}
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { cancel() }})
	if err := starting(stoppedID)(ctx, r.ec2); !errors.Is(err, context.Canceled) || r.instance(stoppedID).State != "pending" {
		t.Errorf("cancelled after it was written: %v, and it is %s", err, r.instance(stoppedID).State)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// A RoundTripper closes the request's body even on an error, and does not change the request.
func TestTransportClosesTheBody(t *testing.T) {
	for _, url := range []string{ISMURL + "/csmconnector/Worklog", "http://example.invalid/"} {
		body := &closing{Reader: strings.NewReader("{}")}
		req, err := http.NewRequest("POST", url, body)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := newRig(t, "").Transport().RoundTrip(req); err == nil {
			resp.Body.Close()
		}
		if !body.closed {
			t.Errorf("%s: the body was not closed", url)
		}
	}
}

// In a bubble of synctest the sandbox uses the bubble's time, and leaves no goroutine that would
// keep the bubble from ending.
func TestTransportInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(DefaultWorld(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		client := newClient(EC2URL, &http.Client{Transport: s.Transport(), Timeout: time.Minute})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := starting(stoppedID)(t.Context(), client); err != nil {
					t.Error(err)
				}
				time.Sleep(20 * time.Second)
				if err := describing(nothing)(t.Context(), client); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := s.State().Instances[0].State; got != "running" {
			t.Errorf("it is %s", got)
		}
	})
}

// Concurrent requests are answered one at a time, and observed in the order of their answers.
func TestConcurrentRequests(t *testing.T) {
	r := newRig(t, "")
	var ids []string
	r.Observe(func(e Exchange) {
		ids = append(ids, strings.Fields(e.Answer)[2]) // no lock: observations must not be concurrent
		if len(r.State().Instances) != 2+len(ids) {
			t.Errorf("observed %d launches of %d instances", len(ids), len(r.State().Instances))
		}
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := launching()(t.Context(), r.ec2); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != 8 {
		t.Errorf("got %v", ids)
	}
}

// No Exchange contains a secret, whatever the request.
func TestExchangesHoldNoSecret(t *testing.T) {
	r := newRig(t, "")
	for _, call := range []ec2Call{starting(stoppedID), describing(nothing), launching()} {
		if err := call(t.Context(), r.ec2); err != nil {
			t.Fatal(err)
		}
	}
	for _, route := range routes() {
		method, _, _ := strings.Cut(route.action, " ")
		r.call(method, strings.Replace(route.path, "{id}", "100-291", 1), "{}")
	}
	r.post("", map[string][]string{"Action": {"DescribeImages"}, "AWSAccessKeyId": {"AKIDSANDBOX"}, "X-Amz-Security-Token": {"token-of-x"}})
	for _, e := range r.seen {
		for _, secret := range []string{"AKIDSANDBOX", "secret", "token-of-", "Signature", "AWS4"} {
			if strings.Contains(e.Request+e.Answer, secret) {
				t.Errorf("%v holds %q", e, secret)
			}
		}
	}
	if len(r.seen) != 4+len(routes()) {
		t.Errorf("saw %d exchanges", len(r.seen))
	}
}
