package temporal

import (
	"cmp"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"errand/engine/task"
)

// A worker that was paused sends nothing after the time at which the server may have given its call
// up: neither if the pause comes before the task begins, nor within it, nor if the connection was used
// before.
func TestNothingIsSentAfterALease(t *testing.T) {
	for _, c := range []struct {
		name    string
		beats   func() error // what the first heartbeat does
		before  func(client *http.Client, url string)
		within  time.Duration // how long the task is paused before it sends
		lease   time.Duration // 0 means pausedFor/2, so that it is over after the pause
		arrives bool
	}{
		{name: "no pause", lease: time.Minute, arrives: true},
		{name: "before the task", beats: func() error { time.Sleep(pausedFor); return nil }},
		{name: "within the task", within: pausedFor},
		{name: "within the task, with a connection that is open", within: pausedFor, before: get},
	} {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
			t.Run(c.name+" "+protocol, func(t *testing.T) {
				var arrived atomic.Int32
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/act" {
						arrived.Add(1)
					}
					if r.Proto != protocol {
						t.Errorf("the request came by %s", r.Proto)
					}
				}))
				server.EnableHTTP2 = protocol == "HTTP/2.0"
				server.Config.ErrorLog = log.New(io.Discard, "", 0) // a connection is closed
				server.StartTLS()
				defer server.Close()
				if c.before != nil {
					c.before(server.Client(), server.URL)
				}
				act := task.Define("world.act", "Acts.", task.Once, func(ctx context.Context, _ task.Call, _ struct{}) (struct{}, error) {
					time.Sleep(c.within)
					return struct{}{}, post(ctx, server.Client(), server.URL+"/act")
				})
				a := &activities{
					registry: task.NewRegistry(task.Connector{Name: "world", Title: "World", Description: "Is acted on.", Types: []task.Type{act}}),
					limits:   limits{call: time.Minute, grace: time.Minute, silence: time.Minute, beat: time.Hour, unheard: cmp.Or(c.lease, pausedFor/2)},
					beat: func(context.Context, []byte) error {
						if c.beats != nil {
							return c.beats()
						}
						return nil
					},
				}
				reply := callOnce(t, a, task.Call{Run: "r", Step: "s", Type: "world.act", Input: []byte("{}"), Attempt: 1}).Reply
				if (reply.Failure == nil) != c.arrives || (arrived.Load() > 0) != c.arrives {
					t.Errorf("%d requests arrived; the reply is %s %+v", arrived.Load(), reply.Output, reply.Failure)
				}
			})
		}
	}
}

// pausedFor is how long a pause of the test lasts.
const pausedFor = 500 * time.Millisecond

func get(client *http.Client, url string) {
	if answer, err := client.Get(url + "/"); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

// post sends a request as a connector does.
func post(ctx context.Context, client *http.Client, url string) error {
	ctx, sent := task.Watch(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("body"))
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return sent.Failure("the world", err)
	}
	return answer.Body.Close()
}

// callOnce carries out a call by the activity.
func callOnce(t *testing.T, a *activities, c task.Call) callAnswer {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(a.call, activity.RegisterOptions{Name: activityName})
	value, err := env.ExecuteActivity(activityName, callOrder{Call: c})
	if err != nil {
		t.Fatal(err)
	}
	var answer callAnswer
	if err := value.Get(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// A worker without a task type leaves its calls to another worker. No step fails because of that.
func TestCallOfATypeThatAWorkerLacks(t *testing.T) {
	a := &activities{registry: task.NewRegistry(), limits: usualLimits, beat: func(context.Context, []byte) error { return nil }}
	answer := callOnce(t, a, task.Call{Run: "r", Step: "s", Type: "world.act", Input: []byte("{}"), Attempt: 1})
	if answer.Later == 0 || !strings.Contains(answer.Why, "world.act") || answer.Reply.Failure != nil {
		t.Errorf("got %+v", answer)
	}
}
