package ism

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/sandbox"
)

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// Canaries: none of them may be in any reply.
var secrets = map[string]string{
	userToken: "canary-user-token", sliceToken: "canary slice+token", userName: "canary.user", userPassword: "canary&password",
}

// stored is a credential store of one.
type stored map[string]string

func (s stored) Find(_ context.Context, _, name string) (task.Values, error) {
	if name != task.DefaultCredential {
		return nil, nil
	}
	return task.Conceal(s), nil
}

func credential(url string) stored {
	s := stored{appURL: url}
	maps.Copy(s, secrets)
	return s
}

// A driver calls a task type as the engine would: again where it says so, once more after a failure that may pass, with Recover
// where the outcome is not known. Its clock jumps.
type driver struct {
	t        *testing.T
	types    map[string]task.Type
	ready    func(name string) error
	now      time.Time
	call     task.Call
	attempts int
	replies  []string // what came, in short
}

func newDriver(t *testing.T, env task.Environment) *driver {
	t.Helper()
	for _, p := range parameters() {
		t.Setenv(p.Variable, "")
	}
	connector := Connector(env)
	d := &driver{t: t, types: map[string]task.Type{}, now: start, attempts: 5}
	d.ready = func(name string) error { return connector.Ready(t.Context(), name) }
	for _, typ := range connector.Types {
		d.types[typ.Name] = typ
	}
	d.call = task.Call{Run: "run1", Step: "worklog", Started: start}
	return d
}

func (d *driver) run(name, input string) task.Reply {
	d.t.Helper()
	typ, ok := d.types["ism."+name]
	if !ok {
		d.t.Fatalf("there is no task type ism.%s", name)
	}
	call := d.call
	call.Type, call.Input, call.Attempt = typ.Name, json.RawMessage(input), 1
	for range 100 {
		call.Now = d.now
		reply := typ.Run(d.t.Context(), call)
		d.inspect(typ, reply)
		switch {
		case reply.Again != nil:
			d.now, call.Note = d.now.Add(reply.Again.After), reply.Again.Note
		case reply.Failure != nil && reply.Failure.Transient && call.Attempt < d.attempts && (!reply.Failure.Unknown || typ.Effect.Repeatable()):
			d.now = d.now.Add(time.Second)
			call.Attempt++
			call.Recover = call.Recover || reply.Failure.Unknown
		default:
			return reply
		}
	}
	d.t.Fatal("the task has no end")
	return task.Reply{}
}

// inspect holds for every reply: an output fits its type, and no secret is in it.
func (d *driver) inspect(typ task.Type, reply task.Reply) {
	d.t.Helper()
	text, err := json.Marshal(reply)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, secret := range secrets {
		if strings.Contains(string(text), secret) || strings.Contains(string(text), url.QueryEscape(secret)) {
			d.t.Errorf("a reply holds a secret: %s", text)
		}
	}
	switch {
	case reply.Again != nil:
		d.replies = append(d.replies, "again")
	case reply.Failure != nil:
		d.replies = append(d.replies, "failure "+reply.Failure.Code)
	default:
		d.replies = append(d.replies, "output")
		if _, err := typ.Output.Decode(reply.Output); err != nil {
			d.t.Errorf("the output %s does not fit its type: %v", reply.Output, err)
		}
	}
}

// want compares the replies that came.
func (d *driver) want(replies ...string) {
	d.t.Helper()
	if !slices.Equal(d.replies, replies) {
		d.t.Errorf("replies %q, want %q", d.replies, replies)
	}
}

// inSandbox is a driver against the sandbox, whose world is the default one with members added, and the requests it saw.
func inSandbox(t *testing.T, members string) (*driver, *sandbox.Sandbox, *[]string) {
	t.Helper()
	world := strings.TrimSpace(string(sandbox.DefaultWorld()))
	if members != "" {
		world = strings.TrimSuffix(world, "}") + "," + members + "}"
	}
	var d *driver
	box, err := sandbox.New([]byte(world), func() time.Time {
		if d == nil {
			return start
		}
		return d.now
	})
	if err != nil {
		t.Fatal(err)
	}
	d = newDriver(t, task.Environment{Credentials: credential(sandbox.ISMURL), Transport: box.Transport()})
	seen := &[]string{}
	box.Observe(func(e sandbox.Exchange) { *seen = append(*seen, e.Request) })
	return d, box, seen
}

func sent(seen []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(seen), func(r string) bool { return !strings.HasPrefix(r, prefix) })
}

// A script answers requests one after the other; the last one answers for ever.
type script struct {
	answers  []answer
	requests []*http.Request
	bodies   []string
}

type answer struct {
	status     int
	body       string
	retryAfter string
	cut        bool
	err        error // in place of an answer, after the request was sent
	refused    error // in place of an answer, before
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	a := s.answers[min(len(s.bodies), len(s.answers)-1)]
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, string(body))
	if a.refused != nil {
		return nil, a.refused
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.WroteHeaders()
	}
	if a.err != nil {
		return nil, a.err
	}
	var reader io.Reader = strings.NewReader(a.body)
	if a.cut {
		reader = io.MultiReader(reader, broken{})
	}
	header := http.Header{"Location": {"https://elsewhere.example.com/"}}
	if a.retryAfter != "" {
		header.Set("Retry-After", a.retryAfter)
	}
	return &http.Response{
		StatusCode: a.status, Status: fmt.Sprint(a.status), ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(reader), ContentLength: -1, Request: r,
	}, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

func scripted(t *testing.T, answers ...answer) (*driver, *script) {
	s := &script{answers: answers}
	return newDriver(t, task.Environment{Credentials: credential("https://csm.example.com/"), Transport: s}), s
}

func ok(data string) answer {
	return answer{status: 200, body: `{"data":` + data + `,"error":null,"status":"OK"}`}
}

func members(t *testing.T, reply task.Reply) map[string]any {
	t.Helper()
	if reply.Failure != nil {
		t.Fatalf("failed: %+v", *reply.Failure)
	}
	var out map[string]any
	if err := json.Unmarshal(reply.Output, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
