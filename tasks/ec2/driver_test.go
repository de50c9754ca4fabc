package ec2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"errand/engine/task"
	"errand/tasks/sandbox"
)

// Canaries: none of them may be in any reply.
const (
	testKey    = "AKIDCANARYCANARY"
	testSecret = "secret/canary/secret"
)

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// A driver calls a task type as the engine would: again where it says so, once more after a failure that may pass, with Recover
// where the outcome is not known. Its clock jumps.
type driver struct {
	t        *testing.T
	types    map[string]task.Type
	ready    func(name string) error
	validate func(name string) []task.Check
	now      time.Time
	call     task.Call
	attempts int      // how often a failure is tried again
	replies  []string // what came, in short, for a test that looks at each
}

// stored is a credential store of one.
type stored map[string]string

func (s stored) Find(_ context.Context, _, name string) (task.Values, error) {
	if name != task.DefaultCredential {
		return nil, nil
	}
	return task.Conceal(s), nil
}

func credential(endpoint string) stored {
	return stored{accessKeyID: testKey, secretAccessKey: testSecret, regionEndpoint: endpoint}
}

func newDriver(t *testing.T, env task.Environment) *driver {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "credentials"), "AWS_MAX_ATTEMPTS": "5",
		"AWS_ACCESS_KEY_ID": "", "AWS_ACCESS_KEY": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_REGION": "",
		"AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_EC2": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_CA_BUNDLE": "",
		"AWS_ENDPOINT_URL_STS": "", "AWS_ROLE_ARN": "", "AWS_ROLE_SESSION_NAME": "",
	} {
		t.Setenv(name, value)
	}
	connector := Connector(env)
	d := &driver{t: t, types: map[string]task.Type{}, now: start, attempts: 5}
	d.ready = func(name string) error { return connector.Ready(t.Context(), name) }
	d.validate = func(name string) []task.Check { return connector.Validate(t.Context(), name) }
	for _, typ := range connector.Types {
		d.types[typ.Name] = typ
	}
	d.call = task.Call{Run: "run1", Step: "start", Started: start}
	return d
}

// run drives one step to its end.
func (d *driver) run(name, input string) task.Reply {
	d.t.Helper()
	typ, ok := d.types[name]
	if !ok {
		d.t.Fatalf("there is no task type %s", name)
	}
	call := d.call
	call.Type, call.Input, call.Attempt = name, json.RawMessage(input), 1
	for range 100 {
		call.Now = d.now
		reply := typ.Run(d.t.Context(), call)
		d.inspect(typ, reply)
		switch {
		case reply.Again != nil:
			d.now, call.Note = d.now.Add(reply.Again.After), reply.Again.Note
			call.Settled = call.Settled || reply.Again.Settled
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

// inspect holds for every reply: exactly one member, an output that fits its type, no secret.
func (d *driver) inspect(typ task.Type, reply task.Reply) {
	d.t.Helper()
	text, err := json.Marshal(reply)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, secret := range []string{testKey, testSecret, roleKey, roleSecret, roleToken, profileKey, profileSecret} {
		if strings.Contains(string(text), secret) {
			d.t.Errorf("a reply holds a secret: %s", text)
		}
	}
	switch {
	case reply.Again != nil:
		d.replies = append(d.replies, "again "+reply.Again.After.String())
	case reply.Failure != nil:
		d.replies = append(d.replies, "failure "+reply.Failure.Code)
	default:
		d.replies = append(d.replies, "output")
		if _, err := typ.Output.Decode(reply.Output); err != nil {
			d.t.Errorf("the output %s does not fit its type: %v", reply.Output, err)
		}
	}
}

// inSandbox is a driver against the sandbox with a world, and the requests that the sandbox saw.
func inSandbox(t *testing.T, world string) (*driver, *sandbox.Sandbox, *[]string) {
	t.Helper()
	var d *driver
	if world == "" {
		world = string(sandbox.DefaultWorld())
	}
	box, err := sandbox.New([]byte(world), func() time.Time {
		if d == nil {
			return start
		}
		return d.now
	})
	if err != nil {
		t.Fatal(err)
	}
	d = newDriver(t, task.Environment{Credentials: credential(sandbox.EC2URL), Transport: box.Transport()})
	seen := &[]string{}
	box.Observe(func(e sandbox.Exchange) { *seen = append(*seen, e.Request) })
	return d, box, seen
}

// A script answers requests one after the other; the last one answers for ever. It keeps the requests' bodies.
type script struct {
	answers []answer
	bodies  []string
	headers []http.Header
}

type answer struct {
	status     int
	body       string
	retryAfter string
	cut        bool  // the body ends too early
	err        error // in place of an answer, after the request was sent
	refused    error // in place of an answer, before
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a := s.answers[min(len(s.bodies), len(s.answers)-1)]
	s.bodies, s.headers = append(s.bodies, string(body)), append(s.headers, r.Header)
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
	header := http.Header{"Content-Type": {"text/xml"}, "Location": {"https://elsewhere.example.com/"}}
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

func xmlError(code, message string) string {
	return "<Response><Errors><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error></Errors><RequestID>r</RequestID></Response>"
}

func scripted(t *testing.T, answers ...answer) (*driver, *script) {
	s := &script{answers: answers}
	return newDriver(t, task.Environment{Credentials: credential("http://ec2.test.invalid"), Transport: s}), s
}

// members are an output's, as JSON.
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
