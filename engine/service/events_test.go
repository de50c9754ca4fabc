package service_test

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
)

// A reader reads the stream of a run.
type reader struct {
	*testing.T
	answer *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

// stream opens the stream of a run.
func (b *bench) stream(secret, run, last string) *reader {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/v1/runs/"+run+"/events", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cancel()
		_ = answer.Body.Close()
	})
	return &reader{b.T, answer, bufio.NewScanner(answer.Body), cancel}
}

// next returns the id and the kind of the next event. ok is false at the end of the stream. Comments
// are skipped.
func (r *reader) next() (id, kind string, ok bool) {
	for r.lines.Scan() {
		name, value, _ := strings.Cut(r.lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			return id, kind, true
		}
	}
	return "", "", false
}

// rest returns "id kind" of all further events, up to the end.
func (r *reader) rest() (events []string) {
	for {
		id, kind, ok := r.next()
		if !ok {
			return events
		}
		events = append(events, id+" "+kind)
	}
}

// A stream has each event once, in one order, whenever and wherever it is begun again, and ends with
// the run.
func TestEventsResumeExactly(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	kim := b.token(access.Token{Name: "kim", Roles: []access.Role{access.Approver}, Person: "kim", Groups: []string{"deciders"}})
	run := b.start(desk, `{"workflow":"ask","request":"100-1"}`)
	live := b.stream(desk, run, "")
	if media := live.answer.Header.Get("Content-Type"); media != "text/event-stream" {
		t.Fatalf("it is %s", media)
	}
	var seen []string
	for len(seen) == 0 || !strings.HasSuffix(seen[len(seen)-1], " step_asks") {
		id, kind, ok := live.next()
		if !ok {
			t.Fatalf("the stream ended after %q", seen)
		}
		seen = append(seen, id+" "+kind)
	}
	b.ask(kim, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ok","decision":"approve"}`).want(http.StatusOK)
	seen = append(seen, live.rest()...)
	if !strings.HasSuffix(seen[len(seen)-1], " run_ended") {
		t.Errorf("the stream ended with %q", seen)
	}
	events, err := b.runner.Events(t.Context(), run, engine.EventID{})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range events {
		want = append(want, e.ID.String()+" "+string(e.Kind))
	}
	if !slices.Equal(seen, want) {
		t.Errorf("the stream had\n%q\nthe record has\n%q", seen, want)
	}
	for i, event := range want {
		id, _, _ := strings.Cut(event, " ")
		again := b.stream(kim, run, id)
		if i == len(want)-1 {
			if again.answer.StatusCode != http.StatusNoContent {
				t.Errorf("after the end: %d", again.answer.StatusCode)
			}
			continue
		}
		if rest := again.rest(); !slices.Equal(rest, want[i+1:]) {
			t.Errorf("after %s: %q; expected %q", id, rest, want[i+1:])
		}
	}
	for _, bad := range []string{"1", "x", "999.1", "-1.1", "1.1.1", "01.1"} {
		b.ask(desk, http.MethodGet, "/v1/runs/"+run+"/events", "", "Last-Event-ID", bad).want(http.StatusBadRequest, "unknown_event")
	}
}

// A retried run goes on where its stream had ended.
func TestEventsAfterARetry(t *testing.T) {
	b := newBench(t)
	desk, ops := b.as("desk", access.Requester), b.as("ops", access.Operator)
	run := b.start(desk, `{"workflow":"slow"}`)
	b.settled(run, engine.Waiting)
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", "").want(http.StatusOK)
	b.settled(run, engine.Cancelled)
	first := b.stream(desk, run, "").rest()
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/retry", "").want(http.StatusOK)
	last, _, _ := strings.Cut(first[len(first)-1], " ")
	r := b.stream(desk, run, last)
	if _, kind, ok := r.next(); !ok || kind != "run_retried" {
		t.Errorf("the stream goes on with %q", kind)
	}
}

// A stream ends soon after its token was revoked, when the server drains, and when its reader is
// gone; a reader that waits sees that the connection is alive.
func TestStreamsEnd(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	run := b.start(desk, `{"workflow":"slow"}`)
	b.settled(run, engine.Waiting)
	for _, end := range []func(r *reader){
		func(r *reader) { r.cancel() },
		func(*reader) {
			if err := b.store.RevokeToken(t.Context(), "desk", time.Now()); err != nil {
				t.Error(err)
			}
			desk = b.as("desk2", access.Operator)
		},
		func(*reader) { b.server.Drain() },
	} {
		r := b.stream(desk, run, "")
		for range 2 { // events, and then a comment
			for r.lines.Scan() && r.lines.Text() != ": still here" {
			}
		}
		end(r)
		r.rest()
	}
}

// A stream whose token was revoked writes no event any more, however many follow. One of another token
// shows that they do.
func TestNoEventAfterARevocation(t *testing.T) {
	b := newBench(t, func(c *service.Config) { c.Heartbeat = time.Hour })
	revoked, stays := b.as("revoked", access.Operator), b.as("stays", access.Requester)
	kim := b.token(access.Token{Name: "kim", Roles: []access.Role{access.Approver}, Person: "kim", Groups: []string{"deciders"}})
	run := b.start(stays, `{"workflow":"ask","request":"100-1"}`)
	b.settled(run, engine.Waiting)
	first, second := b.stream(revoked, run, ""), b.stream(stays, run, "")
	for _, r := range []*reader{first, second} {
		for kind := ""; kind != "step_asks"; {
			var ok bool
			if _, kind, ok = r.next(); !ok {
				t.Fatal("the stream ended")
			}
		}
	}
	if err := b.store.RevokeToken(t.Context(), "revoked", time.Now()); err != nil {
		t.Fatal(err)
	}
	b.ask(kim, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ok","decision":"approve"}`).want(http.StatusOK)
	if events := first.rest(); len(events) > 0 {
		t.Errorf("after the revocation it had %q", events)
	}
	if events := second.rest(); len(events) < 3 {
		t.Errorf("the other stream had %q", events)
	}
}

// Streams are bounded, and one token has at most half of them.
func TestTooManyStreams(t *testing.T) {
	b := newBench(t, streams(4))
	desk, kim, robin := b.as("desk", access.Requester), b.as("kim", access.Operator), b.as("robin", access.Operator)
	run := b.start(desk, `{"workflow":"slow"}`)
	b.settled(run, engine.Waiting)
	readers := []*reader{b.stream(desk, run, ""), b.stream(desk, run, "")}
	refused := b.ask(desk, http.MethodGet, "/v1/runs/"+run+"/events", "").want(http.StatusServiceUnavailable, "streams")
	if !strings.Contains(refused.text, "the token desk has too many") {
		t.Errorf("the refusal is %s", refused.text)
	}
	b.stream(kim, run, "")
	b.stream(robin, run, "")
	refused = b.ask(kim, http.MethodGet, "/v1/runs/"+run+"/events", "").want(http.StatusServiceUnavailable, "streams")
	if strings.Contains(refused.text, "the token") {
		t.Errorf("the refusal is %s", refused.text)
	}
	readers[0].cancel()
	readers[0].rest()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if r := b.stream(desk, run, ""); r.answer.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the place of a reader that is gone is not free")
		}
	}
}
